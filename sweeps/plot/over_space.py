"""Plots over the space: the objective against each hyperparameter, importance, parallel coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis import effects as effects_of
from sweeps.analysis import importance as importance_of
from sweeps.analysis import sampled, search_of
from sweeps.analysis.frames import check_names
from sweeps.analysis.search import Search
from sweeps.plot.canvas import (
    BLUE,
    ORANGE,
    RED,
    new_axes,
    new_grid,
    nothing,
    robust_limits,
    set_scale,
    ticks_of,
)
from sweeps.results.result import SweepResult
from sweeps.space import Choice, Numeric

Array = NDArray[np.float64]

_MOST_POINTS = 3000
_MOST_LINES = 300
_MOST_PAIRS = 3
_DARKEST = 0.2  # where the regions of all rounds overlap
_WHOLE = 0.999  # a region of so much of a range is all of it
_SPREAD = 0.5  # of a choice's cell, over which its trials are scattered so that they are seen


def hyperparameters(result: SweepResult, names: Sequence[str] | None = None, ax: Any = None) -> list[Any]:
    """The objective against each hyperparameter in its own scale.

    Trials that diverged or failed are red crosses along the top. The region of each round is a band, darker
    where rounds overlap; dashed lines are the ends of the last one. The best tenth is orange.

    Args:
        result: The sweep.
        names: Of hyperparameters; all that are searched by default.
        ax: As many axes as names.

    Returns:
        The axes, one a hyperparameter.
    """
    search, wanted = search_of(result), check_names(result, names)
    grid = new_grid(ax, max(len(wanted), 1))
    places = sampled(np.flatnonzero(search.finite | search.lost), _MOST_POINTS)
    if not wanted or not len(places):
        return [
            nothing(each, "nothing is searched" if not wanted else "no trial has an objective yet")
            for each in grid
        ]
    points = search.points(places)
    for each, name in zip(grid, wanted, strict=True):
        _one(each, search, name, points[:, search.space.searched.index(name)], places)
        _bands(each, result, search, name)
    limits = robust_limits(search.loss[places] * search.sign, search.sign)
    for each in grid:
        each.set_ylim(limits)
    return grid


def importance(result: SweepResult, ax: Any = None) -> Any:
    """What each hyperparameter explains of the objective's variance alone, and with its interactions.

    The lines are a standard deviation over trees; the strongest pairs stand below.

    Raises:
        BadInput: matplotlib or scikit-learn is not installed.
    """
    found = importance_of(result)
    pairs = found.pairs[found.pairs["share"] > found.pairs["spread"]].head(_MOST_PAIRS)
    names = [
        *found.table["hyperparameter"],
        *(f"{a} × {b}" for a, b in zip(pairs["first"], pairs["second"], strict=True)),
    ]
    ax = new_axes(ax, (7.0, 1.4 + 0.36 * max(len(names), 2)))
    if found.r2 is None or found.r2 <= 0 or not names:
        return nothing(ax, found.words)
    rows = np.arange(len(names))
    alone = np.r_[found.table["share"], pairs["share"]]
    spread = np.r_[found.table["spread"], pairs["spread"]]
    count = len(found.table)
    ax.barh(rows[:count], found.table["total"], color=BLUE, alpha=0.25, label="with interactions")
    ax.barh(rows, alone, color=[BLUE] * count + [ORANGE] * len(pairs), label="alone")
    ax.errorbar(
        alone,
        rows,
        xerr=np.stack([np.minimum(spread, alone), spread]),
        fmt="none",
        ecolor="#333333",
        capsize=2,
    )
    ax.set_yticks(rows, names)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set(
        xlabel=f"share of the variance (the forest predicts {100 * max(found.r2, 0):.0f} %)", xlim=(0, None)
    )
    ax.legend(frameon=False, loc="lower right")
    return ax


def effects(result: SweepResult, names: Sequence[str] | None = None, ax: Any = None) -> list[Any]:
    """What each hyperparameter does on average over all the others, with a standard deviation over trees.

    See `sweeps.analysis.effects`, whose averages these are.

    Args:
        result: The sweep.
        names: Of hyperparameters; all that are searched by default, the most important first.
        ax: As many axes as names.

    Returns:
        The axes, one a hyperparameter.

    Raises:
        BadInput: matplotlib or scikit-learn is not installed.
    """
    found, space = effects_of(result), search_of(result).space
    given = check_names(result, names)
    wanted = given if names is not None else list(dict.fromkeys([*found.table["hyperparameter"], *given]))
    grid = new_grid(ax, max(len(wanted), 1))
    if found.table.empty or not wanted:
        return [nothing(each, found.words) for each in grid]
    for each, name in zip(grid, wanted, strict=True):
        kind = space.distributions[name]
        rows = found.table[found.table["hyperparameter"] == name]
        units = np.array([kind.to_unit(value) for value in rows["value"]])
        low, middle, high = (rows[column].to_numpy(float) for column in ("low", "objective", "high"))
        if isinstance(kind, Choice):
            each.errorbar(units, middle, [middle - low, high - middle], fmt="o", color=BLUE, capsize=2)
        else:
            each.fill_between(units, low, high, color=BLUE, alpha=0.2, linewidth=0)
            each.plot(units, middle, color=BLUE)
        set_scale(each.xaxis, kind)
        each.set(xlabel=name, ylabel=f"{found.metric} on average")
    shown = found.table[found.table["hyperparameter"].isin(wanted)]
    ends = float(shown["low"].min()), float(shown["high"].max())
    pad = 0.04 * (ends[1] - ends[0])
    for each in grid:
        each.set_ylim(ends[0] - pad, ends[1] + pad)  # of all alike, so that their heights compare
    return grid


def parallel(result: SweepResult, ax: Any = None) -> Any:
    """A line a trial through its hyperparameters, each on an axis of its own scale, the best ones the
    darkest.

    The last axis is the trial's rank. A line has a gap where a hyperparameter is inactive.
    """
    search = search_of(result)
    names = [*search.space.searched]
    ax = new_axes(ax, (1.6 + 1.5 * max(len(names) + 1, 3), 4.2))
    ranking = search.ranking
    if not len(ranking) or not names:
        return nothing(ax, "no trial has an objective yet" if names else "nothing is searched")
    ranks = np.unique(np.linspace(0, len(ranking) - 1, _MOST_LINES).astype(int))[::-1]  # the best are on top
    points = search.points(ranking[ranks])
    share = 1 - ranks / max(len(ranking) - 1, 1)
    lines = np.column_stack([_scattered(search, points), share])
    import matplotlib as mpl

    colours = mpl.colormaps["viridis_r"](0.1 + 0.9 * share)
    for line, colour, good in zip(lines, colours, share, strict=True):
        ax.plot(line, color=colour, linewidth=0.6 + 1.2 * good**4, alpha=0.15 + 0.8 * good**3)
    for place, name in enumerate(names):
        ax.axvline(place, color="#4b5563", linewidth=0.8)
        for unit, label in zip(*ticks_of(search.space.distributions[name]), strict=True):
            ax.text(place + 0.03, unit, label, fontsize=7, va="center", bbox=_PATCH)
    ax.axvline(len(names), color="#4b5563", linewidth=0.8)
    ax.set_xticks(range(len(names) + 1), [*names, "rank"], rotation=20, ha="right", rotation_mode="anchor")
    ax.set_yticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.text(len(names) + 0.03, 1, "best", fontsize=7, va="center")
    ax.text(len(names) + 0.03, 0, "worst", fontsize=7, va="center")
    ax.set(xlim=(-0.1, len(names) + 0.35), ylim=(-0.03, 1.03), title=search.name)
    return ax


_PATCH = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.6}


def _one(ax: Any, search: Search, name: str, units: Array, places: NDArray[np.int64]) -> None:
    """The trials of one hyperparameter, along the unit interval of its scale."""
    kind = search.space.distributions[name]
    if isinstance(kind, Choice):
        units = units + _jitter(len(kind.values), places)
    fine = search.finite[places]
    order = search.loss[places]
    best = order <= (np.quantile(order[fine], 0.1) if fine.any() else 0.0)
    ax.scatter(
        units[fine & ~best], (order * search.sign)[fine & ~best], s=11, color=BLUE, alpha=0.45, linewidths=0
    )
    ax.scatter(
        units[fine & best], (order * search.sign)[fine & best], s=16, color=ORANGE, alpha=0.9, linewidths=0
    )
    lost = units[~fine]
    ax.scatter(
        lost,
        np.full(len(lost), 0.98),
        s=16,
        color=RED,
        marker="x",
        linewidths=0.9,
        transform=ax.get_xaxis_transform(),
    )
    set_scale(ax.xaxis, kind)
    ax.tick_params(axis="x", labelsize=8)
    ax.set(xlim=(-0.03, 1.03), xlabel=name, ylabel=search.metric)


def _bands(ax: Any, result: SweepResult, search: Search, name: str) -> None:
    """The regions of the rounds, where they are less than the whole range."""
    kind = search.space.distributions[name]
    rounds = result.rounds
    rows = rounds[(rounds["hyperparameter"] == name) & rounds["low"].notna()]
    if not isinstance(kind, Numeric):
        return
    alpha = 1 - (1 - _DARKEST) ** (1 / max(len(rows), 1))
    ends: tuple[float, float] = (0.0, 1.0)
    for low, high in zip(rows["low"], rows["high"], strict=True):
        start, stop = (kind.to_unit(min(max(end, kind.low), kind.high)) for end in (low, high))
        ends = (start, stop)
        if stop - start < _WHOLE:
            ax.axvspan(start, stop, color=BLUE, alpha=alpha, linewidth=0, zorder=0)
    if ends[1] - ends[0] < _WHOLE:
        for end in ends:
            ax.axvline(end, color=BLUE, linewidth=0.9, linestyle="--", alpha=0.8)


def _scattered(search: Search, points: Array) -> Array:
    """Points whose choices are spread a little, so that lines through them are told apart."""
    kinds = [search.space.distributions[name] for name in search.space.searched]
    jitter = np.random.default_rng(0).uniform(-0.5, 0.5, len(points))
    widths = [_SPREAD / len(kind.values) if isinstance(kind, Choice) else 0.0 for kind in kinds]
    return np.asarray(points + jitter[:, None] * np.array(widths))


def _jitter(values: int, places: NDArray[np.int64]) -> Array:
    return np.random.default_rng(0).uniform(-0.5, 0.5, len(places)) * _SPREAD / values
