"""A sweep's tables made tidy for pandas: best trials, curves, regions, the timeline, several sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from sweeps.analysis.compare import labels_of
from sweeps.analysis.search import search_of
from sweeps.errors import BadInput, choices
from sweeps.results.best import LAST_WORD
from sweeps.results.result import SweepResult
from sweeps.screen.figures import show_test
from sweeps.store.tables.schema import CONFIG

_FIRST = ("trial", "objective", "best_epoch", "epochs", "status")
_SHOWN = 10  # rows in a notebook

_TAKEN = {
    "sweep", "trial", "round", "seed", "repeats", "status", "objective", "best_epoch", "epochs", "seconds",
    "worker", "error", "config",
}  # fmt: skip


def top(result: SweepResult, n: int = 10) -> pd.DataFrame:
    """The best trials of the search, the best first: objective and config, a column a hyperparameter."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise BadInput("n", n, "must be a whole number from 1 on", "such as result.top(10)")
    search = search_of(result)
    rows = search.frame.iloc[search.ranking[:n]].reset_index(drop=True)
    configs = [name for name in rows if str(name).startswith(CONFIG)]
    return rows[[*_FIRST, *configs]].rename(columns={name: _bare(name) for name in configs})


def curves(result: SweepResult, trials: Iterable[int] | None = None) -> pd.DataFrame:
    """Every metric by epoch, long: `trial`, `epoch`, `metric`, `value`; epochs that lack a metric have no
    row.

    Args:
        result: The sweep.
        trials: Their numbers; all of the search by default.
    """
    search, rows = search_of(result), result.metrics
    if trials is None:
        wanted = search.number
    else:
        wanted = np.array(list(trials), dtype=np.int64)
        known = set(result.tables.outcomes["trial"])
        for trial in wanted.tolist():
            if trial not in known:
                raise BadInput(
                    "trials", trial, "is no trial of this sweep", f"give numbers from 0 to {len(known) - 1}"
                )
    rows = rows[rows["trial"].isin(wanted)]
    long = rows.melt(["trial", "epoch"], var_name="metric", value_name="value").dropna(subset=["value"])
    return long.sort_values(["metric", "trial", "epoch"], ignore_index=True)


def regions(result: SweepResult) -> pd.DataFrame:
    """The rounds table, with the ends of each whole range, `range_low` and `range_high`, beside a region."""
    rounds, space = result.rounds.copy(), search_of(result).space
    ends = {
        name: (float(getattr(kind, "low", np.nan)), float(getattr(kind, "high", np.nan)))
        for name, kind in space.distributions.items()
    }
    nothing = (np.nan, np.nan)
    for column, place in (("range_low", 0), ("range_high", 1)):
        rounds[column] = [ends.get(name, nothing)[place] for name in rounds["hyperparameter"]]
    return rounds


def timeline(result: SweepResult) -> pd.DataFrame:
    """What was trained when and where, a row a job by its begin: `trial`, `worker`, `start`, `stop`,
    `outcome`, `begun` and `ended` in seconds since the first, `repeat` where it trained a finalist on a
    fresh seed.

    A job of which no worker said when it began counts from when it was asked for.
    """
    jobs = with_spans(result.jobs)
    zero = jobs["began"].min()
    trials = result.tables.outcomes
    repeats = trials.loc[trials["repeats"].notna(), "trial"]
    table = pd.DataFrame(
        {
            "trial": jobs["trial"],
            "worker": jobs["worker"],
            "start": jobs["start"],
            "stop": jobs["stop"],
            "outcome": jobs["outcome"],
            "begun": (jobs["began"] - zero).dt.total_seconds(),
            "ended": (jobs["ended"] - zero).dt.total_seconds(),
            "repeat": jobs["trial"].isin(repeats),
        }
    )
    return table.sort_values("begun", ignore_index=True, kind="stable")


def with_spans(jobs: pd.DataFrame) -> pd.DataFrame:
    """Jobs with the moments between which each was trained: `began`, and `ended` changed to what it was.

    Several jobs of one call are heard of together, at the end of the last: `ended` of the table is that.
    """
    began = jobs["started"].fillna(jobs["asked"])
    over = began + pd.to_timedelta(jobs["seconds"], unit="s")
    known = jobs["started"].notna() & (over < jobs["ended"])
    return jobs.assign(began=began, ended=jobs["ended"].mask(known, over))


def concat(results: Sequence[SweepResult]) -> pd.DataFrame:
    """The trials of several sweeps as one table, with a column `sweep` in front.

    A hyperparameter that a sweep lacks is null there; the columns are named as in `top`.

    Raises:
        BadInput: No sweep is given.

    Example:
        ::

            sweeps.concat([sweeps.load("runs/a"), sweeps.load("runs/b")]).groupby("sweep")["objective"].min()
    """
    results = list(results)
    if not results:
        raise BadInput("results", results, "holds no sweep", 'such as sweeps.concat([sweeps.load("runs/a")])')
    frames = [_named(label, each) for label, each in zip(labels_of(results), results, strict=True)]
    return pd.concat(frames, ignore_index=True)


def notebook(result: SweepResult) -> str:
    """A sweep in a notebook: a line, the winner's test figures, and the best trials as a table.

    All text of users is escaped.
    """
    search = search_of(result)
    objective = f"{escape(search.metric)} ({'less' if search.mode == 'min' else 'more'} is better)"
    where = escape(str(result.path))
    head = f"<p><b>{escape(search.name)}</b>: {len(search):,} trials by {objective}, in {where}</p>"
    best = result.best
    test = "" if best is None else show_test(best, search.metric)
    if best is not None and test:
        head += f"<p>trial {best.trial}, the winner: {escape(test)} ({escape(LAST_WORD)})</p>"
    return head + top(result, _SHOWN).to_html(escape=True, index=False, max_rows=None, na_rep="")


def check_names(result: SweepResult, names: Sequence[str] | None) -> list[str]:
    """Searched hyperparameters by name, all by default. Raises `BadInput` on one that is not."""
    searched = search_of(result).space.searched
    for name in names or ():
        if name not in searched:
            raise BadInput("hyperparameters", name, "is not searched", choices(searched, name))
    return list(searched if names is None else names)


def _named(label: str, result: SweepResult) -> pd.DataFrame:
    rows = result.trials.rename(columns=lambda name: _bare(name) if str(name).startswith(CONFIG) else name)
    rows = rows.loc[:, ~rows.columns.duplicated()]
    return pd.concat([pd.Series([label] * len(rows), name="sweep", dtype="str"), rows], axis=1)


def _bare(name: Any) -> str:
    """A hyperparameter's column by its own name; as it is where a column of the trials has that name."""
    bare = str(name).removeprefix(CONFIG)
    return str(name) if bare in _TAKEN else bare
