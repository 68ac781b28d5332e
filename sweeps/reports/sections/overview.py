"""What was searched, how far it is, and what came of it."""

from __future__ import annotations

from sweeps.analysis.progress import worked_seconds
from sweeps.analysis.wording import values_in_words
from sweeps.reports.blocks import Block, Note, Section, Table, Tiles, short
from sweeps.reports.sections.best import answer
from sweeps.reports.view import View
from sweeps.results import Summary
from sweeps.screen.figures import show_number, show_seconds, show_status
from sweeps.space import Choice, Distribution


def overview(view: View) -> Section:
    """The head of the report."""
    found = view.summary
    blocks: list[Block] = [Tiles(_tiles(view, found)), *_in_short(view, found), _space(view)]
    blocks += [Note("Data: " + "; ".join(found.data))] if found.data else []
    return Section("overview", "What was searched, and how far is it?", _answer(view, found), blocks)


def _answer(view: View, found: Summary) -> str:
    searched = f"{len(view.axes)} hyperparameter{'s'[: len(view.axes) != 1]}"
    begun = f"{found.begun:,} of {found.trials:,} trials have begun: {show_status(found.status)}."
    lines = [f"{searched} were searched for the {_end(found.mode)} {short(found.metric, 80)}. {begun}"]
    lines += [f"{found.state.text[0].upper()}{found.state.text[1:]}."] if found.state.text else []
    lines += [f"The search was ended by {found.ended_by}."] if found.ended_by else []
    lines += ["Every config of the space has been tried."] if found.exhausted else []
    return " ".join(lines)


def _in_short(view: View, found: Summary) -> list[Block]:
    """The three answers that a reader wants first; the sections below have the reasons."""
    if found.best is None:
        return []
    rows = [("the config to take", answer(view, found.best)), ("more of the same", view.stop_or_go.words)]
    rows += [("do next", step.words) for step in view.next_step.steps[:1] if step.about != "stop_or_go"]
    return [Table(("in short", ""), rows)]


def _end(mode: str) -> str:
    return "smallest" if mode == "min" else "largest"


def _tiles(view: View, found: Summary) -> list[tuple[str, str]]:
    best = found.best
    value = "none yet" if best is None else show_number(best.objective)
    what = short(found.metric, 40)
    if best is not None and best.seeds:
        what = f"mean {what} over {best.seeds} fresh seeds"
    tiles = [(value, f"best: {what}"), (f"{found.begun:,}", "trials")]
    tiles += [
        (show_number(metrics[found.metric]), f"{short(name, 40)} baseline")
        for name, metrics in found.baselines.items()
        if found.metric in metrics
    ]
    tiles.append((f"{found.epochs.search + found.epochs.finalists:,}", "epochs trained"))
    jobs = view.result.jobs
    if len(jobs):
        tiles.append((show_seconds(worked_seconds(jobs)), "at work, finals included"))
        workers = jobs["worker"].nunique()
        tiles.append((str(workers), "workers" if workers != 1 else "worker"))
    return tiles


def _space(view: View) -> Table:
    kinds = view.result.space.distributions
    rows = [(name, _scale(each), values_in_words(each), _when(each)) for name, each in kinds.items()]
    return Table(("hyperparameter", "scale", "values", "only when"), rows)


def _scale(each: Distribution) -> str:
    return "ordered choice" if isinstance(each, Choice) and each.ordered else each.kind.replace("_", " ")


def _when(each: Distribution) -> str:
    named = (
        f"{parent} is {' or '.join(short(v, 30) for v in values)}" for parent, values in each.when.items()
    )
    return ", ".join(named)
