"""What a sweep has come to, on the screen."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from sweeps.execution import DIVERGED
from sweeps.results import BestSummary, Summary
from sweeps.results.best import LAST_WORD
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_metric, show_path, show_raised, show_status, show_test, show_value
from sweeps.screen.finalists import print_finalists
from sweeps.screen.regions import print_regions

_SPLITS = ("train", "val", "test")


def print_summary(summary: Summary, every_round: bool, screen: Screen | None = None) -> None:
    """Progress, finalists, best config and regions: of every round, or of the last."""
    screen = screen or Screen()
    screen.print(Text(summary.name, "bold") + Text(f"  {show_path(summary.directory)}"))
    screen.print(Text(_progress(summary)))
    if summary.state.text:
        style = "green" if summary.state.kind == "running" else "yellow"
        screen.print(Text(summary.state.text, style), soft_wrap=True)
    if summary.ended_by is not None:
        screen.print(Text(f"ended by {summary.ended_by}"))
    for each in summary.learned_from:
        screen.print(
            Text(f"learned from {each.name}, {each.trials} trial{'s'[: each.trials != 1]}: {each.verdict}"),
            soft_wrap=True,
        )
    if summary.exhausted:
        screen.print(Text(exhausted(summary)))
    print_finalists(screen, summary.finalists, summary.metric)
    print_best(summary, screen)
    if summary.first_error:
        what = show_raised(summary.first_error)
        screen.print(Text(f"first error: {what} (all in the column error of trials/)", "red"))
    print_regions(screen, summary.rounds, every_round)
    if summary.best is not None:
        page = f"what it has shown, as a page: caviar report {show_path(summary.directory)} --open"
        screen.print(Text(page, "dim"))


def print_best(summary: Summary, screen: Screen) -> None:
    """The best config, its figures beside those of the baselines, and where its model is."""
    if summary.best is None:
        screen.print(Text(no_objective(summary), "yellow"))
    else:
        screen.print(Text(_best_title(summary, summary.best), "bold green"))
        screen.print(_best_table(summary.best, summary.baselines))
        if summary.by_schedule:
            again = f"caviar replay {show_path(summary.directory)} --schedule"
            screen.print(
                Text(
                    f" this config is the last of a schedule up to epoch {summary.best.epoch}: {again}", "dim"
                ),
                soft_wrap=True,
            )
        if test := show_test(summary.best, summary.metric):
            screen.print(Text(test, "bold"), soft_wrap=True)
            screen.print(Text(f" {LAST_WORD}", "dim"), soft_wrap=True)
    if summary.saved:
        use = f"caviar predict {show_path(summary.directory)} NEW_ROWS"
        screen.print(Text(f"its model is in best/, ready to use: {use}", "dim"), soft_wrap=True)


def exhausted(summary: Summary) -> str:
    """Why there are no more trials than there are."""
    if summary.configs == 1:
        return "the only config of the space was tried"
    return f"all {summary.configs} configs of the space were tried"


def no_objective(summary: Summary) -> str:
    """Why there is no best config."""
    begun = summary.begun
    if not begun:
        return "no trial has begun"
    infeasible = summary.status.get("infeasible", 0)
    which = f", and {infeasible} of {begun} are infeasible" if infeasible else ""
    meaning = f"; a trial is infeasible where {DIVERGED}" if infeasible else ""
    return f"no trial has an objective{which}{meaning}"


def _progress(summary: Summary) -> str:
    parts = show_status(summary.status)
    begun = f"{summary.begun} of {summary.trials} trials" + (f" ({parts})" if parts else "")
    epochs = summary.epochs
    if not summary.repeats:
        return f"{begun}, {epochs.search} epochs"
    return f"{begun}, {epochs.search} epochs in the search and {epochs.finalists} for the finalists"


def _best_title(summary: Summary, best: BestSummary) -> str:
    metric = summary.metric
    if best.seeds:
        over = f"{best.seeds} fresh seed{'s'[: best.seeds != 1]}"
        spread = f" ± {best.spreads[metric]:.2g}" if metric in best.spreads else ""
        return f"winner: trial {best.trial}, {metric} {best.objective:.4g}{spread} over {over}"
    which = "best of the search"
    if best.epoch is None:
        return f"{which}: trial {best.trial}, {metric} {best.objective:.4g}, measured elsewhere"
    k = min(summary.objective.k, best.epoch)  # there are no more up to that epoch
    mean = f", the mean of {k} epochs," if k > 1 else ""
    return f"{which}: trial {best.trial}, {metric} {best.objective:.4g}{mean} at epoch {best.epoch}"


def _best_table(best: BestSummary, baselines: Mapping[str, Mapping[str, float]]) -> Table:
    """A row for each hyperparameter and metric; beside a metric, what the baselines have."""
    table = Table(show_header=False, box=None)
    table.add_column(style="cyan", overflow="fold")
    table.add_column(overflow="fold")
    for _ in baselines:
        table.add_column(style="dim", overflow="fold")
    for name, value in best.config.items():
        table.add_row(Text(name), Text(show_value(value)))
    if best.epoch is not None:
        table.add_row("", Text(_which_figures(best), "dim"), *map(Text, baselines))
    for name, value in sorted(best.metrics.items(), key=lambda item: _split_order(item[0])):
        spread = best.spreads.get(name)
        figure = show_metric(value) + ("" if spread is None else f" ± {show_metric(spread)}")
        others = [show_metric(each[name]) if name in each else "" for each in baselines.values()]
        table.add_row(Text(name), figure, *others, style="bold" if "test" in name else None)
    return table


def _which_figures(best: BestSummary) -> str:
    if not best.seeds:
        return f"at epoch {best.epoch}"
    spread = " ± standard deviation" if best.spreads else ""
    return f"mean{spread} over the seeds"


def _split_order(metric: str) -> tuple[int, str]:
    return next((i for i, split in enumerate(_SPLITS) if metric.startswith(split)), len(_SPLITS)), metric
