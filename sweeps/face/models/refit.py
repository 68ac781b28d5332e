"""`caviar refit`: the winner, trained again on training and validation data together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

from sweeps.errors import BadInput
from sweeps.execution import Trainable, Workload
from sweeps.face.by_schedule import trained_by_schedule
from sweeps.face.models.winner import REFIT, ensemble_trials, write_winner
from sweeps.face.past import check_same, plan_of_past, read_past
from sweeps.face.reproduce import Watch, epoch_watch
from sweeps.results import Best, SweepResult, load
from sweeps.results.schedule import Segment, schedule_up_to
from sweeps.results.winner import Trained, about
from sweeps.space import Config
from sweeps.spec import overridden
from sweeps.store import SPEC_FILE, write_folder
from sweeps.sweep.planning.checks import as_bad_input, check_device
from sweeps.sweep.planning.plan import Plan
from sweeps.sweep.replay import in_own_values
from sweeps.trial import Report

_AGAIN = "sweeps.refit(directory, data=…)"
_TEST = "test_"


@dataclass(frozen=True)
class Refit:
    """A winner that was trained again.

    Attributes:
        path: The folder of its model.
        trial, config: Of the winner.
        epochs: For how long it was trained, on each of the seeds.
        schedule: With which configs, and from which epoch on; the last is `config`.
        seeds: That of the model in `path` comes first.
        metrics: Of the test data, the means over the seeds. spreads: Their standard deviations.
        before: The same of the winner as the sweep found it.
    """

    path: Path
    trial: int
    config: dict[str, Any]
    epochs: int
    schedule: Sequence[Segment]
    seeds: tuple[int, ...]
    metrics: dict[str, float]
    spreads: dict[str, float]
    before: dict[str, float]


def refit(
    directory: str | Path,
    *,
    train: Trainable | None = None,
    data: Any = None,
    changed_code: bool = False,
    progress: bool = True,
) -> Refit:
    """Train a sweep's winner on training and validation data, for its best number of epochs.

    It is trained in this process on each of the seeds that its figures are from. The model of the seed that
    `model_trial` has is written to `refit/` in the sweep's folder, and the ensemble of the same members as in
    `best/`; those of other configs are trained for their own best number of epochs. `best/` stays as it is.
    The test data, which chose and trained nothing, say how good it is.

    Args:
        directory: The sweep's folder.
        train: The trainable, where it cannot be imported: a lambda, or a function of a script.
        data: The data, where the sweep was given some in memory; in any form that `run` takes.
        changed_code: Whether a trainable or data that differ from those of the sweep are right all the same.
        progress: Show progress on the error stream.

    Returns:
        What was trained, with its figures on the test data; `sweeps.load(directory).model(refit=True)` is it.

    Raises:
        BadInput: There is no winner, its trainable cannot be refit, it has diverged or failed this time, or
            code or data have changed.
    """
    path = Path(directory).absolute()
    result = load(path)
    best = _best(result)
    past = read_past(path)
    plan = plan_of_past(overridden(past.search.spec, SPEC_FILE), past.process, train, data, _AGAIN)
    check_same(plan, [past.process], changed_code)
    check_device(plan.train, plan.spec.device)
    hook = getattr(plan.train, "refitting", None)
    if hook is None:
        rule = "says no way to count validation data as training data"
        fix = "give it a method refitting(config, data, epochs), which returns config and data to train with"
        raise BadInput("trainable", plan.spec.trainable, rule, fix)
    own = _own(result, best)
    members = _members(result, own, plan)
    trainings, everything = _refitting(hook, {**members, **own}, plan)
    workload = replace(plan.workload, data=everything)
    reports = _trained(workload, trainings, epoch_watch() if progress else lambda *_: None)
    metrics, spreads = _figures([reports[trial] for trial in own])
    known = {"seeds": len(own), "mean": metrics, "spread": spreads, "refit": True}
    models = {trial: (trainings[trial], report) for trial, report in reports.items()}
    write = partial(
        _write,
        train=plan.train,
        data=everything,
        models=models,
        result=result,
        first=next(iter(own)),
        members=list(members),
        known=known,
    )
    write_folder(path / REFIT, write)
    return Refit(
        path=path / REFIT,
        trial=best.trial,
        config=trainings[next(iter(own))].config,
        epochs=best.epoch or 1,
        schedule=trainings[next(iter(own))].schedule,
        seeds=tuple(each.seed for each in own.values()),
        metrics=metrics,
        spreads=spreads,
        before=best.test,
    )


def _best(result: SweepResult) -> Best:
    best = result.best
    if best is None or best.epoch is None:
        rule = "has no winner that was trained here"
        fix = f"go on with it: caviar resume {result.path}"
        raise BadInput("run directory", str(result.path), rule, fix)
    return best


class _Training(NamedTuple):
    """How a model is trained: the configs from their epochs on, for how long, and on which seed."""

    schedule: Sequence[Segment]
    epochs: int
    seed: int

    @property
    def config(self) -> Config:
        """The one at the end."""
        return self.schedule[-1].config


def _own(result: SweepResult, best: Best) -> dict[int, _Training]:
    """The winner on the seeds that it is trained on, by their trials, `model_trial` first."""
    trials = [trial for trial in (result.model_trial, *result.saved_repeats) if trial is not None]
    epochs = best.epoch or 1
    schedule = schedule_up_to(result, best.trial, epochs)
    return {trial: _Training(schedule, epochs, _seed(result, trial)) for trial in trials}


def _members(result: SweepResult, own: Mapping[int, _Training], plan: Plan) -> dict[int, _Training]:
    """The ensemble's, by their trials; empty where there is none."""
    best_epochs, found = result.tables.outcomes.set_index("trial")["best_epoch"], {}
    for trial in ensemble_trials(result, plan.train, plan.data):
        epochs = int(best_epochs[trial])
        training = _Training(schedule_up_to(result, trial, epochs), epochs, _seed(result, trial))
        found[trial] = own.get(trial, training)
    return found


def _seed(result: SweepResult, trial: int) -> int:
    return int(result.tables.outcomes.set_index("trial")["seed"][trial])


def _refitting(hook: Any, trainings: Mapping[int, _Training], plan: Plan) -> tuple[dict[int, _Training], Any]:
    """The same with configs that can do without validation data, and the data to train on."""
    everything, refit = None, {}
    for trial, training in trainings.items():
        schedule = []
        for each in training.schedule:
            own = in_own_values(each.config, plan.space)
            try:
                config, everything = hook(own, plan.data, training.epochs)
            except ValueError as error:
                raise as_bad_input(error, "data") from error
            schedule.append(each._replace(config=config))
        refit[trial] = training._replace(schedule=schedule)
    return refit, everything


def _trained(workload: Workload, trainings: Mapping[int, _Training], watch: Watch) -> dict[int, Report]:
    """The last report of each. Raises `BadInput` where one does not end well."""
    reports = {}
    for trial, (schedule, epochs, seed) in trainings.items():
        for report in trained_by_schedule(replace(workload, epochs=epochs), schedule, epochs, seed):
            watch(trial, report.epochs, epochs)
        if report.outcome.lost or report.checkpoint is None:
            why = (report.error or "it diverged, or saved nothing").strip().splitlines()[-1]
            rule = f"could not be trained again on seed {seed}: {why}"
            raise BadInput("trial", trial, rule, "use the model in best/")
        reports[trial] = report
    return reports


def _figures(reports: Sequence[Report]) -> tuple[dict[str, float], dict[str, float]]:
    """Means and spreads of the test metrics at the last epoch."""
    rows = [report.rows[-1] for report in reports]
    names = [name for name in rows[0] if name.startswith(_TEST)]
    values = {name: [row[name] for row in rows] for name in names}
    spreads = {name: stdev(each) for name, each in values.items() if len(each) > 1}
    return {name: fmean(each) for name, each in values.items()}, spreads


def _write(
    folder: Path,
    *,
    train: Trainable,
    data: Any,
    models: Mapping[int, tuple[_Training, Report]],
    result: SweepResult,
    first: int,
    members: Sequence[int],
    known: dict[str, Any],
) -> None:
    def of(trials: Sequence[int], **more: Any) -> tuple[list[Trained], dict[str, Any]]:
        found = [models[trial] for trial in trials]
        facts = {**about(result, trials), **more}
        facts["origin"] |= {"epochs": [each.epochs for each, _ in found], "repeats": list(trials)}
        return [(each.config, report.checkpoint.state) for each, report in found if report.checkpoint], facts

    own, facts = of([first], **known)
    ensemble = of(members, refit=True) if members else None
    write_winner(folder, train=train, data=data, trained=own, facts=facts, ensemble=ensemble)
