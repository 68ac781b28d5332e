"""How many workers a sweep gets, and what its user should know of that before they start."""

from __future__ import annotations

from collections.abc import Iterator

from sweeps.errors import BadInput
from sweeps.face.resolve import check_not_shadowed
from sweeps.spec import SweepSpec

_MOST_A_CPU = 16


def most_workers(spec: SweepSpec) -> int:
    """How many workers can have something to train at once: there are no more trials, nor repeats.

    Example:
        >>> most_workers(SweepSpec(trials=2, finalists=False, space={"x": 1}))
        2
    """
    return max(spec.trials, min(spec.finalists.top, spec.trials) * spec.finalists.seeds)


def wanted_workers(spec: SweepSpec) -> int | None:
    """How many are to be started; None for one per CPU, but no more than `most_workers`."""
    return None if spec.workers is None else min(spec.workers, most_workers(spec))


def planned_workers(spec: SweepSpec, serial: bool) -> tuple[int, int]:
    """How many workers a sweep on this machine has, and how many CPUs there are for them."""
    if serial:
        return 1, 1
    check_not_shadowed("cluster")
    from cluster.local.ray_here import usable_cpus

    cpus = usable_cpus()
    return wanted_workers(spec) or min(cpus, most_workers(spec)), cpus


def worker_hints(spec: SweepSpec, address: str | None, serial: bool) -> Iterator[str]:
    """What looks like a slip in the number of workers, as soon as anything does.

    Raises:
        BadInput: There are far more than this machine could train at once.
    """
    workers = wanted_workers(spec)
    if serial and spec.workers is not None:
        yield f"workers: {spec.workers} is not used: a serial sweep trains in this process"
    if serial or workers is None:
        return
    check_not_shadowed("cluster")
    from cluster.local.ray_here import usable_cpus
    from cluster.session import starts_here

    cpus = usable_cpus()
    if workers <= cpus or not starts_here(
        address, workers
    ):  # a cluster that is there already has its own limit
        return
    here = f"{cpus} CPU{'s' if cpus > 1 else ''} of this machine"
    if workers > _MOST_A_CPU * cpus:
        rule = f"is more than {_MOST_A_CPU} for each of the {here}"
        fix = f"give at most {_MOST_A_CPU * cpus}, better {cpus}; or join a larger cluster with --address"
        raise BadInput("workers", spec.workers, rule, fix)
    pays = "which pays only where trainables wait"
    yield f"workers: {workers} share the {here}, {pays}; is it workers: {cpus}?"
