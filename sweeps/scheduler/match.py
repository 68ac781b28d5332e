"""Whether a scheduler that someone made fits the sweep it was handed to."""

from __future__ import annotations

from sweeps.errors import BadInput
from sweeps.scheduler.scheduler import Scheduler
from sweeps.space import Space


def check_made_for(scheduler: Scheduler, space: Space, **sweep: object) -> None:
    """Raise `BadInput` where a scheduler has finished, or says that it was made for another sweep.

    It says so by attributes: `space`, and those named in `sweep`, as `Search` has them. One that has none of
    them, or has something of another type there, is taken as it is.
    """
    if scheduler.finished:
        kind = type(scheduler).__name__
        raise BadInput("scheduler", kind, "has finished already", "make a new one for each sweep")
    theirs = getattr(scheduler, "space", None)
    if isinstance(theirs, Space):
        _check_same_space(theirs, space)
    for name, value in sweep.items():
        made_for = getattr(scheduler, name, value)
        if isinstance(made_for, type(value)) and made_for != value:
            raise _differs(name, made_for, value, "; a plain function has 1" if name == "epochs" else "")


def _check_same_space(theirs: Space, ours: Space) -> None:
    left, right = theirs.to_yaml(), ours.to_yaml()
    for name in {**right, **left}:
        if left.get(name) != right.get(name):
            raise _differs(f"space.{name}", left.get(name), right.get(name))


def _differs(place: str, theirs: object, ours: object, more: str = "") -> BadInput:
    what = "space" if place.startswith("space") else place
    rule = f"is what it was made for, and the sweep has {ours!r}"
    return BadInput(f"scheduler.{place}", theirs, rule, f"give both the same {what}{more}")
