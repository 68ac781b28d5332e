"""Starts Ray on this machine, for this user alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import ray
from ray._private import ray_constants
from ray.job_config import JobConfig

from cluster.connect.signals import replaced, spared_from_hangup

PRIVATE = 0o077  # as a umask


def start_here(cpus: int, told: Mapping[str, str] | None = None) -> None:
    """Start a Ray with so many CPUs, which ends with this process, and connect to it.

    told: what its dashboard says of this program, as the job's metadata.
    """
    # What Ray writes, its access token above all, is for this user's eyes only.
    before = os.umask(PRIVATE)
    try:
        # Without a node to join it, Ray has no need of the network: all its sockets are on loopback then.
        with spared_from_hangup(), replaced(ray_constants, "ENABLE_RAY_CLUSTER", False):
            # "local": a bare ray.init would join whatever cluster happens to run on this machine.
            ray.init(
                address="local",
                num_cpus=cpus,
                log_to_driver=False,
                configure_logging=False,
                job_config=job_told(told),
            )
        with suppress(OSError):
            (Path.home() / ".ray" / "auth_token").chmod(0o600)
        node: Any = ray._private.worker._global_node
        with suppress(OSError):  # Ray opens the folder of its sockets and logs to all, whatever the umask
            Path(node.get_session_dir_path()).chmod(0o700)
    finally:
        os.umask(before)


def keep_here(cpus: int) -> None:
    """The same in a process whose Ray is for other programs, which join it."""
    # Ray would keep a process of 80 MB for each CPU ready for its first program, and none for later ones.
    os.environ["RAY_prestart_worker_first_driver"] = "0"  # noqa: SIM112 - as Ray spells it
    start_here(cpus)


def join_here(address: str, told: Mapping[str, str] | None = None) -> None:
    """Connect to a Ray that `start_here` has started in another process."""
    # Else this machine's name on the network would be put in place of loopback, where nobody listens.
    with replaced(ray_constants, "ENABLE_RAY_CLUSTER", False):
        ray.init(address=address, log_to_driver=False, configure_logging=False, job_config=job_told(told))


def job_told(told: Mapping[str, str] | None) -> JobConfig:
    """A job of Ray's that its dashboard and `ray list jobs` say this of; the sweep's name becomes the job's.

    Said once: Ray's control store takes a job's metadata when its program connects (`AddJob`), and no call
    changes it later; that of `ray job submit` is in another store, and belongs to who submits. So the best
    objective is no part of it, but a gauge (`cluster/metrics.py`).
    """
    metadata = dict(told or {})
    if "sweep" in metadata:
        metadata["job_name"] = metadata["sweep"]  # what the dashboard's list of jobs has a column for
    return JobConfig(metadata=metadata)


def usable_cpus() -> int:
    """CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
