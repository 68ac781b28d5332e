"""The part of a space where trials are lost, as a rule of one hyperparameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.wording import percent
from sweeps.errors import in_words
from sweeps.screen.figures import show_value
from sweeps.space import Choice, Space, Value

Array: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

_LEAST = 3  # trials on either side of a rule
_STANDS_OUT = 2.0  # times as many are lost on one side as on the other
_SURE = 6.6  # the likelihood ratio's statistic that chance exceeds in one of a hundred cases, of one rule
_PLACES = 64  # between which a range may be split


@dataclass(frozen=True)
class Split:
    """One condition on one hyperparameter, and what is lost where it holds.

    Attributes:
        hyperparameter: Its name. condition: Such as "above 0.02".
        cut: The unit coordinate of a range's split; None for the value of a choice.
        lost, trials: Of the trials there. elsewhere_lost, elsewhere: Of the others.
    """

    hyperparameter: str
    condition: str
    lost: int
    trials: int
    elsewhere_lost: int
    elsewhere: int
    cut: float | None = None

    @property
    def words(self) -> str:
        """A clause."""
        there = f"{percent(self.lost / self.trials)} of {self.trials:,} trials"
        others = percent(self.elsewhere_lost / self.elsewhere)
        return f"{self.hyperparameter} {self.condition} loses {there}, the rest {others}"


def find_split(space: Space, points: Array, lost: Mask) -> Split | None:
    """The rule of one hyperparameter that tells best which trials are lost.

    It is the first split of a classification tree by deviance (Breiman et al., 1984), and none where chance
    would give as good a one: the statistic 2 Σ n log(n / expected) is held against its χ² bound with one
    degree of freedom, and the number of hyperparameters with Bonferroni.

    Args:
        space: What was searched.
        points: Unit coordinates of trials, shape (n, hyperparameters); NaN where one is inactive.
        lost: Which of them diverged or failed, shape (n,).
    """
    best = _SURE + 2 * float(np.log(max(len(space.searched), 1)))
    found: Split | None = None
    if not lost.any() or lost.all():
        return None
    for j, name in enumerate(space.searched):
        for condition, side, cut in _rules(space, name, points[:, j]):
            gain = _deviance(side, lost)
            if gain > best and _stands_out(side, lost):
                best, found = gain, Split(name, condition, *_counts(side, lost), cut)
    return found


def _rules(space: Space, name: str, units: Array) -> Iterator[tuple[str, Mask, float | None]]:
    """Conditions in words, where they hold, and where they split a range."""
    kind = space.distributions[name]
    if isinstance(kind, Choice) and not kind.ordered:
        for place, value in enumerate(kind.values):
            yield f"= {in_words(value)}", np.abs(units * len(kind.values) - place - 0.5) < 0.5, None
        return
    places = np.unique(units[np.isfinite(units)])
    cuts = (places[1:] + places[:-1]) / 2
    if len(cuts) > _PLACES:
        cuts = cuts[np.linspace(0, len(cuts) - 1, _PLACES).astype(int)]
    for cut in cuts.tolist():
        # Of values on a grid, those next to the cut are named; of others, the cut.
        below, above = (places[places < cut].max(), places[places > cut].min()) if kind.size else (cut, cut)
        yield f"above {_shown(kind.from_unit(below))}", units > cut, cut
        yield f"below {_shown(kind.from_unit(above))}", units < cut, cut


def _shown(value: Value) -> str:
    return show_value(value) if isinstance(value, float) else in_words(value)


def _deviance(side: Mask, lost: Mask) -> float:
    """How much likelier the losses are with a rate of their own on each side, doubled and in logarithms."""
    if min(side.sum(), (~side).sum()) < _LEAST:
        return 0.0
    return 2 * (_likelihood(lost[side]) + _likelihood(lost[~side]) - _likelihood(lost))


def _likelihood(lost: Mask) -> float:
    n, k = len(lost), int(lost.sum())
    return sum(part * float(np.log(part / n)) for part in (k, n - k) if part)


def _counts(side: Mask, lost: Mask) -> tuple[int, int, int, int]:
    """Of the lost and of all, on that side and elsewhere."""
    return int((lost & side).sum()), int(side.sum()), int((lost & ~side).sum()), int((~side).sum())


def _stands_out(side: Mask, lost: Mask) -> bool:
    return float(lost[side].mean()) > _STANDS_OUT * float(lost[~side].mean())
