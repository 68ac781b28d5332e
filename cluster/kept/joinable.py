"""Whether a sweep can use the cluster that is kept on this machine."""

from __future__ import annotations

import sys

from cluster.connect.joining import prepare_to_join
from cluster.kept.state import KeptCluster, find_kept
from sweeps.errors import BadInput, shown


def joinable(cpus: float) -> tuple[KeptCluster | None, str]:
    """The cluster, if it runs and can be joined by a sweep.

    Args:
        cpus: How many it needs at least.

    Returns:
        The cluster, or None; and why one that runs is not used, as a notice, "" where none runs.
    """
    kept = find_kept()
    why = _why_not(kept, cpus) if kept is not None else ""
    if kept is None or not why:
        return kept, ""
    own = "Ray is started for this sweep alone"
    return None, f"the cluster at {kept.address} (caviar cluster) is not used, it {why}: {own}"


def _why_not(kept: KeptCluster, cpus: float) -> str:
    if cpus > kept.cpus:
        return f"has {kept.cpus} CPU{'s' if kept.cpus != 1 else ''} and not {cpus:g}"
    if kept.prefix != sys.prefix:
        return f"runs the Python of {shown(kept.prefix)}"
    try:
        prepare_to_join("cluster", kept.address)
    except BadInput as error:
        return error.rule
    return ""
