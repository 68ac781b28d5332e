"""A checked sweep, ready to start: everything that can be wrong with it has been looked at."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput, choices
from sweeps.execution import RESERVED, Command, Trainable, Workload, has_epochs, packs
from sweeps.knowledge import Knowledge, Overlap, overlap
from sweeps.schedulers import (
    NAMES,
    Allowed,
    Finals,
    InWaves,
    Legal,
    Observation,
    PopulationTraining,
    Retune,
    Scheduler,
    build_scheduler,
    check_made_for,
    is_population,
)
from sweeps.space import Space
from sweeps.spec import SweepSpec, versions
from sweeps.store import Described
from sweeps.sweep.planning.checks import check_configs, check_data, goes_on, legality
from sweeps.sweep.planning.hints import hints
from sweeps.sweep.planning.learn_from import earlier_sweeps, other_data
from sweeps.sweep.planning.start_with import observed_first


@dataclass(frozen=True)
class Plan:
    """What a sweep needs."""

    spec: SweepSpec
    space: Space
    train: Trainable
    data: Any
    scheduler: Finals
    earlier: tuple[Knowledge, ...] = ()
    """What earlier sweeps have found that it learns from."""
    base: Path = Path()
    """Where the paths in the spec start."""
    columns_before: tuple[Mapping[str, Any], ...] = ()
    """Summaries of the columns of the data that an earlier sweep had, whose winner is tried again."""

    def first(self) -> list[Observation]:
        """Trials that are known, or wait to be trained before all others, for a sweep that begins.

        Raises:
            BadInput: One of them cannot be.
        """
        form = self.spec.start_with
        return [] if form is None else observed_first(form, self.space, self.base, self.spec, self.data)

    @property
    def workload(self) -> Workload:
        spec = self.spec
        return Workload(
            self.train,
            spec.metric,
            spec.mode,
            self.data,
            spec.device,
            spec.epochs,
            spec.objective,
            spec.resources,
            by_layer=self.scheduler.babysat is not None,
        )

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names that the trainable says it reports, none where it does not say."""
        return _metrics(self.train, self.data)

    @property
    def own_versions(self) -> dict[str, str]:
        """Of what the trainable says that its results depend on."""
        said = getattr(self.train, "versions", None)
        return {str(name): str(of) for name, of in said.items()} if isinstance(said, Mapping) else {}

    @property
    def versions(self) -> dict[str, str]:
        """Those, and Python's and the main packages'."""
        return {**self.own_versions, **versions()}

    @property
    def described(self) -> Described:
        """What the trainable says of the data; nothing where it does not say."""
        describe = getattr(self.train, "describe", None)
        if describe is None or self.data is None:
            return Described()
        said = describe(self.data)
        columns = tuple(getattr(said, "columns", ()))
        return Described(tuple(said.lines), said.baselines, columns, self.columns_before)

    @property
    def learns(self) -> tuple[Overlap, ...]:
        """What each earlier sweep that it learns from has in common with it."""
        folders = [self.base / Path(each.name).expanduser() for each in self.earlier]
        return tuple(
            overlap(each, self.space, other_data(folder, self.spec, self.data))
            for each, folder in zip(self.earlier, folders, strict=True)
        )

    @property
    def hints(self) -> tuple[str, ...]:
        """What is allowed and yet looks like a slip."""
        return hints(self.spec, self.space, self.data, self.metrics)


def make_plan(
    spec: SweepSpec,
    train: Trainable,
    data: Any,
    scheduler: Scheduler | None = None,
    base: Path | None = None,
    earlier: Sequence[Knowledge] | None = None,
) -> Plan:
    """Check the parts against each other. Raises `BadInput`.

    A trainable may say what it takes and gives, by attributes: `hyperparameters` (names), `metrics` (names,
    or a function of the data that gives them), `data_type` (a class), `check_data(data)`, `check(config,
    data)` and `check_device(device)`, which raise ValueError on what it cannot train or train on. What it
    says is held against the space, the metric, the data and the device before anything starts. So is what a
    scheduler says it was made for, by `space`, `trials`, `epochs`, `mode` and `seed`. With `extend`, the
    `check` is asked again where a range would grow. `versions`, by name, are kept in the log and in
    spec.yaml, and a resumed sweep says which of them are others. `describe(data)` gives `lines` to be shown
    before the start, `baselines`, the metrics of models that every summary compares with, and, if it likes,
    `columns`, a summary of each column, by which a later retune sees a drift. base: where the paths in a spec
    start, by default here. earlier: what earlier sweeps have found, by default in the folders that the spec
    names.
    """
    _check_parts(train, scheduler)
    space = Space(spec.space)
    if not has_epochs(train):
        spec = spec.model_copy(update={"epochs": 1})  # a plain function reports once
    _check_names(space, frozenset(getattr(train, "hyperparameters", ())))
    if isinstance(train, Command):
        train.check_names(list(space.distributions))
    _check_data(data, getattr(train, "data_type", object))
    check_data(train, data)
    _check_metric(spec.metric, _metrics(train, data))
    check_configs(space, train, data, spec.seed)
    if earlier is None and spec.learn_from:
        earlier = earlier_sweeps(spec.learn_from, space, base or Path())
    legal = legality(train, data)
    search = _scheduler(scheduler, spec, space, legal, goes_on(train, legal), earlier or ())
    _check_finalists(search, spec)
    return Plan(spec, space, train, data, _with_finals(search, spec), tuple(earlier or ()), base or Path())


def _with_finals(scheduler: Scheduler, spec: SweepSpec) -> Finals:
    # Finals around waves, not in them: which repeats there are does not depend on who is first.
    search = InWaves(scheduler) if spec.deterministic else scheduler
    return Finals(
        search,
        top=0 if _is_check(spec) else spec.finalists.top,  # a check races its own rivals
        seeds=spec.finalists.seeds,
        epochs=spec.epochs,
        mode=spec.mode,
        seed=spec.seed,
        rule=spec.objective,
        always=(0,) if spec.retune is not None and spec.retune.search else (),  # the earlier winner
    )


def _check_finalists(search: Scheduler, spec: SweepSpec) -> None:
    if spec.finalists.top and (is_population(spec.scheduler) or isinstance(search, PopulationTraining)):
        rule = "train one config again, and a member of a population was trained with several"
        fix = "write finalists: false; afterwards caviar replay DIR --schedule trains the best schedule anew"
        raise BadInput("finalists", spec.finalists.to_yaml(), rule, fix)


def _is_check(spec: SweepSpec) -> bool:
    """Whether an earlier winner is tried again, and has not lost yet."""
    return spec.retune is not None and not spec.retune.search


def _scheduler(
    given: Scheduler | None,
    spec: SweepSpec,
    space: Space,
    legal: Legal,
    allowed: Allowed,
    earlier: Sequence[Knowledge],
) -> Scheduler:
    if given is None and spec.retune is not None and not spec.retune.search:
        return Retune(
            space, trials=spec.trials, epochs=spec.epochs, mode=spec.mode, seed=spec.seed, rule=spec.retune
        )
    if given is None:
        return build_scheduler(
            spec.scheduler,
            space,
            trials=spec.trials,
            epochs=spec.epochs,
            mode=spec.mode,
            seed=spec.seed,
            extend=legal if spec.extend else None,
            allowed=allowed,
            earlier=earlier,
        )
    if earlier:
        fix = "make it with CoarseToFine(…, earlier=knowledge), or name it: scheduler: coarse_to_fine"
        raise BadInput(
            "learn_from", spec.learn_from, "comes too late for a scheduler that is made already", fix
        )
    if spec.extend:
        fix = "make it with CoarseToFine(…, extend=legal), where legal(config) says whether it can be trained"
        raise BadInput("extend", True, "comes too late for a scheduler that is made already", fix)
    check_made_for(given, space, trials=spec.trials, epochs=spec.epochs, mode=spec.mode, seed=spec.seed)
    return given


def _check_parts(train: object, scheduler: object) -> None:
    if isinstance(train, type) or not (callable(train) or packs(train)):
        kind = "a class" if isinstance(train, type) else f"a {type(train).__name__}"
        raise BadInput(
            "trainable", train, f"is {kind}, not a function", "give train(config, run), or its import path"
        )
    try:
        if callable(train):
            inspect.signature(train).bind({}, None)
    except TypeError as error:
        raise BadInput(
            "trainable", train, f"cannot be called: {error}", "define it as train(config, run)"
        ) from None
    except ValueError:
        pass  # a function written in C tells no signature
    if scheduler is not None and (isinstance(scheduler, type) or not isinstance(scheduler, Scheduler)):
        fix = f"give an object with ask, tell, finished and rounds, or a name. Valid: {', '.join(NAMES)}"
        raise BadInput("scheduler", scheduler, "is not a scheduler", fix)


def _check_data(data: Any, wanted: type) -> None:
    if isinstance(data, wanted):
        return
    fix = "write data: digits, or data: {path: table.csv, target: column}; in Python, trainer.load_data"
    rule = "is missing" if data is None else f"is a {type(data).__name__}"
    raise BadInput("data", data, f"{rule}, and this trainable needs a {wanted.__name__}", fix)


def _check_metric(metric: str, known: Sequence[str]) -> None:
    if metric in RESERVED:
        raise BadInput(
            "metric", metric, "is a column of the metrics table already", "name a metric that is reported"
        )
    if known and metric not in known:
        raise BadInput(
            "metric", metric, "is not among the metrics that the trainable reports", choices(known, metric)
        )


def _check_names(space: Space, known: frozenset[str]) -> None:
    for name in space.distributions:
        if known and name not in known:
            fix = choices(known, name)
            raise BadInput(f"space.{name}", name, "is not a hyperparameter of this trainable", fix)


def _metrics(train: Trainable, data: Any) -> tuple[str, ...]:
    said = getattr(train, "metrics", ())
    return tuple(said(data) if callable(said) else said)
