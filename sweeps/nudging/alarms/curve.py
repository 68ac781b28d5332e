"""A learning curve as alarms read it, and what an alarm says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.nudging.alarms.columns import Columns
from sweeps.space import Config

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Alarm:
    """Something is wrong with a model in training, or is about to be.

    Attributes:
        epoch: At which it is told. kind: What it is, in a word. reason: What shows it, in words.
        nudge: The values that are proposed, as `sweeps.nudge` takes them.
        rollback: The epoch to go on from; None to go on from here.
    """

    epoch: int
    kind: str
    reason: str
    nudge: Mapping[str, Any] = field(default_factory=dict)
    rollback: int | None = None

    @property
    def words(self) -> str:
        """The alarm in a line, with the command that does what it proposes."""
        values = " ".join(f"{name}={value}" for name, value in self.nudge.items())
        back = "" if self.rollback is None else f"--rollback {self.rollback} "
        proposed = f"; proposed: {back}{values}" if back or values else ""
        return f"{self.kind} at epoch {self.epoch}: {self.reason}{proposed}"


@dataclass(frozen=True)
class Curve:
    """The epochs since something was changed last, of a model that makes two losses smaller.

    Attributes:
        train, validation: The loss of each epoch. Where the model reports one alone, it stands for both.
        gradient: The gradient's norm; empty where it is not reported.
        config: What is trained with. first: The number of the first of these epochs.
        start: The training loss at the very beginning, by which it is told how much was learned.
        layers: What the network's layers show, by metric; empty where that is not reported.
        left: How many of the promised epochs are left. promised: How many there are; 0 where nobody says.
        given_up: The least learning rate that was lowered so far.
    """

    train: Values
    validation: Values
    gradient: Values
    config: Config
    first: int = 1
    start: float = math.nan
    layers: Mapping[str, Values] = field(default_factory=dict)
    left: int = 0
    promised: int = 0
    given_up: float = math.inf

    @classmethod
    def of(
        cls,
        rows: Sequence[Mapping[str, float]] | Columns,
        config: Config,
        metric: str = "val_loss",
        first: int = 1,
        start: float | None = None,
    ) -> Curve:
        """Of the metrics by epoch. metric: the one of the validation data that gets smaller.

        start: the training loss of epoch 1, where these rows begin later.
        """
        columns = rows if isinstance(rows, Columns) else Columns.of(rows)
        validation = columns.column(metric)
        train = columns.column(metric.replace("val", "train", 1))
        train = validation if np.isnan(train).all() else train
        gradient = columns.column("gradient_norm")
        begun = float(train[0]) if start is None and len(train) else start
        gradient = gradient[:0] if np.isnan(gradient).all() else gradient
        layers = {name: columns.column(name) for name in columns.names if name.startswith("layer")}
        return cls(train, validation, gradient, config, first, math.nan if begun is None else begun, layers)

    @property
    def epoch(self) -> int:
        """The last one."""
        return self.first + len(self.train) - 1

    @property
    def whole(self) -> bool:
        """Whether all losses are finite."""
        return bool(np.isfinite(self.train).all() and np.isfinite(self.validation).all())

    def alarm(
        self, kind: str, reason: str, nudge: Mapping[str, Any] | None = None, rollback: int | None = None
    ) -> Alarm:
        """An alarm at the last epoch."""
        return Alarm(self.epoch, kind, reason, nudge or {}, rollback)


def jitter(values: Values) -> float:
    """How far an epoch's value lies off its neighbours' mean, as a rule: its noise."""
    if len(values) < 3:
        return 0.0
    off = values[1:-1] - (values[:-2] + values[2:]) / 2
    return float(np.median(np.abs(off)) / 0.6745 / math.sqrt(1.5))


def swing_of(values: Values, share: float = 0.4) -> float:
    """Half of what an epoch is off its neighbours; one spike makes three of them large, and is no swing."""
    off = np.abs(values[1:-1] - (values[:-2] + values[2:]) / 2) / 2
    return float(np.quantile(off, share))
