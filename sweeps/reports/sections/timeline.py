"""Who did what when: the jobs of each worker, and what was trained again because it was lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeps.analysis.frames import with_spans
from sweeps.analysis.waste import Waste
from sweeps.analysis.wording import count, percent
from sweeps.events import RESUMED, JobRetried
from sweeps.reports.blocks import Block, Note, Picture, Section, Table, label, short
from sweeps.reports.marks import Trace, dots, legend
from sweeps.reports.view import View
from sweeps.screen.figures import show_seconds

QUESTION = "Who did what when?"
_MOST_BARS = 2_500
_MOST_WORKERS = 40
_BINS = 160
_LOSSES = 15
_KINDS = (
    ("done, or ended by itself", ("done", "ended"), "@accent"),
    ("stopped", ("stopped",), "@muted"),
    ("diverged or failed", ("infeasible", "failed"), "@bad"),
)


def timeline(view: View) -> Section:
    """The section."""
    jobs = view.result.jobs
    if jobs.empty:
        return Section("timeline", QUESTION, "No job has ended yet.")
    jobs = with_spans(jobs)
    retried = list(view.waste.retried)
    workers = [str(name) for name in jobs["worker"].value_counts().index[:_MOST_WORKERS]]
    many = len(jobs) > _MOST_BARS
    picture = _busy(jobs, workers) if many else _bars(jobs, workers, retried)
    blocks: list[Block] = [picture]
    if jobs["worker"].nunique() > _MOST_WORKERS:
        blocks.append(Note(f"The {_MOST_WORKERS} workers with the most jobs are shown."))
    if retried:
        blocks.append(Table(("when (UTC)", "trial", "attempt", "why it was trained again"), _losses(retried)))
    read = (
        "a row is a worker, and the darker, the larger the part of the time that it trained."
        if many
        else "a row is a worker, a bar a job, as long as it trained. Gaps are waiting. "
        "Click a bar for its trial."
    )
    return Section("timeline", QUESTION, _answer(jobs, view.waste), blocks, read)


def _answer(jobs: pd.DataFrame, found: Waste) -> str:
    retried, who = found.retried, count(found.workers, "worker", "workers")
    usual = show_seconds(float(jobs["seconds"].median()))
    text = (
        f"{who} ended {len(jobs):,} jobs in {show_seconds(found.worked)} of work, and trained "
        f"{percent(found.busy)} of that time; a job took {usual} in the median."
    )
    resumed = sum(each.why == RESUMED for each in retried)
    lost = len(retried) - resumed
    text += f" {lost:,} jobs were lost or failed, and trained again." if lost else " Nothing was lost."
    again = count(resumed, "job", "jobs")
    return f"{text} After a resumption {again} went on that had been in training." if resumed else text


def _bars(jobs: pd.DataFrame, workers: list[str], retried: list[JobRetried]) -> Picture:
    place = {name: k for k, name in enumerate(workers)}
    traces = [
        _outcome(jobs[jobs["outcome"].isin(kinds)], place, name, color) for name, kinds, color in _KINDS
    ]
    if retried:
        times = [_moment(each.time).isoformat() for each in retried]
        numbers = np.array([each.trial for each in retried])
        above = np.full(len(retried), -0.75)
        trace = dots(times, above, "@bad", "trained again", 8, symbol="triangle-down", customdata=numbers)
        traces.append({**trace, "hovertemplate": "trial %{customdata} is trained again<extra></extra>"})
    traces = [trace for trace in traces if len(trace["x"])]
    low = -1.1 if retried else -0.6
    return Picture(
        traces,
        legend({"xaxis": _TIME, "yaxis": _rows(workers, low), "barmode": "overlay"}),
        height=_height(workers),
    )


def _outcome(jobs: pd.DataFrame, place: dict[str, int], name: str, color: str) -> Trace:
    """Bars of one colour."""
    jobs = jobs[jobs["worker"].isin(place)]
    began, ended = jobs["began"], jobs["ended"]
    return {
        "type": "bar",
        "orientation": "h",
        "base": _times(began),
        "x": ((ended - began).dt.total_seconds() * 1000).to_numpy(),
        "y": jobs["worker"].map(place).to_numpy(),
        "width": 0.7,
        "name": label(name),
        "marker": {"color": color, "line": {"width": 0}, "opacity": 0.85},
        "customdata": jobs["trial"].to_numpy(),
        "text": [f"epochs {a + 1}–{b}" for a, b in zip(jobs["start"], jobs["stop"], strict=True)],
        "textposition": "none",
        "hovertemplate": "trial %{customdata}, %{text}<extra></extra>",
    }


def _busy(jobs: pd.DataFrame, workers: list[str]) -> Picture:
    """How much of each stretch of time each worker trained."""
    begin = jobs["began"].min()
    began = (jobs["began"] - begin).dt.total_seconds().to_numpy()
    ended = (jobs["ended"] - begin).dt.total_seconds().to_numpy()
    edges = np.linspace(0, max(float(ended.max()), 1e-6), _BINS + 1)
    shares = [
        _share(began[which], ended[which], edges)
        for which in ((jobs["worker"] == w).to_numpy() for w in workers)
    ]
    middles = begin + pd.to_timedelta((edges[:-1] + edges[1:]) / 2, unit="s")
    trace = {
        "type": "heatmap",
        "x": _times(pd.Series(middles)),
        "y": list(range(len(workers))),
        "z": np.array(shares),
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "@panel"], [1, "@accent"]],
        "showscale": False,
        "hovertemplate": "%{z:.0%} busy<extra></extra>",
    }
    return Picture([trace], {"xaxis": _TIME, "yaxis": _rows(workers, -0.6)}, height=_height(workers))


def _share(began: NDArray[np.float64], ended: NDArray[np.float64], edges: NDArray[np.float64]) -> Any:
    """The part of each bin that lies within a job; jobs of one worker do not overlap."""
    done = np.interp(edges, np.sort(np.concatenate([began, ended])), _running(began, ended))
    return np.clip(np.diff(done) / np.diff(edges), 0, 1)


def _running(began: NDArray[np.float64], ended: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds of training that are done at each begin and end, in order of time."""
    times = np.concatenate([began, ended])
    order = np.argsort(times, kind="stable")
    change = np.concatenate([np.ones(len(began)), -np.ones(len(ended))])[order]
    active = np.minimum(np.cumsum(change), 1)
    return np.concatenate([[0.0], np.cumsum(np.diff(times[order]) * active[:-1])])


def _losses(retried: list[JobRetried]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (f"{_moment(e.time):%Y-%m-%d %H:%M:%S}", str(e.trial), str(e.attempt), short(e.why, 200))
        for e in retried[:_LOSSES]
    ]
    more = len(retried) - _LOSSES
    return [*rows, (f"{more} more", "", "", "")] if more > 0 else rows


def _moment(seconds: float) -> pd.Timestamp:
    return pd.Timestamp(seconds, unit="s")


def _times(times: pd.Series[Any]) -> list[str]:
    return [str(time) for time in times.dt.strftime("%Y-%m-%d %H:%M:%S.%f")]


def _rows(workers: list[str], low: float) -> dict[str, Any]:
    texts = [label(short(name, 18)) for name in workers]
    return {
        "tickvals": list(range(len(workers))),
        "ticktext": texts,
        "range": [len(workers) - 0.4, low],
        "showgrid": False,
    }


def _height(workers: list[str]) -> int:
    return min(110 + 34 * len(workers), 700)


_TIME = {"type": "date", "title": {"text": "time (UTC)"}, "nticks": 6}
