"""The best config, and whether it is real: finalists over fresh seeds, the first config, the baselines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from sweeps.analysis.wording import and_list, percent
from sweeps.reports.blocks import Block, Note, Picture, Section, Table, label, short
from sweeps.reports.marks import dots, legend, told
from sweeps.reports.view import View
from sweeps.results import BestSummary
from sweeps.results.best import LAST_WORD, of_test_split
from sweeps.screen.figures import show_metric, show_number, show_value

QUESTION = "What is best, and is it real?"
_TOP = 10
_TESTS = 2  # metrics of the test split beside each finalist


def best(view: View) -> Section:
    """The section."""
    found = view.summary.best
    if found is None:
        return Section("best", QUESTION, "No trial has an objective yet, so there is no best config.")
    finalists = view.result.finalists
    blocks: list[Block] = [_finalists(view), _seeds(view)] if len(finalists) else [_top(view)]
    blocks += [_config(view, found), _metrics(view, found)]
    if rows := list(_peers(view, found)):
        blocks.append(
            Table(
                ("", view.metric_name, "the best of the search is" if not found.seeds else "the winner is"),
                rows,
                title="Against what it has to beat",
            )
        )
    read = (
        "a finalist is one of the best trials of the search, whose config is trained again on fresh "
        "seeds: each small point is such a training, the large one their mean, the bar one standard "
        "deviation. The open diamond is what made it a finalist: it may be lucky and counts no more."
    )
    if _test_metrics(view):
        blocks.append(Note(f"{LAST_WORD[0].upper()}{LAST_WORD[1:]}."))
    return Section("best", QUESTION, answer(view, found), blocks, read if len(finalists) else "")


def answer(view: View, found: BestSummary) -> str:
    """Which config to take, whether that is luck, and how long to train it."""
    value = f"with {view.metric_name} {show_number(found.objective)}"
    if not found.seeds:
        return (
            f"Trial {found.trial} is the best of the search {value}. No fresh seeds have confirmed it "
            "yet, and the best of many trials is lucky as well as good."
        )
    spread = found.spreads.get(view.metric)
    around = f" ± {spread:.2g}" if spread is not None else ""
    over = f"Trial {found.trial} is the winner {value}{around}, the mean over {found.seeds} fresh seeds."
    return " ".join(
        [over, *_beside_finalists(view), *_beside_baselines(view, found), *_how_long(view, found)]
    )


def _beside_finalists(view: View) -> Iterator[str]:
    """Whom fresh seeds cannot tell from it."""
    others = view.summary.finalists[1:]
    tied = [each.trial for each in others if each.tied and not each.unsettled]
    noisy = [each.trial for each in others if each.unsettled]
    if tied:
        yield f"These seeds cannot tell it from {_trials(tied)}."
    if noisy:
        vary = "varies" if len(noisy) == 1 else "vary"
        yield f"{_trials(noisy).capitalize()} {vary} too much with the seed to be told from it for sure."
    if others and not tied and not noisy:
        yield "It is told from all other finalists with 95 % certainty."


def _trials(numbers: Sequence[int]) -> str:
    return f"trial{'s' if len(numbers) > 1 else ''} {and_list(numbers)}"


def _beside_baselines(view: View, found: BestSummary) -> Iterator[str]:
    """Which plain models are as good."""
    for name, metrics in view.summary.baselines.items():
        if view.metric in metrics and view.search.sign * (metrics[view.metric] - found.objective) <= 0:
            value = show_number(metrics[view.metric])
            yield f"It does not beat the baseline {short(name, 40)}, {view.metric_name} {value}."


def _how_long(view: View, found: BestSummary) -> list[str]:
    """Its best epochs, where a trial counts by its best one."""
    trials = view.result.trials
    epochs = trials["best_epoch"][trials["repeats"] == found.trial].dropna().astype(int).sort_values()
    if view.search.epochs == 1 or view.search.rule.kind != "best" or epochs.empty:
        return []
    text = f"Its best epochs were {and_list(epochs.tolist())} of {view.search.epochs}."
    last = _at_the_end(view, found)
    if last is None:
        return [text]
    flatter = "the best epoch is chosen by it, so test data tell more"
    return [f"{text} At its last epoch {view.metric_name} is {show_number(last)}: {flatter}."]


def _at_the_end(view: View, found: BestSummary) -> float | None:
    """The mean of the metric over its repeats at their last epochs; None where it is not known."""
    trials = view.result.trials
    repeats = trials[trials["repeats"] == found.trial]
    known = _at(view, repeats["trial"], repeats["epochs"], view.metric)
    return float(known.mean()) if len(known) == len(repeats) and len(known) else None


def _finalists(view: View) -> Table:
    rows: list[tuple[str, ...]] = []
    tests = _test_metrics(view)
    for row in view.summary.finalists:
        figures = (show_number(row.mean), show_number(row.spread), str(row.seeds), show_number(row.objective))
        mark = "winner" if row.tied and not rows else row.verdict
        rows.append(
            (f"trial {row.trial}", *figures, *(_tested(view, row.trial, name) for name in tests), mark)
        )
    headings = ("finalist", "mean", "spread", "seeds", "in the search", *tests, "")
    return Table(headings, rows, marked=0 if any(row.tied for row in view.summary.finalists) else None)


def _test_metrics(view: View) -> list[str]:
    """The test split's loss and error, or accuracy; to be read, not to be chosen by."""
    return of_test_split(map(str, view.result.metrics), view.metric)[:_TESTS]


def _tested(view: View, trial: int, name: str) -> str:
    """The mean of a metric over a finalist's repeats, each at the epoch that its objective is from."""
    trials = view.result.trials
    repeats = trials[trials["repeats"] == trial]
    values = _at(view, repeats["trial"], repeats["best_epoch"], name)
    return show_number(float(values.mean())) if len(values) else "-"


def _at(view: View, trials: pd.Series[int], epochs: pd.Series[int], name: str) -> pd.Series[float]:
    """What these few trials reported of a metric at an epoch each, where they did."""
    rows = view.result.metrics
    if name not in rows:
        return pd.Series(dtype=float)
    rows = rows[rows["trial"].isin(trials)]
    at = rows["trial"].map(dict(zip(trials, epochs, strict=True)))
    return rows.loc[(rows["epoch"] == at).fillna(False), name].dropna()


def _seeds(view: View) -> Picture:
    table = view.result.finalists
    repeats = view.result.trials
    repeats = repeats[repeats["repeats"].notna() & repeats["objective"].notna()]
    place = {int(trial): k for k, trial in enumerate(table["trial"])}
    each = repeats["repeats"].map(place).to_numpy(float)
    rows = np.arange(len(table))
    spread = {
        "type": "data",
        "array": table["spread"].fillna(0),
        "color": "@accent",
        "thickness": 1.5,
        "width": 5,
    }
    about = told(repeats["trial"].to_numpy(), repeats["objective"].to_numpy(float))
    traces = [
        dots(repeats["objective"], each, "@accent", "a fresh seed", 6, opacity=0.5, **about),
        {**dots(table["mean"], rows, "@accent", "mean ± spread", 11), "error_x": spread},
        dots(table["objective"], rows, "@warn", "in the search", 10, symbol="diamond-open"),
    ]
    names = [f"trial {trial}" for trial in table["trial"]]
    y = {"tickvals": rows, "ticktext": names, "range": [len(table) - 0.4, -0.6], "showgrid": False}
    layout = legend({"xaxis": {"title": {"text": label(view.metric)}}, "yaxis": y})
    return Picture(traces, layout, height=130 + 46 * len(table))


def _top(view: View) -> Table:
    places = view.search.ranking[:_TOP]
    rows = [
        (
            f"trial {view.search.number[place]}",
            show_number(float(view.objectives[place])),
            _whole(view.search.best_epoch[place]),
            str(view.search.trained[place]),
            str(view.search.status[place]),
        )
        for place in places.tolist()
    ]
    return Table(("in the search", view.metric_name, "best epoch", "epochs", "status"), rows, marked=0)


def _config(view: View, found: BestSummary) -> Table:
    rows = [
        (name, short("none" if value is None else show_value(value), 200))
        for name, value in found.config.items()
    ]
    last = ", the last of its schedule" if view.summary.by_schedule else ""
    return Table(("hyperparameter", "value"), rows, title=f"The config of trial {found.trial}{last}")


def _which(found: BestSummary) -> str:
    if found.seeds:
        return "Its metrics: means over the seeds, at each one's best epoch"
    return f"Its metrics at epoch {found.epoch}" if found.epoch else "Measured elsewhere, without metrics"


def _metrics(view: View, found: BestSummary) -> Table:
    names = sorted(found.metrics, key=lambda name: (name != view.metric, name))
    rows = [(name, show_metric(found.metrics[name]), show_metric(found.spreads.get(name))) for name in names]
    return Table(("metric", "value", "spread"), rows, title=_which(found))


def _peers(view: View, found: BestSummary) -> Iterator[tuple[str, str, str]]:
    """What the best has to beat, and by how much it does."""
    trained = np.flatnonzero(view.search.trained > 0)
    if len(trained) and view.search.finite[trained[0]] and view.search.number[trained[0]] != found.trial:
        first = int(trained[0])
        text = f"the first config that was tried (trial {view.search.number[first]})"
        yield _peer(view, found, text, float(view.objectives[first]))
    for name, metrics in view.summary.baselines.items():
        if view.metric in metrics:
            yield _peer(view, found, f"baseline: {name}", metrics[view.metric])


def _peer(view: View, found: BestSummary, name: str, value: float) -> tuple[str, str, str]:
    gain = view.search.sign * (value - found.objective)
    share = f" ({percent(abs(gain / value))})" if value else ""
    return name, show_number(value), f"{'better' if gain > 0 else 'worse'} by {show_number(abs(gain))}{share}"


def _whole(number: float) -> str:
    return "-" if pd.isna(number) else str(int(number))
