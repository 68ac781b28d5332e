"""Two or more sweeps side by side: which is better, and whether that is more than luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from sweeps.analysis.progress import Progress, progress
from sweeps.analysis.search import Array, Search, search_of
from sweeps.analysis.wording import Answer, percent
from sweeps.errors import BadInput
from sweeps.results.result import SweepResult
from sweeps.screen.figures import show_number, show_path

_MOST_POINTS = 500  # of a curve
_DOUBT = 0.05


@dataclass(frozen=True)
class Comparison(Answer):
    """Sweeps of one metric, compared.

    Attributes:
        table: One row per sweep, the best first: `sweep`; `trials` with an objective; `epochs` spent; `best`;
            `at_equal`, the best by the epochs that all have spent; `mean`, `spread`, `n` of its winner over
            fresh seeds, NaN and 0 without finals.
        curves: Long: `sweep`, `epochs`, `best`: the best so far over epochs spent.
        ecdf: Long: `sweep`, `objective`, `share`: the part of the trials that are as good or better.
        equal: The epochs that all have spent.
        real: Whether the first is better than the second beyond chance, by Welch's t-test (1947) of the
            winners' fresh seeds at 5 %; None where one has fewer than two.
        beats: How often a random trial of the first is better than one of the second, ties by half, of those
            that have trained to their end; NaN where one sweep has none.
        metric: What is compared.
        caution: That they learn from other data, in words; "" where they learn from the same.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    ecdf: pd.DataFrame
    equal: int
    real: bool | None
    beats: float
    metric: str
    caution: str

    @property
    def words(self) -> str:
        """Which is better, at what cost, and whether it is real."""
        if len(self.table) < 2 or self.table["best"].isna().any():
            return "Not every sweep has an objective yet, so nothing can be compared."
        return " ".join(filter(None, [self.caution, self._best(), self._real(), self._others()]))

    def _best(self) -> str:
        first, second = self.table.iloc[0], self.table.iloc[1]
        at = (
            f"after {self.equal:,} epochs each"
            if np.isfinite(first["at_equal"]) and self.equal
            else "over all trials"
        )
        key = "at_equal" if np.isfinite(first["at_equal"]) and self.equal else "best"
        return (
            f"{first['sweep']} is ahead: {at} its best {self.metric} is {show_number(first[key])}, "
            f"{second['sweep']}'s {show_number(second[key])}."
        )

    def _real(self) -> str:
        first, second = self.table.iloc[0], self.table.iloc[1]
        if self.real is None:
            return "Whether that is luck cannot be told without finals on two fresh seeds each."
        means = " against ".join(
            f"{show_number(row['mean'])} ± {show_number(row['spread'])} ({row['n']:.0f} seeds)"
            for row in (first, second)
        )
        return f"{'It is real' if self.real else 'It may be luck'}: over fresh seeds {means}."

    def _others(self) -> str:
        second = self.table["sweep"].iloc[1]
        ends = "Of those trained to their end, a random trial of it beats"
        return f"{ends} one of {second} in {percent(self.beats)} of pairs." if self.beats >= 0 else ""


def compare(results: Sequence[SweepResult]) -> Comparison:
    """Which of several sweeps is better, at equal epochs, and whether seeds can tell them apart.

    They are ordered by the best at the epochs that all of them have spent, so that a longer sweep does not
    win by its length. (Godbole et al., 2023, "Determining whether to adopt a training pipeline change": the
    variance between seeds decides.)

    Raises:
        BadInput: Fewer than two sweeps, or of different metrics or modes.
    """
    _check(results)
    searches = [search_of(result) for result in results]
    labels = labels_of(results)
    steps = [progress(result) for result in results]
    sign = searches[0].sign
    equal = min(int(each.steps["epochs"].max()) if len(each.steps) else 0 for each in steps)
    rows = [_row(*each, equal) for each in zip(labels, results, searches, steps, strict=True)]
    table = pd.DataFrame(rows)
    order = (table["at_equal"].fillna(table["best"]) * sign).argsort(kind="stable").to_numpy()
    first, second = order[:2]
    seeds = [_seeds(results[place]) for place in (first, second)]
    losses = [searches[place].loss[searches[place].complete] for place in (first, second)]
    return Comparison(
        table.iloc[order].reset_index(drop=True),
        pd.concat(
            [_curve(label, each) for label, each in zip(labels, steps, strict=True)], ignore_index=True
        ),
        pd.concat(
            [_ecdf(label, each) for label, each in zip(labels, searches, strict=True)], ignore_index=True
        ),
        equal,
        _is_real(seeds[0], seeds[1], sign),
        _beats(losses[0], losses[1]),
        searches[0].metric,
        _caution(results),
    )


def ecdf_of(results: Sequence[SweepResult]) -> pd.DataFrame:
    """By `sweep`, the `share` of its trials that are as good as an `objective` or better, the best first.

    A trial that was stopped early counts by the objective that it had then.
    """
    pairs = zip(labels_of(results), map(search_of, results), strict=True)
    return pd.concat([_ecdf(label, search) for label, search in pairs], ignore_index=True)


def labels_of(results: Sequence[SweepResult]) -> list[str]:
    """A name for each sweep: its own, or its folder's where names are shared, or both counted."""
    for names in ([str(each.spec["name"]) for each in results], [each.path.name for each in results]):
        if len(set(names)) == len(names):
            return names
    return [f"{each.path.name} {place}" for place, each in enumerate(results, 1)]


def _check(results: Sequence[SweepResult]) -> None:
    if len(results) < 2:
        given = str(results[0].path) if results else "no sweep"
        raise BadInput("compare", given, "has nothing to be compared with", "give two sweeps at least")
    first = results[0]
    for other, key in product(results[1:], ("metric", "mode", "objective")):
        if other.spec.get(key, "best") != first.spec.get(key, "best"):
            rule = f"is not that of {show_path(first.path)}, which is {first.spec.get(key, 'best')}"
            value = other.spec.get(key, "best")
            raise BadInput(f"{show_path(other.path)}: {key}", value, rule, "compare like with like")


def _caution(results: Sequence[SweepResult]) -> str:
    first, *others = (each.spec.get("data") for each in results)
    return "Take care: they learn from other data." if any(each != first for each in others) else ""


def _row(label: str, result: SweepResult, search: Search, steps: Progress, equal: int) -> dict[str, object]:
    by_then = steps.steps[steps.steps["epochs"] <= equal]["best"].dropna()
    best = search.loss[search.ranking[:1]] * search.sign
    winner = _seeds(result)
    return {
        "sweep": label,
        "trials": int(search.finite.sum()),
        "epochs": int(steps.steps["epochs"].max()) if len(steps.steps) else 0,
        "best": float(best[0]) if len(best) else np.nan,
        "at_equal": float(by_then.iloc[-1]) if len(by_then) else np.nan,
        "mean": float(winner.mean()) if len(winner) else np.nan,
        "spread": float(winner.std(ddof=1)) if len(winner) > 1 else np.nan,
        "n": len(winner),
    }


def _seeds(result: SweepResult) -> Array:
    """The objectives of the winner's repeats on fresh seeds; none without finals."""
    best, trials = result.best, result.tables.outcomes
    if best is None or not best.seeds:
        return np.empty(0)
    repeats = trials[(trials["repeats"] == best.trial).fillna(False)]
    return repeats["objective"].dropna().to_numpy(float)


def _is_real(first: Array, second: Array, sign: int) -> bool | None:
    """Whether the first is better, by Welch's one-sided t-test."""
    if min(len(first), len(second)) < 2:
        return None
    from scipy.special import stdtr

    parts = [each.var(ddof=1) / len(each) for each in (first, second)]
    better = sign * float(second.mean() - first.mean())
    if not sum(parts):
        return better > 0
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(each) - 1) for part, each in zip(parts, (first, second), strict=True)
    )
    return bool(stdtr(freedom, better / np.sqrt(sum(parts))) > 1 - _DOUBT)


def _beats(first: Array, second: Array) -> float:
    """Mann and Whitney's U as a share of all pairs."""
    if not len(first) or not len(second):
        return np.nan
    rising = np.sort(second)
    worse = len(rising) - np.searchsorted(rising, first, side="right")
    ties = np.searchsorted(rising, first, side="right") - np.searchsorted(rising, first, side="left")
    return float((worse + ties / 2).mean() / len(rising))


def _curve(label: str, steps: Progress) -> pd.DataFrame:
    rows = steps.steps[["epochs", "best"]].dropna()
    kept = (
        rows.iloc[np.unique(np.linspace(0, max(len(rows) - 1, 0), _MOST_POINTS).astype(int))]
        if len(rows)
        else rows
    )
    return kept.assign(sweep=label)[["sweep", "epochs", "best"]]


def _ecdf(label: str, search: Search) -> pd.DataFrame:
    losses = np.sort(search.loss[search.finite])
    ended = int((search.finite | search.lost).sum())
    share = np.arange(1, len(losses) + 1) / max(ended, 1)
    return pd.DataFrame({"sweep": label, "objective": losses * search.sign, "share": share})
