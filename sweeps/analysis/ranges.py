"""Whether a range is too small, whether enough trials lie in the best region, and where trials are lost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeps.analysis.on_ends import OnEnd, has_ends, on_ends
from sweeps.analysis.search import Indices, Search, sampled, search_of
from sweeps.analysis.split import Split, find_split
from sweeps.analysis.wording import Answer, and_list, count
from sweeps.errors import in_words
from sweeps.results.result import SweepResult
from sweeps.schedulers import Legal
from sweeps.screen.figures import show_value
from sweeps.space import Choice, Config, End, Numeric, Space

_EDGE = 0.1  # of a range's width in its scale: what counts as near an end
_LEANS = 1 / 3  # of the elites near one end
_CHANCE = 0.01
_GROWTH = 0.5  # by how much of its width a range is to grow
_MOST_TRIALS = 20_000
_ROUNDING = 1e-9  # relative: what an end may lose to be written in few digits
_ENOUGH = 10  # complete trials in a region


@dataclass(frozen=True)
class Edge:
    """The best trials lean on an end of a range.

    Attributes:
        hyperparameter: Its name. end: "low" or "high". value: That end now.
        elites: How many of the best trials lie in the outer tenth of the range there. of: How many have it.
        exactly: How many of all trials lie on the end itself.
        proposed: The end moved outwards by half of the range's width in its scale; None where it cannot move.
    """

    hyperparameter: str
    end: End
    value: float
    elites: int
    of: int
    exactly: int
    proposed: float | None

    @property
    def words(self) -> str:
        """A sentence."""
        lies = (
            f"{self.elites} of the {self.of} best trials lie near the {self.end} end of {self.hyperparameter}"
        )
        on = f" ({count(self.exactly, 'trial', 'trials')} of all exactly on it)" if self.exactly else ""
        now = f"{show_value(self.value)}{on}"
        if self.proposed is None:
            return f"{lies}, {now}, which cannot move further."
        return f"{lies}, {now}: try {show_value(self.proposed)}."


@dataclass(frozen=True)
class Ranges(Answer):
    """What the trials say of the searched ranges.

    Attributes:
        edges: Where the best trials lean on an end.
        elites: How many best trials were looked at.
        on_ends: Where trials lie exactly on an end of a range, one entry for each such end.
        regions: The last round's region of each hyperparameter: `hyperparameter`, `low`, `high`.
        inside: How many complete trials lie in it.
        lost: How many trials diverged or failed. ended: How many have a result or were lost.
        where_lost: The part of the space in which most are lost, if one stands out.
    """

    edges: tuple[Edge, ...]
    elites: int
    on_ends: tuple[OnEnd, ...]
    regions: pd.DataFrame
    inside: int
    lost: int
    ended: int
    where_lost: Split | None

    @property
    def enough(self) -> bool:
        """Whether enough complete trials lie in the last region to call its best one good."""
        return self.inside >= _ENOUGH

    @property
    def words(self) -> str:
        """What to widen, whether to try more, and what to avoid."""
        if not self.elites:
            return " ".join(
                ["No trial has a result yet, so nothing says whether a range is too small.", *self._lost()]
            )
        return " ".join([self._edges(), self._points(), *self._lost()])

    def _edges(self) -> str:
        if not self.edges:
            lie = count(self.elites, "best trial lies", "best trials lie")
            return f"No range looks too small: the {lie} inside{self._exactly()}."
        movable = [edge.hyperparameter for edge in self.edges if edge.proposed is not None]
        start = f"{and_list(list(dict.fromkeys(movable)))} may need a wider range." if movable else ""
        return " ".join([start, *(edge.words for edge in self.edges)]).strip()

    def _exactly(self) -> str:
        """Which ends have elites on them, though not enough to call the range too small."""
        on = [each for each in self.on_ends if each.elites]
        named = ", ".join(f"{in_words(each.hyperparameter, most=40)} ({each.words})" for each in on)
        return f", but some exactly on an end of {named}" if on else ""

    def _points(self) -> str:
        lie = count(self.inside, "complete trial lies", "complete trials lie")
        if self.enough:
            return f"{lie} in the last region, which is enough."
        return f"Only {lie} in the last region; try more before you trust its best one."

    def _lost(self) -> list[str]:
        if not self.lost:
            return []
        start = f"{self.lost:,} of {count(self.ended, 'trial', 'trials')} diverged or failed"
        return [
            f"{start}: {self.where_lost.words}."
            if self.where_lost
            else f"{start}, in no part of the space above all."
        ]


def ranges(result: SweepResult, legal: Legal | None = None) -> Ranges:
    """Whether the searched ranges were large enough, and sampled enough.

    Answers the playbook's "Identifying bad search space boundaries", "Not sampling enough points in the
    search space", and its question how many trials are infeasible and where (Godbole et al., 2023). The best
    trials are √n of n, five at least and twenty at most. A range is too small where a third of them lie in
    its outer tenth, on its own scale, and more than chance would put there in 99 of 100 cases.

    Args:
        result: The sweep.
        legal: Whether a config can be trained; a proposed end moves only as far as that allows.
    """
    search = search_of(result)
    elites = elites_of(search)
    points, on = search.points(elites), tuple(on_ends(search, elites))
    exactly = {(each.hyperparameter, each.end): each.trials for each in on}
    edges = [
        edge
        for j, name in enumerate(search.space.searched)
        for edge in _edges(search, name, points[:, j], elites, legal, exactly)
    ]
    regions, inside = _last_region(result, search)
    known = sampled(np.flatnonzero(search.finite | search.lost), _MOST_TRIALS)
    split = find_split(search.space, search.points(known), search.lost[known])
    lost = int(search.lost.sum())
    return Ranges(
        tuple(edges), len(elites), on, regions, inside, lost, int((search.finite | search.lost).sum()), split
    )


def elites_of(search: Search) -> Indices:
    """Places of the best trials: √n of the n with an objective, five at least and twenty at most."""
    ranking = search.ranking
    return ranking[: min(max(math.isqrt(len(ranking)), 5), 20)]


def wider(space: Space, name: str, end: End, best: Config, legal: Legal | None) -> Space | None:
    """The space with one end further out, by half of the range's width or as far as is legal; None if not at
    all.

    legal: asked for the best trial's config with the new end in it.
    """
    for share in (_GROWTH, _GROWTH / 2, _GROWTH / 8):
        grown = space.grown(name, end, share)
        if grown is not None and (
            legal is None or legal({**best, name: getattr(grown.distributions[name], end)})
        ):
            return grown
    return None


def _edges(
    search: Search,
    name: str,
    units: NDArray[np.float64],
    elites: Indices,
    legal: Legal | None,
    exactly: Mapping[tuple[str, End], int],
) -> list[Edge]:
    kind = search.space.distributions[name]
    active = units[np.isfinite(units)]
    if not isinstance(kind, Numeric) or not has_ends(kind) or len(active) < 3:
        return []
    found = []
    ends: tuple[tuple[End, int], ...] = (
        ("low", int((active <= _EDGE).sum())),
        ("high", int((active >= 1 - _EDGE).sum())),
    )
    for end, near in ends:
        if near >= _LEANS * len(active) and _by_chance(near, len(active)) < _CHANCE:
            best = search.configs(elites[np.isfinite(units)][:1])[0]
            more = wider(search.space, name, end, best, legal)
            proposed = None if more is None else _proposed(more.distributions[name], end)
            value, on = float(getattr(kind, end)), exactly.get((name, end), 0)
            found.append(Edge(name, end, value, near, len(active), on, proposed))
    return found


def _by_chance(near: int, of: int) -> float:
    """How likely so many of trials drawn at random lie in the outer tenth, by the binomial distribution."""
    from scipy.special import bdtrc

    return float(bdtrc(near - 1, of, _EDGE))


def _proposed(kind: Any, end: End) -> float:
    """A wider range's end, in few digits; not beyond the end itself, which is legal."""
    return float(short(kind, getattr(kind, end)))


def _last_region(result: SweepResult, search: Search) -> tuple[pd.DataFrame, int]:
    rounds = result.rounds
    last = rounds[rounds["round"] == rounds["round"].max()]
    inside = search.complete.copy()
    for name, low, high in zip(last["hyperparameter"], last["low"], last["high"], strict=True):
        values = search.frame.get(f"config.{name}")
        if values is None or pd.isna(low) or not pd.api.types.is_numeric_dtype(values):
            continue
        numbers = values.to_numpy(float, na_value=np.nan)
        inside &= np.isnan(numbers) | ((numbers >= low) & (numbers <= high))
    return last[["hyperparameter", "low", "high"]].reset_index(drop=True), int(inside.sum())


def narrowed(kind: Any, low: float, high: float) -> Any:
    """A distribution between two unit coordinates, in its own values; as it is where that is no range."""
    if isinstance(kind, Choice):
        if not kind.ordered:
            return kind
        n = len(kind.values)
        first, last = int(low * n), min(int(high * n), n - 1)
        return kind.changed(values=kind.values[first : last + 1])
    if not isinstance(kind, Numeric):
        return kind
    ends: dict[str, Any] = {"low": kind.from_unit(low), "high": kind.from_unit(high)}
    ends = {end: short(kind, value) for end, value in ends.items()}
    return kind if ends["low"] >= ends["high"] else kind.changed(**ends)


def short(kind: Numeric, value: Any) -> Any:
    """A value of a continuous range with two digits, 1 - value on a reverse log scale; others as they are.

    >>> from sweeps.space import LogUniform, ReverseLogUniform
    >>> short(LogUniform(1e-4, 1), 0.0043197), short(ReverseLogUniform(0.9, 0.999), 0.98765)
    (0.0043, 0.988)
    """
    if kind.grid is not None:
        return value
    reverse = kind.scale.name == "reverse log"
    rounded = round(1 - float(f"{1 - value:.2g}"), 12) if reverse else float(f"{value:.2g}")
    within = min(max(rounded, float(kind.low)), float(kind.high))
    return rounded if math.isclose(rounded, within, rel_tol=_ROUNDING) else within
