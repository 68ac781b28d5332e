"""The tables of a comparison, in Markdown."""

from __future__ import annotations

import numpy as np
import pandas as pd

_FORMATS = {"±": "{:.2f}", "seeds": "{:.0f}", "busy": "{:.2f}", "ms a trial": "{:.2f}"}


def with_regrets(results: pd.DataFrame) -> pd.DataFrame:
    """The results with a regret beside each score; 0 is the least best known of all a problem's rows."""
    zero = results.groupby("problem").zero.transform("min")
    scores = results.filter(like="score_")
    regrets = scores.sub(zero, axis=0).div(results.one - zero, axis=0)
    return results.join(regrets.rename(columns=lambda name: name.replace("score_", "regret_")))


def table(results: pd.DataFrame, source: str, workers: int) -> pd.DataFrame:
    """The mean over a source's problems and seeds, a peer a row, best at the last budget first.

    The last columns: the standard error over seeds of the regret at the last budget, seeds, the workers'
    busy share, milliseconds of deciding a trial.
    """
    chosen = _complete(with_regrets(results), source, workers)
    found = _over_seeds(chosen.groupby(["peer", "seed"])[_budgets(chosen, "regret_")].mean())
    peers = chosen.groupby("peer")
    found["seeds"] = peers.seed.nunique()
    found["busy"] = peers.busy.mean()
    found["ms a trial"] = 1000 * peers.deciding.sum() / peers.trials.sum()
    return found


def regret_table(results: pd.DataFrame, source: str, workers: int) -> pd.DataFrame:
    """The regrets alone: a peer a row, a budget a column, best at the last budget first."""
    return (
        table(results, source, workers)
        .filter(like="regret_")
        .rename(columns=lambda name: str(name).removeprefix("regret_"))
    )


def loss_table(results: pd.DataFrame, source: str, workers: int) -> pd.DataFrame:
    """The winner's test loss: the geometric mean over problems, its mean over seeds, and ± as above.

    Empty where no problem of the source has a test split.
    """
    chosen = _complete(results, source, workers)
    logarithms = chosen.groupby(["peer", "seed"])[_budgets(chosen, "test_")].mean()
    return logarithms if logarithms.empty else _over_seeds(logarithms.apply(np.exp))


def markdown(results: pd.DataFrame, source: str, workers: int) -> str:
    """The tables of one source and number of workers; of regret alone where there are no test splits."""
    if _complete(results, source, workers).empty:
        return "No results."
    tests = loss_table(results, source, workers)
    regrets = _markdown(table(results, source, workers), "regret_", "{:.2f}", _FORMATS)
    if tests.empty:
        return regrets
    return f"{regrets}\n\nThe winner's test loss:\n\n{_markdown(tests, 'test_', '{:.4f}', {'±': '{:.4f}'})}"


def _complete(results: pd.DataFrame, source: str, workers: int) -> pd.DataFrame:
    """The rows of whole seeds: one that was broken off may have the easier problems."""
    chosen = results[(results.source == source) & (results.workers == workers)]
    problems = chosen.groupby(["peer", "seed"]).problem.transform("nunique")
    return chosen[problems == chosen.problem.nunique()]


def _budgets(chosen: pd.DataFrame, prefix: str) -> list[str]:
    """The columns of a kind that have figures, by budget."""
    columns = chosen.dropna(axis="columns", how="all").filter(like=prefix)
    return sorted(map(str, columns), key=lambda name: float(name.removeprefix(prefix)))


def _over_seeds(by_seed: pd.DataFrame) -> pd.DataFrame:
    """The mean over a peer's seeds, best at the last budget first, and the standard error there."""
    last = by_seed.columns[-1]
    found = by_seed.groupby("peer").mean()
    return found.assign(**{"±": by_seed.groupby("peer")[last].sem()}).sort_values(last)


def _markdown(found: pd.DataFrame, prefix: str, form: str, others: dict[str, str]) -> str:
    forms = {str(name): form for name in found if str(name).startswith(prefix)} | others
    lines = [["peer", *(name.removeprefix(prefix) for name in forms)], ["---"] * (1 + len(forms))]
    for peer, row in found.iterrows():
        lines.append([str(peer), *(form.format(row[name]) for name, form in forms.items())])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
