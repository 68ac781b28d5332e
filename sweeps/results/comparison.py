"""The finalists compared: who is best over fresh seeds, and whom the seeds cannot tell from the best."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeps.trial import Mode, Status

_NUMBERS = {"trial": int, "objective": float, "mean": float, "spread": float, "n": int, "failed": int}
_DOUBT = 0.05  # the most that the truly best finalist may fail to be marked, in probability
_NOT_OVER = (Status.RUNNING, Status.INTERRUPTED, Status.STOPPED)


def finalists(trials: pd.DataFrame, mode: Mode, seeds: int, race: bool = False) -> pd.DataFrame:
    """One row per finalist: by mean, the best first; those with failed repeats, which cannot win, last.

    trials: the trials table. seeds: on how many each finalist is to be trained again.
    race: whether they are rivals in a race, who are dropped as soon as they are behind: those with fewer
        repeats than others come last and cannot win, and it is over whenever no repeat is in training.
    The columns:
    trial, objective: the finalist and what it had in the search, which is not part of the mean.
    mean, spread: of the objective over its repeats, and their standard deviation (with n - 1).
    n, failed: how many repeats have given an objective, and how many diverged, failed or gave none.
    tied: whether it is the winner, or may be as good. All false until the last repeat of all is over.
    unsettled: whether it is tied and yet worse in the mean than the winner on its worst seed, so that its own
        spread alone keeps it among the tied: nobody would take it.

    The rule for ties: a finalist is tied with the best mean unless its differences to it, in pairs of one
    seed, have a mean above t standard errors, t being the quantile of Student's distribution at
    1 - 0.05 / (k - 1) with n - 1 degrees of freedom, for k finalists on n seeds. The truly best of them is
    then marked with a probability of 95 % at least, if differences are normal: Nelson, Swann, Goldsman and
    Song (2001), "Simple procedures for selecting the best simulated system when the number of alternatives
    is large", Operations Research 49(6), with Bonferroni's inequality since all share their seeds. One seed
    says nothing of the spread, so all are tied.
    """
    repeats = trials[trials["repeats"].notna()]
    search = trials.set_index("trial")["objective"]
    rows = [_row(of, search) for _, of in repeats.groupby("repeats")]
    table = pd.DataFrame(rows, columns=list(_NUMBERS)).astype(_NUMBERS)
    table["rank"] = table["mean"] * (1 if mode == "min" else -1)
    table["dropped"] = race & (table["n"] + table["failed"] < (table["n"] + table["failed"]).max())
    table = table.sort_values(["failed", "dropped", "rank", "trial"], ignore_index=True)
    over = bool((table["n"] + table["failed"] == seeds).all())
    over = over or (race and len(table) > 0 and not repeats["status"].isin(_NOT_OVER[:2]).any())
    table["tied"] = np.array(_ties(table, repeats) if over else [False] * len(table), dtype=bool)
    table = table.drop(columns=["rank", "dropped"])
    table["unsettled"] = _unsettled(table, repeats, mode)
    return table


def _row(repeats: pd.DataFrame, search: pd.Series[float]) -> tuple[object, ...]:
    trial = int(repeats["repeats"].iloc[0])
    values = repeats.loc[~repeats["status"].isin(_NOT_OVER), "objective"]
    n = int(values.count())
    return trial, float(search[trial]), values.mean(), values.std(), n, len(values) - n


def _ties(table: pd.DataFrame, repeats: pd.DataFrame) -> list[bool]:
    able = table.loc[(table["failed"] == 0) & ~table["dropped"], "trial"]
    if able.empty:
        return [False] * len(table)
    values = repeats.pivot(index="seed", columns="repeats", values="objective")
    doubt = _DOUBT / max(len(able) - 1, 1)
    tied = {trial for trial in able if _is_tied((values[trial] - values[able.iloc[0]]).to_numpy(), doubt)}
    return [trial in tied for trial in table["trial"]]


def _unsettled(table: pd.DataFrame, repeats: pd.DataFrame, mode: Mode) -> NDArray[np.bool_]:
    if not table["tied"].any():
        return np.zeros(len(table), dtype=bool)
    winner = repeats.loc[repeats["repeats"] == table["trial"].iloc[0], "objective"]
    worse = table["mean"] > winner.max() if mode == "min" else table["mean"] < winner.min()
    return np.asarray(table["tied"] & worse & (len(winner) > 1), dtype=bool)


def _is_tied(differences: NDArray[np.float64], doubt: float) -> bool:
    """Whether paired differences of shape (seeds,) may have the mean 0. doubt: the one-sided level."""
    n = len(differences)
    if n < 2:
        return True
    from scipy.special import stdtrit

    error = float(differences.std(ddof=1)) / math.sqrt(n)
    return abs(float(differences.mean())) <= float(stdtrit(n - 1, 1 - doubt)) * error
