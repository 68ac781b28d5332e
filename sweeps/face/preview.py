"""`sweeps.plan`, and `caviar run --dry-run`: what a sweep would be, before it is started."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.execution import Trainable
from sweeps.face.execute import check_before
from sweeps.face.run import plan_in_python
from sweeps.face.workers import planned_workers
from sweeps.schedulers import Scheduler
from sweeps.space import Space
from sweeps.spec import DEFAULTS
from sweeps.store import check_free
from sweeps.sweep.planning.plan import Plan
from sweeps.sweep.planning.preview import Preview, preview_of
from sweeps.sweep.progress import Silent


def plan(
    train: Trainable | str | Mapping[str, str],
    *,
    space: Space | Mapping[str, Any] | str,
    data: Any = None,
    out: str | Path | None = None,
    scheduler: str | Scheduler = DEFAULTS.scheduler,
    address: str | None = None,
    serial: bool = False,
    progress: bool = True,
    callbacks: Sequence[Any] = (),
    **keys: Any,
) -> Preview:
    """What `run` would do with the same arguments: nothing is started, and nothing is written.

    The scheduler is asked for a whole sweep with objectives that are made up, and the first configs are
    trained in this process for some epochs, for five seconds at most, so that the time can be estimated. What
    the trainable itself writes or prints meanwhile is not undone.

    Args:
        train, space, data, out, scheduler, address, serial, keys: As in `run`; a scheduler object is copied.
        progress: Show the plan on the error stream.
        callbacks: Not called.

    Returns:
        The first configs, and what is estimated.

    Raises:
        BadInput: `run` would raise it, too; or a scheduler object cannot be copied.

    Examples:
        >>> import sweeps
        >>> space = {"x": sweeps.Uniform(0, 1)}
        >>> found = sweeps.plan(lambda config, run: config["x"], space=space, trials=10, progress=False)
        >>> found.foreseen.trials, found.foreseen.repeats, len(found.foreseen.first)
        (10, 9, 8)
    """
    if not isinstance(scheduler, str):
        scheduler = _copied(scheduler)
    asked = plan_in_python(train, space=space, data=data, scheduler=scheduler, **keys)
    found = preview(asked, out=out, address=address, serial=serial)
    if progress:
        from sweeps.screen.console import Screen
        from sweeps.screen.preview import print_preview

        print_preview(found, Screen(stderr=True))
    return found


def preview(
    plan: Plan, *, out: str | Path | None = None, address: str | None = None, serial: bool = False
) -> Preview:
    """Look at a checked sweep, whose scheduler is used up. Raises the `BadInput` that `execute` would."""
    first = plan.first()
    hints = _Hints()
    check_before(plan, address, serial, hints)
    check_free(out)
    workers, cpus = planned_workers(plan.spec, serial)
    return preview_of(plan, first, workers, cpus, tuple(hints.texts), plan.described.lines)


class _Hints(Silent):
    """Notes the hints."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def hint(self, text: str) -> None:
        self.texts.append(text)


def _copied(scheduler: Scheduler) -> Scheduler:
    try:
        return copy.deepcopy(scheduler)
    except Exception as error:
        rule = f"cannot be copied ({error}), and a dry run would use it up"
        fix = "give its name, or an object that copy.deepcopy copies"
        raise BadInput("scheduler", type(scheduler).__name__, rule, fix) from error
