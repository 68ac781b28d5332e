"""Whether early epochs mislead: how well the order at a rung foretells the order at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeps.analysis.search import Array, Indices, Search, curves_of, objectives, sampled, search_of
from sweeps.analysis.wording import Answer, count, percent
from sweeps.results.result import SweepResult
from sweeps.trial import Status

_MOST_TRIALS = 20_000  # that have a curve read
_MOST_RUNGS = 8
_FEWEST = 4  # pairs of numbers for a correlation with an interval
_MISLEADS = 0.5  # a correlation below it
_MANY_LATE = 20  # trials at the end of a sweep that were all stopped early: fewer are not told
_LATE = 0.25  # of all trials: the same


@dataclass(frozen=True)
class Rungs(Answer):
    """What a trial's first epochs say of its last.

    Attributes:
        table: One row per rung before the last: `epoch`; `trials`, how many had reached it; `compared`, how
            many of them trained to the end; `correlation`, Spearman's, of the objective there with the one at
            the end, with the 95 % interval `low` to `high`; `place`, how the trial that is best at the end
            stood there, 0 for the best and 1 for the last of all that reached it; `stopped`, how many ended
            there before they had all epochs.
        epochs: That all trials together were trained. full: What training all of them to the end would have
            taken.
        stopped: How many trials were stopped before their end, or wait there.
        late: That all of the last trials were stopped early, in words; "" where they were not.
    """

    table: pd.DataFrame
    epochs: int
    full: int
    stopped: int
    late: str

    @property
    def saved(self) -> float:
        """The part of the epochs that early stopping has saved."""
        return 1 - self.epochs / self.full if self.full else 0.0

    @property
    def misleading(self) -> int | None:
        """The last rung that surely says too little of the end; None where there is none to be sure of."""
        bad = self.table[self.table["high"] < _MISLEADS]
        return None if bad.empty else int(bad["epoch"].max())

    @property
    def words(self) -> str:
        """Whether to trust the rungs, and what they saved."""
        return " ".join(filter(None, [self._trust(), self._savings(), self.late]))

    def _trust(self) -> str:
        known = self.table[self.table["correlation"].notna()]
        if self.table.empty:
            return "Trials were compared at no epoch before their last."
        if known.empty:
            return "Too few trials have trained to the end to say whether early epochs mislead."
        bad = known[known["correlation"] < _MISLEADS]
        looked_at = known if bad.empty else bad
        at = looked_at.iloc[int(looked_at["stopped"].to_numpy().argmax())]  # where most was decided
        most = f", where {count(int(at['stopped']), 'trial ended', 'trials ended')}" if at["stopped"] else ""
        says = (
            f"Spearman's ρ at epoch {at['epoch']:.0f} is {at['correlation']:.2f} ({at['low']:.2f} to "
            f"{at['high']:.2f}) over {at['compared']:.0f} trials{most}"
        )
        if self.misleading is not None:
            return (
                f"Early epochs mislead: {says}. Those compared all got past it, so among all trials it is "
                "higher. A sweep with `scheduler: random` or `sobol` and fewer trials trains each to its end."
            )
        if bad.empty and at["low"] >= _MISLEADS:
            return f"Early epochs foretell the end: {says}."
        return f"Whether early epochs mislead cannot be told: {says}."

    def _savings(self) -> str:
        if not self.full or self.epochs >= self.full:
            return "No trial was stopped early."
        less = percent(self.saved)
        return f"Early stopping trained {self.epochs:,} epochs instead of {self.full:,}, {less} less."


def rungs(result: SweepResult) -> Rungs:
    """Whether the first epochs of a trial mislead about its last, and what early stopping saved.

    Method: Spearman's rank correlation between objectives at a rung and at the end, of the trials that have
    trained to the end. Its interval is Fisher's, with Bonett and Wright's standard error √((1 + ρ²/2) / (n −
    3)) (2000, Psychometrika 65). These trials are those that got past the rung: among all trials the
    correlation would be higher, so a low one is a hint and a high one is sure.
    """
    search = search_of(result)
    trained = search.status != Status.MEASURED
    over = trained & ~search.lost & ~np.isin(search.status, (Status.RUNNING, Status.INTERRUPTED))
    epochs = int(search.trained[over].sum())
    ended = over & search.complete
    full = int(search.trained[ended].sum()) + search.epochs * int((over & ~ended).sum())
    stopped = int((over & ~search.complete).sum())
    places = sampled(np.flatnonzero(trained & search.finite), _MOST_TRIALS)
    curves = objectives(curves_of(result, search, places), search.rule)
    levels = _levels(result, search, places)
    table = pd.DataFrame(
        [_row(level, curves, search, places) for level in levels],
        columns=["epoch", "trials", "compared", "correlation", "low", "high", "place", "stopped"],
    )
    return Rungs(table, epochs, full, stopped, late_words(search))


def late_words(search: Search) -> str:
    """That none of many trials at the end of the sweep was trained to its end; "" where that is not so."""
    late, own = search.since_complete, int((search.status != Status.MEASURED).sum())
    if len(late) < max(_MANY_LATE, _LATE * own) or (search.status[late] == Status.RUNNING).any():
        return ""
    furthest = int(search.trained[late].max())
    return f"None of the last {len(late):,} trials was trained past epoch {furthest:,}."


def _levels(result: SweepResult, search: Search, places: Indices) -> list[int]:
    """The epochs before the last at which jobs were to stop; without any, the powers of a third of all."""
    jobs = result.jobs
    stops = jobs["stop"][jobs["trial"].isin(search.number[places])].value_counts()
    found = sorted(int(stop) for stop in stops.head(_MOST_RUNGS).index if 0 < stop < search.epochs)
    steps = int(math.log(search.epochs, 3)) if search.epochs > 1 else 0
    powers = {max(1, round(search.epochs / 3**k)) for k in range(1, steps + 1)}
    return found or sorted(powers - {search.epochs})


def _row(level: int, curves: Array, search: Search, places: Indices) -> tuple[float, ...]:
    reached = np.isfinite(curves[:, level - 1]) & (search.trained[places] >= level)
    at = curves[:, level - 1]
    both = reached & search.complete[places]
    ends = search.loss[places]
    correlation, low, high = spearman(at[both], ends[both])
    place = np.nan
    if both.any() and reached.sum() > 1:
        best = int(np.flatnonzero(both)[ends[both].argmin()])
        place = float((at[reached] < at[best]).sum() / (reached.sum() - 1))
    ended = int(((search.trained[places] == level) & ~search.complete[places]).sum())
    return level, int(reached.sum()), int(both.sum()), correlation, low, high, place, ended


def spearman(one: Array, other: Array) -> tuple[float, float, float]:
    """Spearman's rank correlation, and its interval of 95 %; NaN where there are too few numbers, or equal
    ones.

    Example:
        >>> [round(x, 2) for x in spearman(np.arange(10.0), np.arange(10.0))]
        [1.0, 1.0, 1.0]
    """
    from scipy.stats import rankdata

    n = len(one)
    if n < _FEWEST or np.ptp(one) == 0 or np.ptp(other) == 0:
        return np.nan, np.nan, np.nan
    rho = float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
    width = 1.96 * math.sqrt((1 + rho**2 / 2) / (n - 3))
    middle = math.atanh(min(max(rho, -1 + 1e-12), 1 - 1e-12))
    return rho, math.tanh(middle - width), math.tanh(middle + width)
