"""Ray for as long as a sweep lasts: started here, joined at an address, or found running."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray._private import ray_constants

from cluster.joining import prepare_to_join
from cluster.signals import own_handlers, replaced, spared_from_hangup
from sweeps.errors import BadInput

_PRIVATE = 0o077


@dataclass(frozen=True)
class Session:
    """A connection to Ray.

    Attributes:
        cpus: Of the whole cluster.
        gpus: Of the whole cluster.
        dashboard: Where a browser finds it, "" without one.
        needs_token: Whether the dashboard asks for one.
        is_own: Whether it was started here, for this sweep alone; all workers then run on this machine.
        joined: The address at which it was joined, in words, "" if it was not.
    """

    cpus: int
    gpus: float
    dashboard: str
    needs_token: bool
    is_own: bool
    joined: str = ""

    @property
    def place(self) -> str:
        """Where it is, as it follows "4 workers on Ray"."""
        where = f" at {self.joined}" if self.joined else ""
        hint = " (it asks for a token: run `ray get-auth-token`)" if self.needs_token else ""
        return where + (f", dashboard http://{self.dashboard}{hint}" if self.dashboard else "")


@contextmanager
def ray_session(address: str | None, workers: int | None) -> Iterator[Session]:
    """Connect to Ray, and leave it as it was found.

    Args:
        address: Of a running cluster, or "auto" for the one that runs on this machine. "local" starts one
            here. None uses the Ray that this process is connected to, else the cluster that the variable
            RAY_ADDRESS names, as it does inside a Ray job, else starts one here.
        workers: How many there will be, where a cluster is started for them.

    Yields:
        The connection, until the block ends.

    Raises:
        BadInput: If the cluster cannot be joined, or has too few CPUs for the workers.

    Example:
        with ray_session("10.0.0.1:6379", workers=None) as session:
            print(session.cpus)
    """
    if ray.is_initialized():
        _refuse_another(address)
        yield describe(workers, is_own=False)
        return
    place, address = _choose(address)
    if address not in (None, "auto"):
        prepare_to_join(place, address)
    with quiet_raylet():
        try:
            with own_handlers():
                _start(place, address, workers)
            yield describe(workers, is_own=address is None, joined=_in_words(place, address))
        finally:
            ray.shutdown()


def _refuse_another(address: str | None) -> None:
    if address is not None:
        fix = "leave the address out to use that one, or call ray.shutdown() first"
        rule = "cannot be joined: this process is connected to a Ray already"
        raise BadInput("address", address, rule, fix)


def _choose(address: str | None) -> tuple[str, str | None]:
    """Where an address was given, and the address; None to start a cluster here."""
    if address is not None:
        return "address", None if address == "local" else address
    found = os.environ.get("RAY_ADDRESS", "local")
    if found == "local" or found.startswith(("http://", "https://")):  # where `ray job submit` sends a job
        return "address", None
    return "RAY_ADDRESS", found


def starts_here(address: str | None) -> bool:
    """Whether a cluster would be started on this machine, for one sweep alone."""
    return not ray.is_initialized() and _choose(address)[1] is None


def _in_words(place: str, address: str | None) -> str:
    if address is None:
        return ""
    return f"{address} (from RAY_ADDRESS)" if place == "RAY_ADDRESS" else address


def _start(place: str, address: str | None, workers: int | None) -> None:
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        if address is None:
            start_local(max(workers or 0, usable_cpus()))
        else:
            ray.init(address=address, log_to_driver=False, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        if address is None:
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        fix = "check that a cluster runs there (`ray status`), or give --address local to start one here"
        raise BadInput(place, address, f"cannot be joined: {reason}", fix) from error


def start_local(cpus: int) -> None:
    """Start Ray on this machine, and connect to it."""
    # What Ray writes, its access token above all, is for this user's eyes only.
    before = os.umask(_PRIVATE)
    try:
        with spared_from_hangup(), on_loopback():
            # "local": a bare ray.init would join whatever cluster happens to run on this machine.
            ray.init(address="local", num_cpus=cpus, log_to_driver=False, configure_logging=False)
        with suppress(OSError):
            (Path.home() / ".ray" / "auth_token").chmod(0o600)
        node: Any = ray._private.worker._global_node
        with suppress(OSError):  # Ray opens the folder of its sockets and logs to all, whatever the umask
            Path(node.get_session_dir_path()).chmod(0o700)
    finally:
        os.umask(before)


def on_loopback() -> AbstractContextManager[None]:
    """Around the start of a Ray that no other node joins, or a way to it: all sockets are on loopback."""
    return replaced(ray_constants, "ENABLE_RAY_CLUSTER", False)


def usable_cpus() -> int:
    """CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cluster_cpus() -> int:
    """CPUs of the whole cluster, as it is now."""
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return int(resources.get("CPU", 0))


def describe(workers: int | None, is_own: bool, joined: str = "") -> Session:
    """The Ray that this process is connected to. Raises `BadInput` if it is too small for so many workers."""
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
    needs_token = is_own and os.environ.get("RAY_AUTH_MODE") == "token"
    return Session(cpus, resources.get("GPU", 0.0), dashboard, needs_token, is_own, joined)


def quiet_raylet() -> AbstractContextManager[None]:
    """Keep the raylet's remarks, such as on a worker that died, off the screen; the sweep says so itself."""
    return replaced(ray._private.worker, "print_to_stdstream", lambda *args, **kwargs: None)
