"""A sweep as a study of Optuna's, in one SQLite file."""

from __future__ import annotations

import math
import sqlite3
import warnings
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from sweeps.export.histories import History, histories
from sweeps.export.ranges import Options, Range, ranges
from sweeps.space import Space
from sweeps.space.value import as_stored
from sweeps.trial import Status

if TYPE_CHECKING:
    from sweeps.results import SweepResult

_STATES = {
    Status.COMPLETED: TrialState.COMPLETE,
    Status.MEASURED: TrialState.COMPLETE,
    Status.PAUSED: TrialState.PRUNED,
    Status.STOPPED: TrialState.PRUNED,
    Status.INTERRUPTED: TrialState.PRUNED,
    Status.RUNNING: TrialState.RUNNING,
    Status.FAILED: TrialState.FAIL,
    Status.INFEASIBLE: TrialState.FAIL,
}


def write(result: SweepResult, path: Path) -> None:
    """One trial of Optuna's for each, by number; hyperparameters that are fixed are attributes of the study.

    Complete trials have their objective as their value, pruned ones too; the metric is their intermediate
    value at each epoch. Attributes of a trial: trial, status, seed, epochs, best_epoch, and, for a finalist
    that was trained again, repeats, the number of the trial whose config it has.
    """
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = _storage(path)
    try:
        _fill(storage, result)
    finally:
        storage.remove_session()
        storage.engine.dispose()
        optuna.logging.set_verbosity(level)


def _storage(path: Path) -> RDBStorage:
    """By a connection of our own: an address could not say every path. The file is moved once it is whole, so
    it need not survive a power cut before."""

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, check_same_thread=False)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    return RDBStorage("sqlite:///study.db", engine_kwargs={"creator": connect})


def _fill(storage: RDBStorage, result: SweepResult) -> None:
    spec = result.spec
    direction = StudyDirection.MINIMIZE if spec["mode"] == "min" else StudyDirection.MAXIMIZE
    study = optuna.create_study(storage=storage, study_name=spec["name"], direction=direction)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.set_metric_names([spec["metric"]])
    for name, value in _attributes(result).items():
        study.set_user_attr(name, value)
    spans = ranges(result, mixed=True)
    distributions = {name: _distribution(span) for name, span in spans.items()}
    for history in histories(result):
        study.add_trial(_trial(history, spec["metric"], spans, distributions))


def _attributes(result: SweepResult) -> dict[str, Any]:
    distributions = Space(result.spec.get("space", {})).distributions
    fixed = {name: as_stored(each.from_unit(0.5)) for name, each in distributions.items() if each.fixed}
    best = {} if result.best is None else {"best": result.best.trial}
    return {"metric": result.spec["metric"], "mode": result.spec["mode"], "fixed": fixed, **best}


def _distribution(span: Range) -> BaseDistribution:
    if isinstance(span, Options):
        return CategoricalDistribution(list(span.names))
    if span.integer:
        step = 1 if span.log or span.step is None else int(span.step)
        return IntDistribution(int(span.low), int(span.high), log=span.log, step=step)
    return FloatDistribution(span.low, span.high, log=span.log, step=None if span.log else span.step)


def _trial(
    history: History, metric: str, spans: dict[str, Range], distributions: dict[str, BaseDistribution]
) -> FrozenTrial:
    state, value = _STATES[history.status], history.objective
    if value is None or not math.isfinite(value):
        value, state = None, TrialState.FAIL if state is TrialState.COMPLETE else state
    active = [name for name in history.config if name in spans]
    ended = None if history.ended is None else datetime.fromtimestamp(history.ended)
    return FrozenTrial(
        number=-1,  # Optuna counts them itself
        trial_id=-1,
        state=state,
        value=None if state in (TrialState.FAIL, TrialState.RUNNING) else value,
        datetime_start=datetime.fromtimestamp(history.began),  # Optuna's are in local time
        datetime_complete=ended,
        params={name: spans[name].shown(history.config[name]) for name in active},
        distributions={name: distributions[name] for name in active},
        user_attrs=dict(history.facts),
        system_attrs={},
        intermediate_values={
            step: number
            for step, number in zip(history.steps, history.metrics.get(metric, ()), strict=False)
            if number is not None
        },
    )
