"""Whether the search's own model of the trials can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeps.analysis.rungs import spearman
from sweeps.analysis.search import Array, Indices, Search, once, sampled, search_of
from sweeps.analysis.wording import Answer, percent
from sweeps.results.result import SweepResult
from sweeps.surrogate import NEW, Features, Inputs, Process, Targets, one_thread

_FEWEST = 10
_MOST_TRIALS = 300
_IT = "the model that guides the search"
_FOLDS = 10
_TELLS = 0.4  # the least correlation that is worth something
_WIDTHS = {0.5: 0.6744897501960817, 0.9: 1.6448536269514722}  # of a normal distribution, in deviations


@dataclass(frozen=True)
class SurrogateTrust(Answer):
    """How well the surrogate predicts trials that it has not seen.

    Attributes:
        table: One row per trial: `trial`, `seen` (its result as the model learns it: centred, scaled, less is
            better), `predicted`, `deviation`.
        correlation: Spearman's, of predictions and results; None where there are too few trials. low, high:
            its interval of 95 %.
        inside_50, inside_90: How many results lie in the model's intervals of 50 % and 90 %, as shares.
        of: How many complete trials there are.
    """

    table: pd.DataFrame
    correlation: float | None
    low: float
    high: float
    inside_50: float
    inside_90: float
    of: int

    @property
    def trusted(self) -> bool:
        """Whether it orders trials and knows how far it errs."""
        return self._orders and self.calibrated

    @property
    def _orders(self) -> bool:
        return self.correlation is not None and self.correlation >= _TELLS and self.low > 0

    @property
    def calibrated(self) -> bool:
        """Whether the interval of 90 % holds that many results, up to two standard errors and 5 %."""
        error = math.sqrt(0.9 * 0.1 / max(len(self.table), 1))
        return abs(self.inside_90 - 0.9) <= 2 * error + 0.05

    @property
    def words(self) -> str:
        """Whether it can be trusted."""
        if self.correlation is None:
            return f"Too few complete trials ({self.of}) to say whether {_IT} can be trusted."
        order = (
            f"its predictions of trials that it has not seen correlate with their results by "
            f"{self.correlation:.2f} "
            f"({self.low:.2f} to {self.high:.2f}) over {len(self.table)} trials"
        )
        holds = f"its 90 % intervals hold {percent(self.inside_90)} of them"
        if self.trusted:
            return f"{_IT.capitalize()} can be trusted: {order}, and {holds}."
        if self._orders:
            sure = "too sure of itself" if self.inside_90 < 0.9 else "too unsure of itself"
            return f"{_IT.capitalize()} orders trials well but is {sure}: {order}, and {holds}."
        return f"Do not trust {_IT}: {order}, and {holds}."


@once
def surrogate_trust(result: SweepResult) -> SurrogateTrust:
    """Predictions of the search's Gaussian process for complete trials, each by a model that lacks it.

    Ten folds; the constants of the covariance are learned once, from all, since a tenth less changes them
    little. What is predicted is what the search's model predicts: losses as `Targets` makes them. Of many
    trials, 300 drawn at random are taken. (Jones, Schonlau & Welch, 1998, "Efficient global optimization of
    expensive black-box functions", section 3: diagnostics by cross-validation.)
    """
    search = search_of(result)
    able = np.flatnonzero(search.complete)
    places = sampled(able, _MOST_TRIALS)
    points = search.points(places)
    known: NDArray[np.bool_] = np.ones(len(places), dtype=bool)
    features = Features(search.space) if search.space.searched else None
    if features is not None and len(places):
        known = np.asarray(~(np.isnan(points) & features.active(points)).any(axis=1))
    places, points = places[known], points[known]
    if features is None or len(places) < _FEWEST or np.ptp(search.loss[places]) == 0:
        nothing = pd.DataFrame(columns=["trial", "seen", "predicted", "deviation"], dtype=float)
        return SurrogateTrust(nothing, None, np.nan, np.nan, np.nan, np.nan, len(able))
    with one_thread():
        table = _predictions(search, features.of(points), features, places)
    errors = ((table["seen"] - table["predicted"]) / table["deviation"]).abs().to_numpy()
    inside = {share: float((errors <= width).mean()) for share, width in _WIDTHS.items()}
    rho, low, high = spearman(table["predicted"].to_numpy(), table["seen"].to_numpy())
    return SurrogateTrust(
        table, 0.0 if math.isnan(rho) else rho, low, high, inside[0.5], inside[0.9], len(able)
    )


def _predictions(search: Search, rows: Array, features: Features, places: Indices) -> pd.DataFrame:
    """Of the trials at these places, whose configs have these features."""
    targets = Targets(search.loss[places]).values
    rungs = np.zeros(len(places), dtype=np.int64)
    inputs = Inputs(rows, rungs, search.number[places])
    process = Process(features, 1)
    process.fit(inputs, targets, learn=True)
    fold = np.random.default_rng(0).permutation(len(places)) % _FOLDS
    mean, deviation = np.empty(len(places)), np.empty(len(places))
    for out in (fold == k for k in range(_FOLDS)):
        process.fit(inputs[~out], targets[~out], learn=False)
        believed = process.posterior(Inputs(rows[out], rungs[out], np.full(out.sum(), NEW)))
        mean[out], deviation[out] = believed.mean, believed.deviation
    columns = {"seen": targets, "predicted": mean, "deviation": deviation}
    return pd.DataFrame({"trial": search.number[places], **columns})
