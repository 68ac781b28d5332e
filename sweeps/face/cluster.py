"""The Ray cluster that is kept on this machine between sweeps: started, looked at and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.face.resolve import check_not_shadowed

if TYPE_CHECKING:
    from cluster.kept.state import KeptCluster as KeptCluster
    from cluster.kept.usage import Usage as Usage
    from sweeps.errors import BadInput


def start_cluster(workers: int | None = None) -> tuple[KeptCluster, bool]:
    """Start it with room for so many workers, by default one per CPU, unless it runs.

    Returns the cluster, and whether it was started just now. Raises `ChildProcessError` where it cannot be.
    """
    check_not_shadowed("cluster")
    from cluster.kept.control import start

    return start(workers)


def cluster_status() -> tuple[KeptCluster, Usage | BadInput] | None:
    """The cluster with who uses it, or why it does not say; None where none runs."""
    check_not_shadowed("cluster")
    from cluster.kept.control import status

    return status()


def stop_cluster(force: bool = False) -> KeptCluster | None:
    """End it; None where none runs. Raises `BadInput` where it is in use, unless by force."""
    check_not_shadowed("cluster")
    from cluster.kept.control import stop

    return stop(force)
