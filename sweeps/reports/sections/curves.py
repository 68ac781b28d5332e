"""Learning curves: of the best trials alone, and of the best among a sample of all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sweeps.analysis.training_length import training_metric
from sweeps.reports.axes import ObjectiveAxis
from sweeps.reports.blocks import Block, Note, Picture, Section
from sweeps.reports.marks import Trace, dots, legend, line
from sweeps.reports.view import View

_ALONE = 6  # trials with a picture each
_OTHERS = 40
_LONGEST = 300  # epochs of a curve that are drawn

QUESTION = "Do the curves overfit, jitter, or still improve?"
_READ = (
    "above, the best trials of the search in colour among others in grey; below, one of them each: the "
    "objective's metric as a line, the same on the training data dashed, the best epoch as a dot. Lines"
    " that part after the dot overfit; a dot at the right end asks for more epochs; a ragged line asks "
    "for a smaller learning rate or larger batches."
)


def curves(view: View) -> Section:
    """The section; its words are those of the analysis."""
    chosen = _chosen(view)
    rows = view.result.metrics
    rows = rows[rows["trial"].isin(chosen)]
    if not len(rows) or rows["epoch"].max() < 2:
        why = "No trial has been trained for two epochs, so there are no curves."
        return Section("curves", QUESTION, f"{why} {view.training_length.words}")
    by_trial = {int(str(trial)): frame for trial, frame in rows.groupby("trial")}
    blocks: list[Block] = [_together(view, by_trial, chosen)]
    blocks += [_alone(view, trial, by_trial[trial]) for trial in chosen[:_ALONE] if trial in by_trial]
    blocks += [Note(f"The curves of {len(by_trial)} of {len(view.search.ranking):,} trials are shown.")]
    return Section(
        "curves",
        QUESTION,
        view.training_length.words,
        blocks,
        _READ,
        "is there problematic overfitting, is the late training jumpy, and does the best step come at the "
        "end?",
    )


def _chosen(view: View) -> list[int]:
    """The best, then a sample of the rest."""
    trials = view.search.number[view.search.ranking[view.search.trained[view.search.ranking] > 0]]
    rest = trials[_ALONE:]
    some = np.random.default_rng(0).choice(rest, min(len(rest), _OTHERS), replace=False)
    return [int(trial) for trial in (*trials[:_ALONE], *some)]


def _together(view: View, rows: dict[int, pd.DataFrame], chosen: list[int]) -> Picture:
    first = [trial for trial in chosen[:_ALONE] if trial in rows]
    others = [trial for trial in chosen[_ALONE:] if trial in rows]
    x, heights = _joined(view, [rows[trial] for trial in others])
    traces: list[Trace] = [line(x, heights, "@muted/0.5", "others", 1)]
    x, heights = _joined(view, [rows[trial] for trial in first])
    traces.append(line(x, heights, "@warn", f"best {len(first)} of the search", 1.8))
    axis = {"title": {"text": "epoch"}, "rangemode": "tozero"}
    values = np.concatenate([_column(view, frame).to_numpy(float) for frame in rows.values()])
    y = ObjectiveAxis.of(view.metric, view.search.sign * values, view.search.sign, share=0.95)
    return Picture(traces, legend({"xaxis": axis, "yaxis": y.layout()}), height=360)


def _joined(view: View, frames: list[pd.DataFrame]) -> tuple[list[float | None], list[float | None]]:
    """Several curves as one line, with gaps between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    for frame in frames:
        frame = _thinned(frame)
        x += [*frame["epoch"].tolist(), None]
        y += [*_column(view, frame).tolist(), None]
    return x, y


def _alone(view: View, trial: int, frame: pd.DataFrame) -> Picture:
    place = view.place_of(trial)
    epoch, objective = int(view.search.best_epoch[place]), view.objectives[place]
    thin = _thinned(frame)
    traces = []
    other = training_metric(view.metric)
    if other in thin and thin[other].notna().any():
        traces.append(line(thin["epoch"], thin[other], "@second", other, 1.5, dash="dot"))
    traces.append(line(thin["epoch"], _column(view, thin), "@accent", view.metric, 2))
    for each in traces:
        each.pop("hoverinfo")
    at = frame[frame["epoch"] == epoch]
    traces.append(dots(at["epoch"], _column(view, at), "@warn", "best epoch", 9))
    title = f"trial {trial}: {objective:.4g} at epoch {epoch}"
    shown = np.concatenate([np.asarray(trace["y"], dtype=float) for trace in traces])
    axis = ObjectiveAxis.of(view.metric, view.search.sign * shown, view.search.sign, share=1).layout(
        bare=True
    )
    return Picture(traces, {"xaxis": {"title": {"text": "epoch"}}, "yaxis": axis}, title, 230, small=True)


def _column(view: View, frame: pd.DataFrame) -> pd.Series[float]:
    return frame[view.metric] if view.metric in frame else pd.Series(np.nan, frame.index)


def _thinned(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:: max(1, len(frame) // _LONGEST)]
