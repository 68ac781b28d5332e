"""Progress in words: what a line says of a sweep that runs."""

from __future__ import annotations

from sweeps.screen.figures import show_seconds, show_status, show_value
from sweeps.sweep.progress import Progress
from sweeps.trial import Status


def show_counts(progress: Progress) -> str:
    """The round, and how many trials have each status."""
    status = show_statuses(progress)
    begun = f"round {max(progress.round, 0)}: {progress.begun}/{progress.trials} trials begun"
    return (f"{begun}, {status}" if status else begun) + show_repeats(progress)


def show_statuses(progress: Progress) -> str:
    """How many trials of the search have each status."""
    return show_status({status: progress.counts.get(status, 0) for status in Status})


def show_repeats(progress: Progress) -> str:
    """How far the finalists are; empty while the search goes on."""
    if not progress.repeats_begun:
        return ""
    return f"; finalists on fresh seeds: {progress.repeats_done}/{progress.repeats}"


def show_pace_and_limit(progress: Progress) -> str:
    """How fast it goes, what is left, and what holds it up."""
    return f"{progress.rate:.3g} epochs/s, {show_left(progress)}" + (
        f"; {progress.limit}" if progress.limit else ""
    )


def show_left(progress: Progress) -> str:
    """The time that is left, as far as one can tell."""
    left = progress.seconds_left
    return "time left unknown" if left is None else f"about {show_seconds(left)} left"


def show_total(progress: Progress) -> str:
    """What was spent."""
    return f"{progress.epochs} epochs in {show_seconds(progress.seconds)}"


def show_best(progress: Progress) -> str:
    """The best trial of the search with its config."""
    best = progress.best
    if best is None:
        return show_best_title(progress)
    config = ", ".join(f"{name} {show_value(value)}" for name, value in best.config.items())
    return f"{show_best_title(progress)}: {config}"


def show_best_title(progress: Progress) -> str:
    """The best trial of the search without its config."""
    best = progress.best
    if best is None or best.objective is None:
        return f"no {progress.metric} yet"
    reached = f"{progress.metric} {best.objective:.4g} (trial {best.trial}, epoch {best.best_epoch})"
    return f"best of the search: {reached}"
