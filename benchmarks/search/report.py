"""The table of a comparison, in Markdown."""

from __future__ import annotations

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

    The last columns: seeds, the workers' busy share, milliseconds of deciding a trial, and the standard
    error over seeds of the regret at the last budget.
    """
    results = with_regrets(results)
    chosen = results[(results.source == source) & (results.workers == workers)]
    regrets = [name for name in chosen if str(name).startswith("regret_")]
    problems = chosen.groupby(["peer", "seed"]).problem.transform("nunique")
    complete = problems == chosen.problem.nunique()  # a seed that was broken off may have the easier ones
    chosen = chosen[complete]
    by_seed = chosen.groupby(["peer", "seed"])[regrets].mean()
    found = by_seed.groupby("peer").mean()
    found["±"] = by_seed.groupby("peer")[regrets[-1]].sem()
    peers = chosen.groupby("peer")
    found["seeds"] = peers.seed.nunique()
    found["busy"] = peers.busy.mean()
    found["ms a trial"] = 1000 * peers.deciding.sum() / peers.trials.sum()
    return found.sort_values(regrets[-1])


def markdown(results: pd.DataFrame, source: str, workers: int) -> str:
    """The table of one source and number of workers; empty if there are no such runs."""
    found = table(results, source, workers)
    regrets = [str(name) for name in found if str(name).startswith("regret_")]
    heads = ["peer", *(name.removeprefix("regret_") for name in regrets), *_FORMATS]
    lines = [heads, ["---"] * len(heads)]
    for peer, row in found.iterrows():
        cells = [f"{row[name]:.2f}" for name in regrets]
        lines.append([str(peer), *cells, *(form.format(row[name]) for name, form in _FORMATS.items())])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
