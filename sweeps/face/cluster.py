"""The Ray cluster that is kept on this machine between sweeps: started, looked at and ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import BadInput
from sweeps.face.resolve import check_not_shadowed
from sweeps.store.atomic import write_bytes

if TYPE_CHECKING:
    from cluster.connect.page import Page as Page
    from cluster.kept.state import KeptCluster as KeptCluster
    from cluster.kept.usage import Usage as Usage


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


def dashboard_page(address: str | None) -> Page | None:
    """The dashboard of the cluster at an address, by default the variable RAY_ADDRESS; None without either.

    Raises `BadInput` where it cannot be joined.
    """
    check_not_shadowed("cluster")
    from cluster.connect.joining import named_by_variable

    named = None if address is not None else named_by_variable()
    # A sweep's own Ray says itself where its dashboard is.
    if address is None and named in (None, "local"):
        return None
    from cluster.connect.page import page_of

    return page_of("address", address) if address is not None else page_of("RAY_ADDRESS", named or "")


def stop_cluster(force: bool = False) -> KeptCluster | None:
    """End it; None where none runs. Raises `BadInput` where it is in use, unless by force."""
    check_not_shadowed("cluster")
    from cluster.kept.control import stop

    return stop(force)


def write_dashboards(folder: Path) -> Mapping[str, Path]:
    """Write prometheus.yml and caviar-grafana.json; existing ones are replaced. Returns them by their names.

    Raises `BadInput` where the folder is none.
    """
    check_not_shadowed("cluster")
    from cluster.grafana import discovery_file, grafana_dashboard, prometheus_config

    if folder.exists() and not folder.is_dir():
        raise BadInput("--write", str(folder), "is not a folder", "name a folder; it is made if need be")
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "prometheus.yml": prometheus_config(discovery_file()),
        "caviar-grafana.json": grafana_dashboard(),
    }
    for name, text in texts.items():
        write_bytes(folder / name, text.encode())
    return {name: folder / name for name in texts}
