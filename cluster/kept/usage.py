"""Who uses a cluster on this machine, asked without joining it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ray
from ray._private.state import GlobalState
from ray._raylet import GcsClientOptions  # type: ignore[attr-defined]

from cluster.connect.joining import prepare_to_join
from cluster.kept.processes import process
from cluster.kept.state import KeptCluster, find_kept


@dataclass(frozen=True)
class User:
    """A process that is connected to the cluster, such as a sweep's. command: how it was started."""

    pid: int
    command: str


@dataclass(frozen=True)
class Usage:
    """What of a cluster is in use. cpus: by workers. users: whose workers these are."""

    cpus: float
    users: tuple[User, ...]


def usage_of(kept: KeptCluster) -> Usage:
    """What is in use now.

    Raises:
        BadInput: The cluster does not answer, or runs another Ray or Python than this process.
    """
    prepare_to_join("cluster", kept.address)
    new: Any = GlobalState  # without types
    state = new()
    options = GcsClientOptions.create(
        kept.address, None, allow_cluster_id_nil=True, fetch_cluster_id_if_nil=False
    )
    state._initialize_global_state(options)
    free = state.available_resources().get("CPU", 0.0)
    return Usage(kept.cpus - free, tuple(_users(kept, state)))


def is_alone() -> bool:
    """Whether this process, which has joined the cluster that is kept here, is the only one that uses it."""
    kept = find_kept()
    return kept is not None and all(
        user.pid == os.getpid() for user in _users(kept, ray._private.state.state)
    )


def _users(kept: KeptCluster, state: Any) -> Iterator[User]:
    for job in state.job_table():
        pid = job["DriverPid"]
        if pid != kept.head.pid and not job["IsDead"] and process(pid).runs:
            yield User(pid, job["Entrypoint"])
