"""A trial's objective: what its metric's values, epoch by epoch, come to by the sweep's rule."""

from __future__ import annotations

import math
from collections import deque
from typing import Protocol

from sweeps.spec.objective import ObjectiveRule
from sweeps.trial import Mode, is_better


class Objective(Protocol):
    """The objective of one trial as its epochs come in.

    Attributes:
        value: The objective so far, None before the first finite value of the metric.
        epoch: The epoch whose model has it, counted from 1, None like `value`.
    """

    value: float | None
    epoch: int | None

    def add(self, epoch: int, value: float | None) -> None:
        """Take in the next epoch; None, where the metric was not reported, changes nothing."""


def new_objective(rule: ObjectiveRule, mode: Mode) -> Objective:
    """The objective of a trial that has no epoch behind it."""
    if rule.kind == "best":
        return BestEpoch(mode)
    return MeanOfLast(1 if rule.kind == "last" else rule.k)


def standing(objective: float, complete: bool, rule: ObjectiveRule, mode: Mode) -> tuple[bool, float]:
    """Where a trial stands among the trials of a sweep: the smallest is the best.

    The best epoch so far can only get better, so all trials are compared by it. The last epochs can get
    worse: by them, a trial that has not trained to its end is behind every one that has, since nobody knows
    what it would have come to.

    Args:
        objective: The trial's, by the rule.
        complete: Whether it has trained for all its epochs, or ended by itself.
        rule: How a trial's epochs make its objective.
        mode: Whether a smaller or a larger objective is better.

    Examples:
        >>> last = ObjectiveRule("last")
        >>> standing(0.5, True, last, "min") < standing(0.4, False, last, "min")
        True
    """
    return rule.kind != "best" and not complete, objective if mode == "min" else -objective


class BestEpoch:
    """The best value of all epochs, and the first epoch that has it."""

    __slots__ = ("_mode", "epoch", "value")

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self.value: float | None = None
        self.epoch: int | None = None

    def add(self, epoch: int, value: float | None) -> None:
        if value is None or not math.isfinite(value):
            return
        if self.value is None or is_better(value, self.value, self._mode):
            self.value, self.epoch = value, epoch


class MeanOfLast:
    """The mean of the last `count` values, or of as many as there are; its model is the last epoch's.

    A single lucky epoch moves it by a part of `count` only.
    """

    __slots__ = ("_values", "epoch", "value")

    def __init__(self, count: int) -> None:
        self._values: deque[float] = deque(maxlen=count)
        self.value: float | None = None
        self.epoch: int | None = None

    def add(self, epoch: int, value: float | None) -> None:
        if value is None or not math.isfinite(value):
            return
        self._values.append(value)
        self.value, self.epoch = sum(self._values) / len(self._values), epoch
