"""Who uses a cluster on this machine, asked without joining it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ray._private.state import GlobalState
from ray._raylet import GcsClientOptions  # type: ignore[attr-defined]

from cluster.joining import prepare_to_join
from cluster.local.processes import process
from cluster.local.state import KeptCluster


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
    jobs: list[dict[str, Any]] = state.job_table()
    free = state.available_resources().get("CPU", 0.0)
    alive = [job for job in jobs if not job["IsDead"] and process(job["DriverPid"]).runs]
    users = tuple(
        User(job["DriverPid"], job["Entrypoint"]) for job in alive if job["DriverPid"] != kept.head.pid
    )
    return Usage(kept.cpus - free, users)
