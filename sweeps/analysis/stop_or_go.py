"""Whether to go on: what the next hour is expected to bring."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from sweeps.analysis.progress import Progress, progress
from sweeps.analysis.rungs import late_words
from sweeps.analysis.search import Array, Search, search_of
from sweeps.analysis.wording import Answer, count, percent
from sweeps.results.result import SweepResult
from sweeps.screen.figures import show_number, show_seconds
from sweeps.trial import Status

Advice: TypeAlias = Literal["stop", "go on", "unknown"]

_FEWEST = 20  # trials with an objective
_SLOWEST, _FASTEST = 0.1, 4.0  # powers of the number of trials by which the best may fall
_HOUR = 3600.0
_SHORTEST = 1.0  # seconds: a sweep that has worked for less is looked at by trials
_NEGLIGIBLE = 40.0  # e to the minus this
_DECADE = 10.0  # times the best: where the median is so far off, the logarithm of losses is what falls
_RESAMPLES = 100
_LITTLE = 0.01  # of the distance from the best to the median: less is not worth an hour


@dataclass(frozen=True)
class StopOrGo(Answer):
    """What going on is expected to bring.

    Attributes:
        expected: By how much the best objective is expected to get better, as a positive number; None where
            there are too few trials. low, high: Where this lies in 90 % of resamples of the trials.
        chance: The probability that it gets better at all.
        seconds: Over how long: an hour, or as long as the sweep has been at work, if that is less; None where
            that is under a second or not known. trials: How many trials end in it.
        worth: The least improvement that counts: the finalists' spread over seeds; where that is 0 or not
            known, a hundredth of the distance from the best to the median.
        seeds: Whether `worth` is the finalists' spread.
        advice: "stop" where less than that is expected.
        metric: Of the objective. best: The best of the search.
        early: That all of the last trials were stopped early, in words; "" where they were not.
    """

    expected: float | None
    low: float
    high: float
    chance: float
    seconds: float | None
    trials: int
    worth: float
    seeds: bool
    advice: Advice
    metric: str
    best: float
    early: str

    @property
    def words(self) -> str:
        """The advice, the figures, and how uncertain they are."""
        if self.expected is None:
            needed = f"{_FEWEST} trials with an objective are needed to say what more would bring"
            return (
                f"Go on: {needed}." if self.advice == "go on" else f"No trial has an objective yet: {needed}."
            )
        span = "as much again" if self.seconds is None else f"the next {show_seconds(self.seconds)}"
        more = (
            f"in {span} ({count(self.trials, 'trial', 'trials')}) {self.metric} is expected to get better by "
            f"{self.expected:.2g} ({self.low:.2g} to {self.high:.2g}) than {show_number(self.best)}, the "
            f"best of the search, with a chance of {percent(self.chance)} to get better at all"
        )
        known = (
            "what seeds alone change" if self.seeds else "a hundredth of what lies between best and median"
        )
        side = "no more than" if self.advice == "stop" else "more than"
        said = f"{self.advice.capitalize()}: {more}; that is {side} {known}, {self.worth:.2g}."
        return (
            f"{said} {self.early} They could not become the best, so more may be had." if self.early else said
        )


def stop_or_go(result: SweepResult) -> StopOrGo:
    """What the next hour is expected to bring, and whether to stop.

    Method: the expected best of s trials, over all orders in which the n trials may have come, is a sum over
    their sorted losses (Dodge et al., 2019, "Show your work: improved reporting of experimental results").
    For a random sample it falls towards its limit as b s^(-c), where a loss is bounded below (the Weibull
    case of extreme value theory; Gnedenko, 1943). What the last two doublings of s brought gives b and c,
    and with them what m more trials bring. The chance of a new best is m / (n + m), as for any exchangeable
    numbers (Rényi, 1962). How uncertain the expectation is comes from resamples of the trials. What diverged
    counts among the trials. Positive losses over a decade or more are taken in logarithms. A search that
    learns does better than that; one that has converged, worse.
    """
    search, steps = search_of(result), progress(result)
    own = search.status != Status.MEASURED  # the time is that of trials here
    losses = search.loss[own & (search.finite | search.lost)]
    known = search.loss[own & search.finite]
    worth, seeds = _worth(result, search)
    if len(known) < _FEWEST:
        advice: Advice = "go on" if len(known) else "unknown"
        none = np.nan
        return StopOrGo(None, none, none, none, None, 0, worth, seeds, advice, search.metric, none, "")
    losses = np.sort(np.minimum(losses, known.max()))
    seconds, trials = _horizon(steps, len(losses))
    gain, rng = _gain_of(losses), np.random.default_rng(0)
    expected = gain(losses, trials)
    again = [gain(_resampled(losses, rng), trials) for _ in range(_RESAMPLES)]
    low, high = (float(end) for end in np.quantile(again, [0.05, 0.95]))
    return StopOrGo(
        expected,
        low,
        high,
        trials / (len(losses) + trials),
        seconds,
        trials,
        worth,
        seeds,
        "go on" if expected > worth else "stop",
        search.metric,
        search.sign * float(known.min()),
        late_words(search),
    )


def _gain_of(losses: Array) -> Callable[[Array, int], float]:
    """`improvement` as it suits losses of this spread: positive ones cannot fall below 0."""
    if not losses[0] > 0 or np.median(losses) < _DECADE * losses[0]:
        return improvement
    return lambda rising, more: float(rising[0] * -np.expm1(-improvement(np.log(rising), more)))


def improvement(losses: Array, more: int) -> float:
    """By how much so many more losses of their kind are expected to fall below the least of these, shape
    (n,).

    Example:
        >>> bool(0.4 < improvement(np.arange(100.0), 100) / (1 / 2) < 1.6)  # evenly spaced: half a step
        True
    """
    rising, n = np.sort(losses), len(losses)
    all_, half, quarter = (expected_best(rising, size) for size in (n, n // 2, n // 4))
    last, before = half - all_, quarter - half
    if last <= 0 or before <= 0:
        return 0.0
    power = float(np.clip(np.log2(before / last), _SLOWEST, _FASTEST))
    return float(last * (1 - (1 + more / n) ** -power) / (2**power - 1))


def expected_best(rising: Array, size: int) -> float:
    """The expected least of `size` numbers drawn without replacement from these, which are in order.

    Example:
        >>> expected_best(np.array([0.0, 1.0, 2.0]), 2)
        0.3333333333333333
    """
    n = len(rising)
    count = min(
        n, math.ceil(_NEGLIGIBLE * n / size)
    )  # of the terms that matter: weights fall as (1 - size/n)^i
    rest = np.arange(n - 1, n - count, -1)  # how many follow the first, the second, …
    steps = np.maximum(rest - size + 1, 0) / rest
    weights = size / n * np.concatenate([[1.0], np.cumprod(steps)])
    return float(weights @ rising[:count])


def _resampled(rising: Array, rng: np.random.Generator) -> Array:
    """As many of these, which are in order, drawn with replacement, and in order."""
    n = len(rising)
    return np.repeat(rising, np.bincount(rng.integers(n, size=n), minlength=n))


def _horizon(steps: Progress, ended: int) -> tuple[float | None, int]:
    """How long to look ahead, and how many trials end in that time at the sweep's pace."""
    worked = float(steps.steps["seconds"].iloc[-1]) if len(steps.steps) else 0.0
    if worked < _SHORTEST:
        return None, ended
    seconds = min(_HOUR, worked)
    return seconds, max(1, round(ended * seconds / worked))


def _worth(result: SweepResult, search: Search) -> tuple[float, bool]:
    """What more must bring, and whether that is the spread of seeds, of which plain functions have none."""
    known = search.loss[search.finite]
    little = _LITTLE * float(np.median(known) - known.min()) if len(known) else 0.0
    spreads = result.finalists["spread"].dropna().to_numpy(float)
    spread = float(np.sqrt((spreads**2).mean())) if len(spreads) else 0.0
    return (spread, True) if spread > 0 else (little, False)
