"""`sweeps.replay_schedule`: trains a trial's schedule of hyperparameters anew, from epoch 0 on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sweeps.events import ProcessBegun
from sweeps.execution import Trainable
from sweeps.face.by_schedule import trained_by_schedule
from sweeps.face.past import check_same, plan_of_past, read_past
from sweeps.face.reproduce import epoch_watch
from sweeps.objective import new_objective
from sweeps.results import load
from sweeps.results.schedule import ScheduleReplay, Segment, number_or_best, schedule_of
from sweeps.schedulers.wrappers.finals import fresh_seeds
from sweeps.space import Space
from sweeps.spec import overridden
from sweeps.store import SPEC_FILE
from sweeps.sweep.planning.checks import check_device
from sweeps.sweep.planning.plan import Plan
from sweeps.sweep.replay import in_own_values
from sweeps.trial import Outcome, Row

_AGAIN = "sweeps.replay_schedule(directory, data=…)"


def replay_schedule(
    directory: str | Path,
    trial: int | None = None,
    *,
    seed: int | None = None,
    train: Trainable | None = None,
    data: Any = None,
    changed_code: bool = False,
    progress: bool = True,
) -> ScheduleReplay:
    """Train one model with the configs that a trial's model was trained with, each from its epoch on.

    It is trained up to the epoch that the trial's objective is from; what was changed after that is left out.
    With the sweep's own seed it comes out as it was, bit for bit; with another one, it is what a finalist's
    repeat is to a sweep whose configs stay as they are: what the schedule is worth without its luck.

    Args:
        directory: The folder of a sweep; it is only read.
        trial: Whose schedule; by default the best one's.
        seed: Of the training; by default a fresh one.
        train, data, changed_code, progress: As in `sweeps.reproduce`.

    Raises:
        BadInput: There is no such sweep or trial, or code or data have changed and nobody has said that this
            is right.

    Example:
        ::

            found = sweeps.replay_schedule("runs/population")
            print(found.then, found.now)
    """
    path = Path(directory).absolute()
    past, result = read_past(path), load(path)
    plan = plan_of_past(overridden(past.search.spec, SPEC_FILE), past.process, train, data, _AGAIN)
    check_same(plan, list(past.reader.every(ProcessBegun)), changed_code)
    check_device(plan.train, plan.spec.device)
    number = number_or_best(result, trial)
    whole = schedule_of(result, number)
    seed = fresh_seeds(plan.spec.seed, 1)[0] if seed is None else seed
    row = next(row for row in result.tables.trials.to_dict("records") if row["trial"] == number)
    epochs = int(row["epochs"] if pd.isna(row["best_epoch"]) else row["best_epoch"])
    schedule = [_own(each, plan.space) for each in whole if each.epoch < max(epochs, 1)]
    watch = epoch_watch() if progress else lambda *_: None
    rows: list[Row] = []
    for report in trained_by_schedule(plan.workload, schedule, epochs, seed):
        rows += [] if report.outcome is Outcome.RUNNING else report.rows
        watch(number, report.epochs, epochs)
    lost = report.outcome.lost
    then = float(row["objective"]) if row["objective"] == row["objective"] else None
    now = None if lost else _objective(plan, rows)
    return ScheduleReplay(number, seed, schedule, plan.spec.metric, then, now, rows)


def _own(segment: Segment, space: Space) -> Segment:
    return segment._replace(config=in_own_values(segment.config, space))


def _objective(plan: Plan, rows: Sequence[Row]) -> float | None:
    objective = new_objective(plan.spec.objective, plan.spec.mode)
    for epoch, row in enumerate(rows, start=1):
        objective.add(epoch, row.get(plan.spec.metric))
    return objective.value
