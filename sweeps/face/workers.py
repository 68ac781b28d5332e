"""How many workers a sweep gets, with what, and what its user should know of that before they start."""

from __future__ import annotations

from collections.abc import Iterator

from sweeps.errors import BadInput, shortened
from sweeps.face.resolve import check_not_shadowed
from sweeps.spec import DEFAULTS, Resources, SweepSpec, amount_text

_MOST_A_CPU = 16


def most_workers(spec: SweepSpec) -> int:
    """How many workers can have something to train at once: there are no more trials, nor repeats.

    Examples:
        >>> most_workers(SweepSpec(trials=2, finalists=False, space={"x": 1}))
        2
    """
    return max(spec.trials, min(spec.finalists.top, spec.trials) * spec.finalists.seeds)


def wanted_workers(spec: SweepSpec) -> int | None:
    """How many are to be started; None for as many as have room, but no more than `most_workers`."""
    return None if spec.workers is None else min(spec.workers, most_workers(spec))


def planned_workers(spec: SweepSpec, serial: bool) -> tuple[int, int]:
    """How many workers a sweep on this machine has, and for how many there are CPUs."""
    if serial:
        return 1, 1
    check_not_shadowed("cluster")
    from cluster.connect.ray_here import usable_cpus

    room = max(1, int(usable_cpus() / spec.resources.cpus))
    return wanted_workers(spec) or min(room, most_workers(spec)), room


def worker_hints(spec: SweepSpec, address: str | None, serial: bool) -> Iterator[str]:
    """What looks like a slip in the number of workers or what they get, as soon as anything does.

    Raises:
        BadInput: There are far more than this machine could train at once, or it has too little for one.
    """
    if serial:
        yield from _serial_hints(spec)
        return
    workers = wanted_workers(spec)
    if workers is None and spec.resources == DEFAULTS.resources:
        return
    check_not_shadowed("cluster")
    from cluster.connect.ray_here import usable_cpus
    from cluster.session import starts_here

    cpus, needed = usable_cpus(), (workers or 1) * spec.resources.cpus
    if not starts_here(address, needed):  # a cluster that is there already has its own limits
        return
    here = f"{cpus} CPU{'s' if cpus > 1 else ''} of this machine"
    _check_one(spec.resources, cpus, here)
    if workers is None or needed <= cpus:
        return
    room = max(1, int(cpus / spec.resources.cpus))
    if workers > _MOST_A_CPU * room:
        rule = f"is more than {_MOST_A_CPU} for each of the {here}"
        fix = f"give at most {_MOST_A_CPU * room}, better {room}; or join a larger cluster with --address"
        raise BadInput("workers", spec.workers, rule, fix)
    each = "" if spec.resources.cpus == 1 else f", with {spec.resources.cpus:g} for each"
    pays = "which pays only where trainables wait"
    yield f"workers: {workers} share the {here}{each}, {pays}; is it workers: {room}?"


def _check_one(resources: Resources, cpus: int, here: str) -> None:
    """Whether one worker would find a place on a Ray that is started here, as far as is known before."""
    if resources.cpus > cpus:
        fix = f"give at most {cpus}, or join a larger cluster with --address"
        raise BadInput("resources.cpus", resources.cpus, f"is more than the {here}", fix)
    if resources.custom:
        rule = "is nothing that a Ray which is started here has"
        fix = "join a cluster that was started with it (--address), or leave it out"
        raise BadInput("resources.custom", dict(resources.custom), rule, fix)


def _serial_hints(spec: SweepSpec) -> Iterator[str]:
    here = "a serial sweep trains in this process"
    if spec.workers is not None:
        yield f"workers: {spec.workers} is not used: {here}"
    given = {"GPU": spec.resources.gpus, "memory": spec.resources.memory, **spec.resources.custom}
    unused = [amount_text(name, amount) for name, amount in given.items() if amount is not None]
    if unused:
        yield f"resources: {shortened(unused)} {'have' if len(unused) > 1 else 'has'} no effect: {here}"
