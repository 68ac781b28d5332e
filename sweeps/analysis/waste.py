"""What epochs and workers' time were spent on: trials that brought a result, others, and waiting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeps.analysis.frames import with_spans
from sweeps.analysis.progress import worked_seconds
from sweeps.analysis.search import Array, once
from sweeps.analysis.wording import Answer, and_list, count, percent
from sweeps.events import JobRetried
from sweeps.results.result import SweepResult
from sweeps.screen.figures import show_seconds
from sweeps.store import LOG, LogReader
from sweeps.trial import Status

REPEATS, LOST, WAITING = "repeats on fresh seeds", "attempts that were lost", "waiting"
_OPEN = "running or interrupted"
_GROUPS = {
    Status.COMPLETED: "trained to the end",
    Status.STOPPED: "stopped early",
    Status.PAUSED: "stopped early",
    Status.INFEASIBLE: "diverged",
    Status.FAILED: "failed",
}
_WASTED = ("diverged", "failed", LOST)
_ORDER = (*dict.fromkeys(_GROUPS.values()), REPEATS, _OPEN, LOST, WAITING)


@dataclass(frozen=True)
class Waste(Answer):
    """Where epochs and workers' time went.

    Attributes:
        table: A row for each use that there was: `what`; `trials`; `epochs`; `seconds` of workers. Those of
            `LOST` are of attempts that were trained again, those of `WAITING` of workers without a job.
        workers: How many there were. worked: For how many seconds the sweep was at work, each of them.
        retried: The attempts that were lost or failed and trained again, or went on after a resumption.
    """

    table: pd.DataFrame
    workers: int
    worked: float
    retried: tuple[JobRetried, ...]

    def share(self, *what: str) -> float:
        """The part of the workers' time that went into these uses."""
        whole = float(self.table["seconds"].sum())
        return float(self.table.loc[self.table["what"].isin(what), "seconds"].sum()) / whole if whole else 0.0

    @property
    def busy(self) -> float:
        """The part of the workers' time in which they trained, lost attempts included."""
        return 1 - self.share(WAITING)

    @property
    def words(self) -> str:
        """What brought nothing, what early stopping cost, and what was waiting."""
        if not self.workers:
            return "No job has ended yet, so nothing is known of what was wasted."
        whole = f"Of {show_seconds(self.worked * self.workers)} of {count(self.workers, 'worker', 'workers')}"
        wasted = [f"{percent(self.share(what))} {_INTO[what]}" for what in _WASTED if self._has(what)]
        nothing = f"{and_list(wasted)} brought nothing" if wasted else "nothing went into losses"
        early = self.share("stopped early")
        return (
            f"{whole}, {nothing}, and {percent(self.share(WAITING))} was waiting. {percent(early)} went "
            "into trials that were stopped early, which the search learns from, and "
            f"{percent(self.share(REPEATS))} into repeats."
        )

    def _has(self, what: str) -> bool:
        return bool((self.table["what"] == what).any())


_INTO = {"diverged": "in trials that diverged", "failed": "in trials that failed", LOST: "in lost attempts"}


@once
def waste(result: SweepResult) -> Waste:
    """What the sweep's epochs and its workers' time were spent on.

    A worker's time is that in which the sweep was at work: some job had been asked for and was not over. It
    is busy while any of its jobs is in training; jobs that were trained together share that time.
    """
    jobs = with_spans(result.jobs) if len(result.jobs) else result.jobs
    retried = tuple(LogReader(result.path / LOG).every(JobRetried))
    trials = result.trials
    group = trials["status"].map(_GROUPS).fillna(_OPEN).mask(trials["repeats"].notna(), REPEATS)
    here = trials["status"] != Status.MEASURED
    uses = trials[here].groupby(group[here])["epochs"].agg(trials="size", epochs="sum")
    workers, worked = int(jobs["worker"].nunique()) if len(jobs) else 0, worked_seconds(jobs)
    if workers:
        seconds = (
            _seconds(jobs).groupby(jobs["trial"].map(dict(zip(trials["trial"], group, strict=True)))).sum()
        )
        uses = uses.join(seconds.rename("seconds"), how="outer")
        free = max(worked * workers - float(seconds.sum()), 0.0)
        lost = min(sum(each.seconds for each in retried), free)
        if lost:
            uses.loc[LOST] = {"trials": len({each.trial for each in retried}), "epochs": 0, "seconds": lost}
        uses.loc[WAITING] = {"trials": 0, "epochs": 0, "seconds": free - lost}
    else:
        uses["seconds"] = 0.0
    uses = uses.reindex([name for name in _ORDER if name in uses.index]).fillna(0)
    table = uses.rename_axis("what").reset_index().astype({"trials": "int64", "epochs": "int64"})
    return Waste(table, workers, worked, retried)


def _seconds(jobs: pd.DataFrame) -> pd.Series[float]:
    """What each job took of its worker's time, in seconds: of jobs that were trained at once, its share."""
    began, ended = (
        jobs[name].to_numpy("datetime64[us]").astype(np.int64) / 1e6 for name in ("began", "ended")
    )
    spans = pd.Series(ended - began, index=jobs.index).clip(lower=0.0)
    found = spans.copy()
    for rows in jobs.groupby("worker").indices.values():
        whole = float(spans.iloc[rows].sum())
        found.iloc[rows] *= _covered(began[rows], ended[rows]) / whole if whole else 0.0
    return found


def _covered(began: Array, ended: Array) -> float:
    """The length of the union of these spans of time.

    >>> _covered(np.array([0.0, 1.0, 5.0]), np.array([2.0, 3.0, 6.0]))
    4.0
    """
    order = np.argsort(began, kind="stable")
    until = np.maximum.accumulate(ended[order])
    since = np.concatenate([began[order][:1], np.maximum(began[order][1:], until[:-1])])
    return float(np.maximum(ended[order] - since, 0.0).sum())
