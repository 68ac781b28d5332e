"""How the columns of new data differ from those of earlier data, by the summaries that each sweep keeps.

The measure is the population stability index, Σ (q − p) ln(q / p) over bins with the shares p then and q now:
symmetric Kullback-Leibler divergence, which Jeffreys (1946) proposed. Bins are the tenths of the earlier
numbers, or the values themselves; what is missing is a bin of its own. Below 0.1 nothing has changed, from
0.25 on it is another population: rules of thumb of credit scoring (Siddiqi, 2006, "Credit Risk Scorecards").
Of few rows it is above 0 by chance, (bins - 1)(1/n + 1/m) in the mean and about χ² distributed (Yurdakul,
2018, "Statistical properties of population stability index"), so what lies below the 95 % point of that is
never called a drift.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MODERATE, LARGE = 0.1, 0.25
RULE = (
    "the population stability index: below 0.1 nothing has changed, from 0.25 on it is another population"
    " (rules of thumb of credit scoring, Siddiqi 2006); by chance: what 95 % of equal data would stay below"
)
_TENTHS = 10
_NAMED = 5
_NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Drift:
    """A column then and now.

    Attributes:
        column: Its name. label: Whether it is what is to be predicted. kind: number, category or text.
        index: The population stability index; None where the column is gone, new or of another type.
        chance: What 95 % of equal data would stay below.
        size: none, moderate or large; gone, new or type changed; not known where a summary is not whole.
        missing: The share that is missing, then and now.
        words: What is to be said beside.
    """

    column: str
    label: bool
    kind: str
    index: float | None
    chance: float | None
    size: str
    missing: tuple[float, float]
    words: str = ""

    @property
    def known(self) -> bool:
        """Whether it can be told."""
        return self.size != _NOT_KNOWN

    @property
    def changed(self) -> bool:
        """Whether it has drifted at all."""
        return self.known and self.size != "none"

    @property
    def much(self) -> bool:
        """Whether it is another column now, or another population."""
        return self.changed and self.size != "moderate"


def drift_between(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> tuple[Drift, ...]:
    """The drift of each column, the worst first.

    Args:
        old, new: Summaries of columns, as `trainer.data.about.summary` makes them.
    """
    then, now = ({(bool(each.get("label")), str(each["name"])): each for each in side} for side in (old, new))
    found = [_drift(then.get(key), now.get(key), *key) for key in {**then, **now}]
    return tuple(sorted(found, key=_order))


def _order(each: Drift) -> float:
    if each.size == _NOT_KNOWN:
        return math.inf
    return -(math.inf if each.index is None else each.index)


def _drift(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, label: bool, name: str) -> Drift:
    if not all(side is None or _is_whole(side) for side in (old, new)):
        words = "a summary of it has no counts or quantiles that can be read"
        kind = str((new or old or {}).get("kind", ""))
        return Drift(name, label, kind, None, None, _NOT_KNOWN, (0.0, 0.0), words)
    missing = tuple(float(side["missing"]) if side else 1.0 for side in (old, new))
    if old is None or new is None:
        kind, size = (new or old or {}).get("kind", ""), "new" if old is None else "gone"
        return Drift(name, label, str(kind), None, None, size, missing)  # type: ignore[arg-type]
    kinds = {str(old["kind"]), str(new["kind"])}
    if len(kinds) > 1 and kinds != {"text", "category"}:  # a few more rows may make the one the other
        words = f"{old['kind']} before, {new['kind']} now"
        return Drift(name, label, str(new["kind"]), None, None, "type changed", missing, words)  # type: ignore[arg-type]
    shares = _shares(old, new)
    index, chance = _index(*shares, int(old["n"]), int(new["n"]))
    size = "none" if index <= max(chance, MODERATE) else "moderate" if index < LARGE else "large"
    return Drift(name, label, str(new["kind"]), index, chance, size, missing, _words(old, new))  # type: ignore[arg-type]


def _is_whole(side: Mapping[str, Any]) -> bool:
    """Whether shares can be made of a summary: a trainable of one's own may give what it likes.

    >>> [_is_whole({"kind": "category", "n": 3, "missing": 0, **more}) for more in ({}, {"counts": {"a": 3}})]
    [False, True]
    """
    kind, counts, quantiles = (side.get(key) for key in ("kind", "counts", "quantiles"))
    if kind not in ("number", "category", "text") or not (
        _is_count(side["n"]) and _is_count(side["missing"])
    ):
        return False
    if kind == "text":
        return True
    if quantiles is not None:
        return kind == "number" and isinstance(quantiles, Sequence) and _rise(quantiles)
    if not isinstance(counts, Mapping) or not all(map(_is_count, (*counts.values(), side.get("other", 0)))):
        return False
    return kind == "category" or all(map(_is_written_number, counts))


def _is_count(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < math.inf


def _is_written_number(text: Any) -> bool:
    try:
        return math.isfinite(float(text))
    except (TypeError, ValueError):
        return False


def _rise(values: Sequence[Any]) -> bool:
    """Whether they are numbers, two at least, none less than the one before."""
    known = len(values) > 1 and all(type(each) in (int, float) and math.isfinite(each) for each in values)
    return known and all(a <= b for a, b in itertools.pairwise(values))


def _index(p: NDArray[np.float64], q: NDArray[np.float64], n: int, m: int) -> tuple[float, float]:
    """The index, and its 95 % point by chance; shares of 0 count as half a row."""
    from scipy.special import chdtri

    used = (p > 0) | (q > 0)
    p, q = np.maximum(p[used], 0.5 / max(n, 1)), np.maximum(q[used], 0.5 / max(m, 1))
    p, q = p / p.sum(), q / q.sum()
    index = float(((q - p) * np.log(q / p)).sum())
    freedom = max(len(p) - 1, 1)
    return index, float(chdtri(freedom, 0.05)) * (1 / max(n, 1) + 1 / max(m, 1))


def _shares(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the bins, what is missing last, shape (bins,) each."""
    wide = old if "quantiles" in old else new
    if "quantiles" in wide:
        edges = np.unique(np.asarray(wide["quantiles"])[_tenths(len(wide["quantiles"]))])
        parts = [np.diff([0.0, *_cdf(side, edges), 1.0]) for side in (old, new)]
    elif "text" in (old["kind"], new["kind"]):  # of whose values there are too many to count
        parts = [np.ones(1), np.ones(1)]
    else:
        names = _counted(old, new)
        parts = [_count_shares(side, names) for side in (old, new)]
    missing = [float(side["missing"]) for side in (old, new)]
    p, q = (np.append(part * (1 - gone), gone) for part, gone in zip(parts, missing, strict=True))
    return p, q


def _counted(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The values that have bins of their own: where a side did not count all, those that both did."""
    counts = [side.get("counts", {}) for side in (old, new)]
    if any(side.get("other", 0) for side in (old, new)):
        return [name for name in counts[0] if name in counts[1]]
    return list(dict.fromkeys([*counts[0], *counts[1]]))


def _count_shares(side: Mapping[str, Any], names: Sequence[str]) -> NDArray[np.float64]:
    known = side.get("counts", {})
    rest = sum(known.values()) - sum(known.get(name, 0) for name in names)
    counts = np.array([*(known.get(name, 0) for name in names), rest + side.get("other", 0)], float)
    return np.asarray(counts / max(counts.sum(), 1.0))


def _tenths(count: int) -> list[int]:
    return [round(k * (count - 1) / _TENTHS) for k in range(1, _TENTHS)]


def _cdf(side: Mapping[str, Any], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of values up to each edge, linear between quantiles.

    >>> _cdf({"quantiles": [0.0, 1.0, 1.0, 3.0]}, np.array([-1.0, 0.5, 1.0, 2.0, 3.0])).round(3).tolist()
    [0.0, 0.167, 0.667, 0.833, 1.0]
    """
    if "quantiles" not in side:
        values = sorted((float(value), count) for value, count in side["counts"].items())
        total = max(sum(count for _, count in values), 1)
        return np.array([sum(count for value, count in values if value <= edge) / total for edge in edges])
    quantiles = np.asarray(side["quantiles"], float)
    last = len(quantiles) - 1
    at = np.searchsorted(quantiles, edges, side="right") - 1
    inner = np.clip(at, 0, last - 1)
    width = np.maximum(quantiles[inner + 1] - quantiles[inner], 1e-300)
    part = np.clip((edges - quantiles[inner]) / width, 0.0, 1.0)
    found = (inner + part) / last
    return np.asarray(np.where(at < 0, 0.0, np.where(at >= last, 1.0, found)))


def _words(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Of numbers the medians, of categories those that are lost and new."""
    if "quantiles" in old and "quantiles" in new:
        middles = [side["quantiles"][len(side["quantiles"]) // 2] for side in (old, new)]
        return f"median {middles[0]:.4g} → {middles[1]:.4g}"
    if old["kind"] != "category":
        return ""
    then, now = old.get("counts", {}), new.get("counts", {})
    told = []
    for word, names in (("new", now.keys() - then.keys()), ("lost", then.keys() - now.keys())):
        if names and not old.get("other") and not new.get("other"):
            shown = ", ".join(sorted(names)[:_NAMED])
            told.append(
                f"{word}: {shown}" + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
            )
    return "; ".join(told)
