"""Whether longer training would help: where the best epochs lie, overfitting, noise between epochs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from sweeps.analysis.search import Array, Search, curves_of, search_of
from sweeps.analysis.wording import Answer, count, percent
from sweeps.results.result import SweepResult

Verdict: TypeAlias = Literal["longer", "enough", "shorter", "unknown"]

_BEST = 10  # trials that are looked at
_LAST = 0.1  # of the epochs: a best epoch in them says that training was still improving
_PARTED = 0.05  # of what was gained: a rise of the loss after its best epoch that counts as overfitting
_RESTLESS = 0.5  # of the steps in the second half that go up, each as large as those that go down


@dataclass(frozen=True)
class TrainingLength(Answer):
    """Where training the best trials longer, or shorter, leads.

    Attributes:
        table: One row per trial of the best, the best first: `trial`; `best_epoch`; `last_epoch`; `late`,
            whether the best epoch lies in the last tenth; `overfit`, how much of what was gained is lost
            again after it, while the training loss still falls; `jitter`, the median step from epoch to
            epoch in the second half, in parts of what was gained.
        epochs: How long the sweep trains.
        verdict: "longer", "enough" or "shorter"; "unknown" where no trial has trained to its end.
        proposed: The epochs to train for in the next sweep.
        metric: What trials are compared by.
        training: The same of the training data; "" where nobody reported it.
    """

    table: pd.DataFrame
    epochs: int
    verdict: Verdict
    proposed: int
    metric: str = "the metric"
    training: str = ""

    @property
    def late(self) -> int:
        """How many of the best trials were best in the last tenth of their epochs."""
        return int(self.table["late"].sum())

    @property
    def overfits(self) -> int:
        """How many of them overfit."""
        return int((self.table["overfit"] >= _PARTED).sum())

    @property
    def words(self) -> str:
        """Whether to train longer, and what the curves do after their best epoch."""
        if self.verdict == "unknown":
            if self.epochs == 1 and len(self.table):
                return "Trials train for one epoch, so nothing says whether more would help."
            return "No trial has trained to its end yet, so nothing says whether longer training would help."
        return " ".join([self._verdict(), *self._after()])

    def _verdict(self) -> str:
        best = (
            f"the {len(self.table)} best complete trials"
            if len(self.table) > 1
            else "the only complete trial"
        )
        share = f"{self.late} of {best} had a best epoch in the last tenth"
        if len(self.table) == 1:
            share = f"{best} had its best epoch {'in' if self.late else 'before'} the last tenth"
        if self.verdict == "longer":
            return f"Longer training would help: {share} of {self.epochs}; try {self.proposed} epochs."
        middle = int(self.table["best_epoch"].median())
        if self.verdict == "shorter":
            return (
                f"Shorter training would do: the best epoch of {best} is {middle} in the median and "
                f"{int(self.table['best_epoch'].max())} at most, of {self.epochs}; try {self.proposed} "
                f"epochs."
            )
        return f"{self.epochs} epochs are enough: {share}, and the best epoch is {middle} in the median."

    def _after(self) -> list[str]:
        found, number = [], len(self.table)
        if self.overfits:
            lost = self.table.loc[self.table["overfit"] >= _PARTED, "overfit"].median()
            found.append(
                f"{self.overfits} of {count(number, 'trial overfits', 'trials overfit')}: after the best "
                f"epoch {self.metric} gives back {percent(lost)} of its gain in the median"
                f"{f', while {self.training} still gets better' if self.training else ''}."
            )
        jitter = self.table["jitter"].median()
        if jitter > _PARTED:
            found.append(
                f"The curves jitter: from epoch to epoch they move by {percent(jitter)} of all that was "
                "gained, so a best epoch is partly luck; a falling learning rate or averaged weights would "
                "calm them."
            )
        return found


def training_length(result: SweepResult) -> TrainingLength:
    """Whether the best trials still improve when they end.

    Answers the playbook's "Does any trial exhibit problematic overfitting?", "Is there high step-to-step
    variance?" and "Are the trials still improving at the end of training?" (Godbole et al., 2023, "Examining
    the training curves"). It looks at the ten best trials that have trained to their end. Training was too
    short where half of them have their best epoch in the last tenth, too long where all have it in the first
    half. What a trial gained is its first epoch's loss less its best one.
    """
    search = search_of(result)
    best = search.ranking[search.complete[search.ranking]]
    best = best[search.trained[best] > 0][:_BEST]  # one measured elsewhere has no curve here
    curves = curves_of(result, search, best)
    train = curves_of(result, search, best, training_metric(search.metric)) * search.sign
    rows = [_row(int(search.number[p]), c, t) for p, c, t in zip(best, curves, train, strict=True)]
    columns = ["trial", "best_epoch", "last_epoch", "late", "overfit", "jitter"]
    table = pd.DataFrame([row for row in rows if row is not None], columns=columns)
    table = table.astype({"late": bool, "overfit": float, "jitter": float})
    verdict, proposed = _verdict(table, search)
    seen = training_metric(search.metric) if np.isfinite(train).any() else ""
    return TrainingLength(table, search.epochs, verdict, proposed, search.metric, seen)


def training_metric(metric: str) -> str:
    """The name of the training split's metric beside one of the validation split."""
    return "train_" + metric.removeprefix("val_")


def _row(trial: int, curve: Array, train: Array) -> tuple[object, ...] | None:
    known = np.flatnonzero(np.isfinite(curve))
    if not len(known):
        return None
    values = curve[known]
    best, last = int(known[values.argmin()]) + 1, int(known[-1]) + 1
    gained = float(values[0] - values.min())
    late = best > last - max(1, round(_LAST * last)) and last > 1
    return trial, best, last, late, _overfit(curve, train, best, last, gained), _jitter(values, gained)


def _overfit(curve: Array, train: Array, best: int, last: int, gained: float) -> float:
    """How much of what was gained is lost after the best epoch; 0 where the training loss rises as well."""
    falls = not np.isfinite(train[[best - 1, last - 1]]).all() or train[last - 1] <= train[best - 1]
    lost = float(curve[last - 1] - curve[best - 1])
    return lost / gained if falls and gained > 0 else 0.0


def _jitter(values: Array, gained: float) -> float:
    """The median size of a step against the trend in the second half, in parts of what was gained; 0 where
    the steps go one way."""
    steps = np.diff(values[len(values) // 2 :])
    if len(steps) < 4 or gained <= 0:
        return 0.0
    against = min((steps > 0).mean(), (steps < 0).mean())
    return float(np.median(np.abs(steps)) / gained) if against >= _RESTLESS / 2 else 0.0


def _verdict(table: pd.DataFrame, search: Search) -> tuple[Verdict, int]:
    if table.empty or search.epochs == 1:
        return "unknown", search.epochs
    if table["late"].mean() >= 0.5:
        return "longer", 2 * search.epochs
    latest = int(table["best_epoch"].max())
    if len(table) >= 3 and latest <= search.epochs / 2:
        return "shorter", min(search.epochs, max(1, math.ceil(1.25 * latest)))
    return "enough", search.epochs
