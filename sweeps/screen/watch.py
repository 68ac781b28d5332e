"""Live progress: a block that redraws itself on a terminal or in a notebook, plain lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sweeps.events import Event
from sweeps.results.state import State
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_path
from sweeps.screen.live import LiveState, picture, state_so_far
from sweeps.screen.notebook import NotebookWatcher, in_notebook
from sweeps.screen.progress import show_best, show_counts, show_pace_and_limit, show_total
from sweeps.screen.prompt import Prompt
from sweeps.sweep.progress import Observer, Progress

_REDRAW_SECONDS = 0.5
_SHARE = 0.02  # of this process's time that pictures may take
_LINE_SECONDS = 5.0
_MOST_PRINTED = 200  # lines of a report that are shown
_HELP = "learning_rate=/3, fork l2=*2, rollback 12, pause, resume, keep 1, suggest; then Enter"
SPARE_LINES = 1  # line of the terminal, on which the cursor stands


# What a line comes to that a user typed under the picture of the sweep in a folder.
Answer: TypeAlias = Callable[[Path, str], str]


def watcher(plain: bool = False, prints: bool = False, answer: Answer | None = None) -> Observer:
    """The observer that suits where we run: in a notebook, or with an error stream that goes somewhere.

    Standard output stays free for results.

    plain: lines on a terminal, too. prints: whether what trials print is shown. answer: what typed lines
    come to, where a user may type some under the picture.
    """
    if in_notebook() and not plain:
        return NotebookWatcher()
    screen = Screen(stderr=True)
    if can_redraw(screen) and not plain:
        return LiveWatcher(screen, prints, answer)
    return LineWatcher(screen, prints)


def can_redraw(screen: Screen) -> bool:
    """Whether the cursor can be moved there; a terminal that says it is dumb shows lines."""
    return screen.is_terminal and not screen.is_dumb_terminal


class LiveWatcher:
    """Redraws a picture of the sweep in place; at the end, a few lines of it stay.

    Args:
        screen: Where.
        prints: Whether to show above it what trials print.
        answer: What lines come to that are typed below a panda's, of a folder and a line; None to read none.
    """

    def __init__(self, screen: Screen, prints: bool = False, answer: Answer | None = None) -> None:
        self._screen, self._prints, self._answer = screen, prints, answer
        self._prompt: Prompt | None = None
        self._shown: Sequence[RenderableType] = ()
        self._live: Live | None = None
        self._state: LiveState | None = None
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
        self._state = state_so_far(Path(directory))
        self._live = Live(console=self._screen, auto_refresh=False, vertical_overflow="crop")
        self._live.start()
        if self._answer is not None:
            self._prompt = Prompt("nudge: ", _HELP, partial(self._answer, Path(directory)), self._draw)
            if self._prompt_starts():
                self._draw()

    def notice(self, text: str) -> None:
        self._screen.print(text, style="yellow")

    def event(self, event: Event) -> None:
        if self._state is not None:
            self._state.take(event)

    def printed(self, trial: int, text: str) -> None:
        if self._prints:
            _print_lines(self._screen, trial, text)

    def update(self, progress: Progress) -> None:
        began = time.monotonic()
        if self._live is None or (not self._prompt_starts() and began < self._next):
            return
        self._shown = self._picture(progress).renderables
        self._draw()
        ended = time.monotonic()
        self._next = ended + max(_REDRAW_SECONDS, (ended - began) / _SHARE)

    def _prompt_starts(self) -> bool:
        """Whether keys are read from now on: once it is known that a person decides."""
        by_hand = self._state is not None and self._state.branches is not None
        return by_hand and self._prompt is not None and self._prompt.start()

    def finished(self, progress: Progress) -> None:
        if self._prompt is not None:
            self._prompt.stop()
        live, self._live = self._live, None  # what is still being answered is drawn no more
        if live is not None:
            live.update(_block(progress), refresh=True)
            live.stop()

    def _draw(self) -> None:
        """The picture as it was last, above what is typed."""
        live = self._live
        if live is not None:
            typed = self._typed()
            live.update(Group(*self._shown[: self._height(typed)], *typed), refresh=True)

    def _picture(self, progress: Progress) -> Group:
        if self._state is None:
            return _block(progress)
        self._state.hear(progress)
        width, height = self._screen.width, self._height(self._typed())
        return picture(self._state, State("running"), now=time.time(), width=width, height=height)

    def _typed(self) -> Sequence[Text]:
        return () if self._prompt is None else self._prompt.lines(self._screen.width)

    def _height(self, typed: Sequence[Text]) -> int:
        """The lines that the picture may take."""
        return max(self._screen.height - SPARE_LINES - len(typed), 1)


class LineWatcher:
    """Prints a line at the start, every few seconds, and at the end."""

    def __init__(self, screen: Screen, prints: bool = False) -> None:
        self._screen, self._prints = screen, prints
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

    def event(self, event: Event) -> None: ...

    def printed(self, trial: int, text: str) -> None:
        if self._prints:
            _print_lines(self._screen, trial, text)

    def update(self, progress: Progress) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _LINE_SECONDS
            self._print(f"{show_counts(progress)}; {show_pace_and_limit(progress)}; {show_best(progress)}")

    def finished(self, progress: Progress) -> None:
        self._print(f"{show_counts(progress)}; {show_total(progress)}; {show_best(progress)}")

    def _print(self, line: str) -> None:
        self._screen.print(line, soft_wrap=True)


def _print_lines(screen: Screen, trial: int, text: str) -> None:
    """At once: under a live picture, each print draws that anew."""
    lines = [line.rpartition("\r")[2] for line in text.removesuffix("\n").split("\n")]
    if len(lines) > _MOST_PRINTED:
        lines = [*lines[:_MOST_PRINTED], f"[{len(lines) - _MOST_PRINTED:,} more lines in prints/]"]
    whole = Text("\n").join(Text(f"trial {trial} | ", "cyan").append(Text(line)) for line in lines)
    screen.print(whole, soft_wrap=True)


def _block(progress: Progress) -> Group:
    """What stays of the picture."""
    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        ProgressBar(
            total=progress.trials + progress.repeats,
            completed=progress.done + progress.repeats_done,
            width=40,
        ),
        f"{progress.done}/{progress.trials} trials",
        show_total(progress),
    )
    return Group(bar, Text(show_counts(progress)), Text(show_best(progress), style="green"))
