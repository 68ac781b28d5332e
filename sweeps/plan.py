"""A checked sweep, ready to start: everything that can be wrong with it has been looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput, choices
from sweeps.execution import Trainable, Workload, has_epochs
from sweeps.sampling import SobolSampler
from sweeps.scheduler import NAMES, Scheduler, build_scheduler
from sweeps.space import Config, Space
from sweeps.spec import SweepSpec

_CHECKED_CONFIGS = 32


@dataclass(frozen=True)
class Plan:
    """What a sweep needs. search: folders in which the trainable's module was looked for."""

    spec: SweepSpec
    space: Space
    train: Trainable
    data: Any
    scheduler: Scheduler
    search: tuple[Path, ...] = ()

    @property
    def workload(self) -> Workload:
        return Workload(self.train, self.spec.metric, self.spec.mode, self.data)


def make_plan(
    spec: SweepSpec,
    train: Trainable,
    data: Any,
    scheduler: Scheduler | None = None,
    search: Sequence[Path] = (),
) -> Plan:
    """Check the parts against each other. Raises `BadInput`.

    A trainable may say what it takes and gives, by attributes: `hyperparameters` (names), `metrics`
    (names), `needs_data`, and `check(config)`, which raises ValueError on what it cannot train. What
    it says is held against the space and the metric before anything starts.
    """
    _check_parts(train, scheduler)
    space = Space(spec.space)
    if not has_epochs(train):
        spec = spec.model_copy(update={"epochs": 1})  # a plain function reports once
    _check_metric(spec.metric, tuple(getattr(train, "metrics", ())))
    _check_names(space, frozenset(getattr(train, "hyperparameters", ())))
    if getattr(train, "needs_data", False) and data is None:
        fix = "write data: digits, or data: {path: table.csv, target: column}"
        raise BadInput("data", None, "is missing, and this trainable needs it", fix)
    _check_configs(space, train, spec.seed)
    scheduler = scheduler or build_scheduler(
        spec.scheduler, space, trials=spec.trials, epochs=spec.epochs, mode=spec.mode, seed=spec.seed
    )
    return Plan(spec, space, train, data, scheduler, tuple(search))


def _check_parts(train: object, scheduler: object) -> None:
    if not callable(train):
        raise BadInput("trainable", train, "is not a function", "give train(config, run), or its import path")
    if scheduler is not None and not isinstance(scheduler, Scheduler):
        fix = f"give one with ask, tell, finished and rounds, or a name. Valid: {', '.join(NAMES)}"
        raise BadInput("scheduler", scheduler, "is not a scheduler", fix)


def _check_metric(metric: str, known: Sequence[str]) -> None:
    if known and metric not in known:
        raise BadInput(
            "metric", metric, "is not among the metrics that the trainable reports", choices(known, metric)
        )


def _check_names(space: Space, known: frozenset[str]) -> None:
    for name in space.distributions:
        if known and name not in known:
            fix = choices(known, name)
            raise BadInput(f"space.{name}", name, "is not a hyperparameter of this trainable", fix)


def _check_configs(space: Space, train: Trainable, seed: int) -> None:
    """Hand the trainable's own check a sample of what the space holds."""
    check = getattr(train, "check", None)
    if check is None:
        return
    sampler = SobolSampler(len(space.searched), seed)
    for _ in range(_CHECKED_CONFIGS):
        _check_config(check, space.config(sampler.draw()))


def _check_config(check: Any, config: Config) -> None:
    try:
        check(config)
    except ValueError as error:
        raise as_bad_input(error, "space") from error


def as_bad_input(error: ValueError, parent: str) -> BadInput:
    """Another package's complaint as ours, if it says what is wrong in its attributes; else in its words."""
    if isinstance(error, BadInput):
        return error
    said: Mapping[str, Any] = vars(error)
    place = ".".join(part for part in (parent, said.get("key", "")) if part)
    return BadInput(place, said.get("value"), said.get("rule") or str(error), said.get("fix", ""))
