"""Plots over epochs and over time: history, curves, timeline; and the share of trials that are so good."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis import curves_of, ecdf_of, labels_of, progress, sampled, search_of
from sweeps.analysis.frames import timeline as timeline_of
from sweeps.errors import BadInput, choices
from sweeps.plot.canvas import BLUE, COLOURS, GREEN, GREY, ORANGE, RED, new_axes, nothing, robust_limits
from sweeps.results.result import SweepResult

Along: TypeAlias = Literal["epochs", "seconds"]

_MOST_POINTS = 4000
_MOST_CURVES = 200
_BEST = 5
_AXES = {"epochs": "epochs of all trials together", "seconds": "seconds at work"}
_OUTCOMES = {"done": BLUE, "ended": GREEN, "infeasible": RED, "failed": ORANGE, "stopped": GREY}


def history(result: SweepResult, along: Along = "epochs", ax: Any = None) -> Any:
    """The objective of each trial as it was after each of its jobs, and the best so far.

    Args:
        result: The sweep.
        along: "epochs" that all trials had trained by then, or "seconds" that the sweep had been at work.
        ax: Where to draw.
    """
    if along not in ("epochs", "seconds"):
        raise BadInput("along", along, "is no axis of a history", choices(("epochs", "seconds"), along))
    ax, search, steps = new_axes(ax), search_of(result), progress(result).steps
    known = np.flatnonzero(steps["objective"].notna())
    if not len(known):
        return nothing(ax, "no trial has an objective yet")
    some = steps.iloc[sampled(known, _MOST_POINTS)]
    ax.scatter(
        some[along], some["objective"], s=9, color=GREY, alpha=0.6, linewidths=0, label="a trial so far"
    )
    kept = np.unique(np.r_[np.flatnonzero(steps["improved"]), len(steps) - 1])
    best = steps.iloc[kept]
    ax.step(best[along], best["best"], where="post", color=BLUE, linewidth=2, label="best so far")
    ax.set_ylim(robust_limits(steps["objective"].to_numpy(float), search.sign))
    ax.set(xlabel=_AXES[along], ylabel=search.metric, title=search.name)
    ax.legend(frameon=False)
    return ax


def curves(
    result: SweepResult, trials: Iterable[int] | None = None, metric: str | None = None, ax: Any = None
) -> Any:
    """A metric by epoch: the best trials in colour, the others behind them.

    Args:
        result: The sweep.
        trials: Which to colour; the five best by default.
        metric: The sweep's own by default.
        ax: Where to draw.
    """
    ax, search = new_axes(ax), search_of(result)
    name = metric or search.metric
    names = [column for column in result.metrics if column not in ("trial", "epoch")]
    if name not in names:
        raise BadInput("metric", name, "was not reported", choices(names, name))
    shown = search.ranking[:_BEST] if trials is None else np.flatnonzero(np.isin(search.number, list(trials)))
    rest = sampled(np.setdiff1d(np.arange(len(search)), shown), _MOST_CURVES)
    sign = search.sign if name == search.metric else 1
    behind = curves_of(result, search, rest, name) * sign
    above = curves_of(result, search, shown, name) * sign
    if not np.isfinite(above).any() and not np.isfinite(behind).any():
        return nothing(ax, f"no trial has reported {name} yet")
    epochs = np.arange(1, max(above.shape[1], behind.shape[1]) + 1)
    for curve in behind:
        ax.plot(
            epochs[: len(curve)],
            curve,
            color=GREY,
            alpha=0.35,
            linewidth=0.7,
            marker=_dot(curve),
            markersize=2,
        )
    for place, (number, curve) in enumerate(zip(search.number[shown], above, strict=True)):
        colour = COLOURS[place % len(COLOURS)]
        ax.plot(
            epochs[: len(curve)],
            curve,
            color=colour,
            linewidth=1.8,
            marker=_dot(curve),
            label=f"trial {number}",
        )
    falls = search.sign if name == search.metric else _direction(above if len(above) else behind)
    ax.set_ylim(robust_limits(np.concatenate([above.ravel(), behind.ravel()]), falls))
    ax.set(xlabel="epoch", ylabel=name, title=search.name)
    ax.xaxis.get_major_locator().set_params(integer=True)
    if len(shown):
        ax.legend(frameon=False)
    return ax


def timeline(result: SweepResult, ax: Any = None) -> Any:
    """Which worker trained when, a bar a job, in the colour of its outcome."""
    jobs = timeline_of(result)
    workers = sorted(jobs["worker"].unique())
    ax = new_axes(ax, (8.0, 1.6 + 0.32 * max(len(workers), 2)))
    if jobs.empty:
        return nothing(ax, "no job has ended yet")
    jobs = jobs.iloc[sampled(np.arange(len(jobs)), _MOST_POINTS)]
    rows = {worker: row for row, worker in enumerate(workers)}
    named = set()
    for (worker, outcome), some in jobs.groupby(["worker", "outcome"]):
        spans = list(zip(some["begun"], some["ended"] - some["begun"], strict=True))
        label = None if outcome in named else str(outcome)
        colour = _OUTCOMES.get(str(outcome), GREY)
        ax.broken_barh(
            spans,
            (rows[worker] - 0.35, 0.7),
            facecolors=colour,
            edgecolor="white",
            linewidth=0.4,
            label=label,
        )
        named.add(outcome)
    ax.set_yticks(range(len(workers)), [worker or "?" for worker in workers])
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.set(xlabel="seconds since the first job", title=str(result.spec["name"]))
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def ecdf(result: SweepResult, *others: SweepResult, ax: Any = None) -> Any:
    """The share of trials that are as good or better, by objective; of several sweeps beside each other.

    What diverged or failed counts among the trials, so a curve of a sweep that lost some ends below 1.
    """
    ax, search = new_axes(ax), search_of(result)
    results = [result, *others]
    table = ecdf_of(results)
    if table.empty:
        return nothing(ax, "no trial has an objective yet")
    for place, label in enumerate(labels_of(results)):
        rows = table[table["sweep"] == label]
        ax.step(
            rows["objective"],
            rows["share"],
            where="post",
            color=COLOURS[place % len(COLOURS)],
            linewidth=2,
            label=label,
        )
    ax.set_xlim(robust_limits(table["objective"].to_numpy(float), search.sign))
    ax.set(xlabel=search.metric, ylabel="share of trials as good or better", ylim=(0, 1.03))
    ax.legend(frameon=False)
    return ax


def _dot(curve: NDArray[np.float64]) -> str:
    """A marker for a curve that has too few points for a line."""
    return "o" if np.isfinite(curve).sum() < 2 else ""


def _direction(curves: NDArray[np.float64]) -> int:
    """1 where a metric falls over the epochs of most trials, -1 where it rises."""
    steps = np.diff(curves, axis=1)
    return -1 if (steps > 0).sum() > (steps < 0).sum() else 1
