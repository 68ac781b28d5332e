"""A sweep as an experiment of MLflow's, in the SQLite file of a store: mlflow.db in a folder."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

from sweeps.export.histories import History, as_text, histories
from sweeps.logs import errors_alone
from sweeps.trial import Status

if TYPE_CHECKING:
    from sweeps.results import SweepResult

DATABASE = "mlflow.db"
OBJECTIVE = "caviar.objective"  # a metric of the user's may be called objective
ARTIFACTS = "mlflow-artifacts:/caviar"  # there are none; this place is right wherever the folder is moved
_METRICS_A_CALL, _PARAMS_A_CALL = 1000, 100  # the most that MLflow takes
_LONGEST = 5000  # characters of a tag or a parameter, of which MLflow takes 6000
_LONGEST_NAME = 250
_FORBIDDEN = re.compile(r"[^\w.\- :/]", re.ASCII)  # in the name of a metric
ENDS = {
    Status.COMPLETED: "FINISHED",
    Status.MEASURED: "FINISHED",
    Status.PAUSED: "KILLED",
    Status.STOPPED: "KILLED",
    Status.INTERRUPTED: "KILLED",
    Status.FAILED: "FAILED",
    Status.INFEASIBLE: "FAILED",
}
_T = TypeVar("_T")


def write(result: SweepResult, path: Path) -> None:
    """A run a trial: parameters as text, metrics by epoch, tags ``caviar.status``, ``caviar.seed`` and more.

    The store is written elsewhere first: an address of SQLite's cannot say every path.
    """
    path.mkdir()
    with tempfile.TemporaryDirectory() as folder, errors_alone("mlflow.store.db"):
        client = MlflowClient(f"sqlite:///{folder}/{DATABASE}")
        experiment = client.create_experiment(result.spec["name"], artifact_location=ARTIFACTS)
        names: dict[str, str] = {}
        for history in histories(result):
            _add(client, experiment, history, names)
        shutil.move(Path(folder, DATABASE), path / DATABASE)


def _add(client: MlflowClient, experiment: str, history: History, names: dict[str, str]) -> None:
    run = begin(client, experiment, history)
    report(client, run, history, names)
    if history.ended is not None:
        client.set_terminated(run, ENDS[history.status], round(history.ended * 1000))


def begin(
    client: MlflowClient, experiment: str, history: History, tags: Mapping[str, str] | None = None
) -> str:
    """A new run with the trial's parameters and what is known of it; gives the run's id."""
    run: str = client.create_run(
        experiment, round(history.began * 1000), {**tags_of(history), **(tags or {})}, history.name
    ).info.run_id
    params = [
        Param(name[:_LONGEST_NAME], as_text(value)[:_LONGEST]) for name, value in history.config.items()
    ]
    for some in _chunks(iter(params), _PARAMS_A_CALL):
        client.log_batch(run, params=some)
    return run


def report(client: MlflowClient, run: str, history: History, names: dict[str, str]) -> None:
    """The metrics of the history's epochs, and the objective. names: of metrics so far, by our own."""
    for numbers in _chunks(_metrics(history, names), _METRICS_A_CALL):
        client.log_batch(run, metrics=numbers)


def tags_of(history: History) -> dict[str, str]:
    """What is known of a trial beside its config and its metrics."""
    return {f"caviar.{name}": str(value)[:_LONGEST] for name, value in history.facts.items()}


def _metrics(history: History, names: dict[str, str]) -> Iterator[Metric]:
    for step, moment, row in history.reported():
        for name, value in row.items():
            yield Metric(_named(name, names), value, round(moment * 1000), step)
    if history.objective is not None:
        yield Metric(OBJECTIVE, history.objective, round(history.over * 1000), history.best_epoch or 0)


def _named(name: str, names: dict[str, str]) -> str:
    """A metric's name as MLflow allows it, another one for each. names: those given so far, by our own."""
    if name not in names:
        plain = _FORBIDDEN.sub("_", name)[: _LONGEST_NAME - 10].strip("/.") or "metric"
        taken = {*names.values(), OBJECTIVE}
        names[name] = plain if plain not in taken else f"{plain}_{len(taken)}"
    return names[name]


def _chunks(items: Iterator[_T], size: int) -> Iterator[Sequence[_T]]:
    while some := list(islice(items, size)):
        yield some
