"""Live progress: a block that redraws itself on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sweeps.screen.console import Screen
from sweeps.screen.figures import show_path, show_seconds, show_status, show_value
from sweeps.sweep.progress import Observer, Progress
from sweeps.trial import Status

_REDRAWS_A_SECOND = 4
_LINE_SECONDS = 5.0


def watcher() -> Observer:
    """The observer that suits where the error stream goes; standard output stays free for results."""
    screen = Screen(stderr=True)
    return LiveWatcher(screen) if screen.is_terminal else LineWatcher(screen)


class LiveWatcher:
    """Redraws a few lines in place."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._live: Live | None = None
        self._next = 0.0

    def hint(self, text: str) -> None:
        self._screen.print(f"hint: {text}", style="yellow")

    def described(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._screen.print(line, style="dim", soft_wrap=True)

    def starting(self, executor: str) -> None:
        self._screen.print(f"starting {executor} …", style="dim")

    def started(self, executor: str, directory: str) -> None:
        self._screen.print(f"{executor}\nwriting {show_path(Path(directory))}", style="dim")
        self._live = Live(console=self._screen, auto_refresh=False)
        self._live.start()

    def notice(self, text: str) -> None:
        self._screen.print(text, style="yellow")

    def update(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._live is not None and now >= self._next:
            self._next = now + 1 / _REDRAWS_A_SECOND
            self._live.update(_block(progress), refresh=True)

    def finished(self, progress: Progress) -> None:
        if self._live is not None:
            self._live.update(_block(progress, over=True), refresh=True)
            self._live.stop()


class LineWatcher:
    """Prints a line at the start, every few seconds, and at the end."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._next = 0.0

    def hint(self, text: str) -> None:
        self._print(f"hint: {text}")

    def described(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._print(line)

    def starting(self, executor: str) -> None:
        self._print(f"starting {executor}")

    def started(self, executor: str, directory: str) -> None:
        self._print(f"{executor}; writing {show_path(Path(directory))}")

    def notice(self, text: str) -> None:
        self._print(text)

    def update(self, progress: Progress) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _LINE_SECONDS
            self._print(f"{_counts(progress)}; {_pace(progress)}; {_best(progress)}")

    def finished(self, progress: Progress) -> None:
        self._print(f"{_counts(progress)}; {_total(progress)}; {_best(progress)}")

    def _print(self, line: str) -> None:
        self._screen.print(line, soft_wrap=True)


def _block(progress: Progress, over: bool = False) -> Group:
    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        ProgressBar(
            total=progress.trials + progress.repeats,
            completed=progress.done + progress.repeats_done,
            width=40,
        ),
        f"{progress.done}/{progress.trials} trials",
        _total(progress) if over else _pace(progress),
    )
    return Group(bar, Text(_counts(progress)), Text(_best(progress), style="green"))


def _counts(progress: Progress) -> str:
    status = show_status({status: progress.counts.get(status, 0) for status in Status})
    begun = f"round {max(progress.round, 0)}: {progress.begun}/{progress.trials} trials begun"
    return (f"{begun}, {status}" if status else begun) + _repeats(progress)


def _repeats(progress: Progress) -> str:
    if not progress.repeats_begun:
        return ""
    return f"; finalists on fresh seeds: {progress.repeats_done}/{progress.repeats}"


def _pace(progress: Progress) -> str:
    left = progress.seconds_left
    time_left = "time left unknown" if left is None else f"about {show_seconds(left)} left"
    return f"{progress.rate:.3g} epochs/s, {time_left}" + (f"; {progress.limit}" if progress.limit else "")


def _total(progress: Progress) -> str:
    return f"{progress.epochs} epochs in {show_seconds(progress.seconds)}"


def _best(progress: Progress) -> str:
    best = progress.best
    if best is None or best.objective is None:
        return f"no {progress.metric} yet"
    config = ", ".join(f"{name} {show_value(value)}" for name, value in best.config.items())
    of_search = " of the search" if progress.repeats_begun else ""
    reached = f"{progress.metric} {best.objective:.4g} (trial {best.trial}, epoch {best.best_epoch})"
    return f"best{of_search}: {reached}: {config}"
