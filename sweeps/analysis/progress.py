"""How the best so far came about, over epochs and over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeps.analysis.search import Array, Search, once, search_of
from sweeps.analysis.wording import Answer, count, percent
from sweeps.results.result import SweepResult
from sweeps.screen.figures import show_number, show_seconds
from sweeps.spec.objective import ObjectiveRule
from sweeps.trial import Status

_COLUMNS = {"trial": "int64", "epochs": "int64", "seconds": float, "objective": float, "best": float}


@dataclass(frozen=True)
class Progress(Answer):
    """The best objective so far, after each job of the search.

    Attributes:
        steps: One row per job, in the order of their ends: `trial`; `epochs` that all trials had trained by
            then; `seconds` that the sweep had been at work; `objective` of the trial by then, NaN without;
            `best`, the best objective so far, NaN before the first; `improved`, whether it is from this job.
        metric: What the objective is made of.
    """

    steps: pd.DataFrame
    metric: str

    @property
    def improvements(self) -> pd.DataFrame:
        """The steps at which the best got better; the first one that had an objective is among them."""
        return self.steps[self.steps["improved"]]

    @property
    def words(self) -> str:
        """When the last improvement came."""
        found = self.improvements
        if found.empty:
            return "No trial has an objective yet."
        last, end = found.iloc[-1], self.steps.iloc[-1]
        times = count(len(found) - 1, "improvement", "improvements")
        best = f"The best {self.metric} is {show_number(last['best'])}"
        if not end["epochs"]:
            return f"{best}."
        since = 1 - last["epochs"] / end["epochs"]
        after = f"after {int(last['epochs']):,} of {int(end['epochs']):,} epochs"
        worked = (
            f" and {show_seconds(last['seconds'])} of {show_seconds(end['seconds'])}"
            if end["seconds"] > 0
            else ""
        )
        if last["epochs"] == end["epochs"]:
            return f"{best}, after {times}; the last came at the very end."
        last_came = f"{best}, after {times}; the last came {after}{worked}"
        return f"{last_came}, so {percent(since)} of the epochs brought nothing better."


@once
def progress(result: SweepResult) -> Progress:
    """The best so far over epochs spent and over time.

    Answers how the search went (Godbole et al., 2023, plots of the best objective over the number of trials).
    Time is that in which some job was asked for and had not ended, so a night between a stop and a resumption
    does not count. Where the objective is that of the last epochs, only trials that have trained to their
    end count, as for the best of the search.
    """
    search = search_of(result)
    steps = _of_jobs(result, search) if len(result.jobs) else _of_trials(search)
    signed = steps["objective"].to_numpy(float) * search.sign
    record = np.fmin.accumulate(signed) if len(signed) else signed
    before = np.concatenate([[np.nan], record[:-1]]) if len(signed) else signed
    steps["best"] = record * search.sign
    steps["improved"] = np.isfinite(signed) & ~(signed >= before)
    return Progress(steps, search.metric)


def _of_jobs(result: SweepResult, search: Search) -> pd.DataFrame:
    jobs = result.jobs[result.jobs["trial"].isin(search.number)].reset_index(drop=True)
    at = np.searchsorted(search.number, jobs["trial"].to_numpy())
    last = ~jobs["trial"].duplicated(keep="last").to_numpy()
    stop = np.where(last, search.trained[at], np.minimum(jobs["stop"].to_numpy(), search.trained[at]))
    objective = _objectives_at(result, search, jobs["trial"].to_numpy(), stop)
    objective = np.where(last, search.loss[at], objective)
    objective[~np.isfinite(objective) | search.lost[at]] = np.nan
    if search.rule.kind != "best":
        objective[~(last & search.complete[at])] = np.nan
    trained = np.maximum(stop - jobs["start"].to_numpy(), 0)
    return pd.DataFrame(
        {
            "trial": jobs["trial"].to_numpy(),
            "epochs": trained.cumsum(),
            "seconds": _working_seconds(jobs),
            "objective": objective * search.sign,
        }
    )


def _of_trials(search: Search) -> pd.DataFrame:
    """A step a trial, where the jobs are not known."""
    here = search.status != Status.MEASURED
    able = search.finite & (search.complete | (search.rule.kind == "best"))
    steps = {
        "trial": search.number[here],
        "epochs": search.trained[here].cumsum(),
        "seconds": np.nancumsum(search.seconds[here]),
        "objective": np.where(able, search.loss, np.nan)[here] * search.sign,
    }
    return pd.DataFrame(steps)


def _objectives_at(result: SweepResult, search: Search, trials: Array, stop: Array) -> Array:
    """The loss of each of these trials by the epoch at which a job of it stopped."""
    rows = result.metrics
    if search.metric not in rows or rows.empty:
        return np.full(len(trials), np.nan)
    losses = rows[search.metric] * search.sign
    values = pd.DataFrame({"trial": rows["trial"], "epoch": rows["epoch"].astype("int64"), "loss": losses})
    values["loss"] = _running(values, search.rule)
    asked = pd.DataFrame({"trial": trials, "epoch": stop.astype(np.int64), "place": np.arange(len(trials))})
    found = pd.merge_asof(asked.sort_values("epoch"), values.sort_values("epoch"), on="epoch", by="trial")
    return np.asarray(found.set_index("place")["loss"].sort_index().to_numpy(float))


def _running(values: pd.DataFrame, rule: ObjectiveRule) -> pd.Series[float]:
    """The objective after each row, of rows by trial and epoch."""
    usable = values["loss"].where(np.isfinite(values["loss"]))
    if rule.kind == "best":
        return usable.groupby(values["trial"]).cummin().groupby(values["trial"]).ffill()
    known = usable.dropna()
    means = known.groupby(values["trial"][known.index]).rolling(rule.k, min_periods=1).mean().droplevel(0)
    return means.reindex(values.index).groupby(values["trial"]).ffill()


def worked_seconds(jobs: pd.DataFrame) -> float:
    """For how long some job of these was in training or waited for its turn; 0 where there is none."""
    return float(_working_seconds(jobs)[-1]) if len(jobs) else 0.0


def _working_seconds(jobs: pd.DataFrame) -> Array:
    """By the end of each job, how long some job had been asked for and was not over."""
    asked, ended = (_as_seconds(jobs[name]) for name in ("asked", "ended"))
    order = np.argsort(asked, kind="stable")
    until = np.maximum.accumulate(ended[order])
    gaps = np.maximum(asked[order][1:] - until[:-1], 0.0)
    idle_before = np.concatenate([[0.0], gaps.cumsum()])  # of the job that is asked for then
    idle = idle_before[np.searchsorted(asked[order], ended, side="right") - 1]
    return np.asarray(np.maximum.accumulate(ended - asked.min() - idle))


def _as_seconds(times: pd.Series[pd.Timestamp]) -> Array:
    return times.to_numpy("datetime64[us]").astype(np.int64) / 1e6
