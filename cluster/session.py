"""Ray for as long as a sweep lasts: started here, joined at an address, or found running."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from sweeps.errors import BadInput

_PRIVATE = 0o077
_KNOCK_SECONDS = 5.0
_ADDRESS_FIX = "check that a cluster runs there (`ray status`), or leave --address out to start one here"


@dataclass(frozen=True)
class Session:
    """A connection to Ray. dashboard: where a browser finds it, "" without one."""

    cpus: int
    gpus: float
    dashboard: str
    needs_token: bool

    def __str__(self) -> str:
        if not self.dashboard:
            return ""
        hint = " (it asks for a token: run `ray get-auth-token`)" if self.needs_token else ""
        return f"http://{self.dashboard}{hint}"


@contextmanager
def ray_session(address: str | None, workers: int | None) -> Iterator[Session]:
    """Connect to Ray, and leave it as it was found.

    address: of a running cluster; None starts one on this machine, or uses the Ray this process is
        already connected to. workers: how many there will be, where a cluster is started for them.
    Raises `BadInput` if the address does not answer or the cluster has too few CPUs for the workers.
    """
    if address is not None:
        _check_address(address)
    if ray.is_initialized():
        yield _describe(workers, owned=False)
        return
    with _quiet_raylet():
        _start(address, workers)
        try:
            yield _describe(workers, owned=address is None)
        finally:
            ray.shutdown()


def _start(address: str | None, workers: int | None) -> None:
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        if address is None:
            _start_local(max(workers or 0, usable_cpus()))
        else:
            ray.init(address=address, log_to_driver=False, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput("address", address, f"cannot be joined: {reason}", _ADDRESS_FIX) from error


def _check_address(address: str) -> None:
    """Ray itself would knock at a closed door for many minutes."""
    if ray.is_initialized():
        fix = "leave the address out to use that one, or call ray.shutdown() first"
        raise BadInput(
            "address", address, "cannot be joined: this process is connected to a Ray already", fix
        )
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if "/" in address or not host or not port.isdigit():
        raise BadInput("address", address, "is not of the form host:port", "write 10.0.0.1:6379, or auto")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise BadInput("address", address, f"cannot be reached: {error}", _ADDRESS_FIX) from error


def _start_local(cpus: int) -> None:
    # What Ray writes, its access token above all, is for this user's eyes only.
    before = os.umask(_PRIVATE)
    try:
        # "local": a bare ray.init would join whatever cluster happens to run on this machine.
        ray.init(address="local", num_cpus=cpus, log_to_driver=False, configure_logging=False)
        with suppress(OSError):
            (Path.home() / ".ray" / "auth_token").chmod(0o600)
    finally:
        os.umask(before)


def usable_cpus() -> int:
    """CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _describe(workers: int | None, owned: bool) -> Session:
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    cpus = int(resources.get("CPU", 0))
    if cpus < 1:
        raise BadInput(
            "address", cpus, "CPUs are in the cluster, and a worker needs one", "start Ray with num_cpus"
        )
    if workers is not None and workers > cpus:
        raise BadInput(
            "workers", workers, f"is more than the {cpus} CPUs of the cluster", f"give at most {cpus}"
        )
    dashboard = getattr(ray._private.worker._global_node, "webui_url", None) or ""
    needs_token = owned and os.environ.get("RAY_AUTH_MODE") == "token"
    return Session(cpus, resources.get("GPU", 0.0), dashboard, needs_token)


@contextmanager
def _quiet_raylet() -> Iterator[None]:
    """Keep the raylet's remarks, such as on a worker that died, off the screen; the sweep says so itself."""
    worker: Any = ray._private.worker
    before = worker.print_to_stdstream
    worker.print_to_stdstream = lambda *args, **kwargs: None
    try:
        yield
    finally:
        worker.print_to_stdstream = before
