"""Live progress in a notebook: one output that is drawn again in place, and its text beside it.

IPython alone is needed, no widgets, so it shows wherever notebooks do.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sweeps.events import Event
from sweeps.results.state import state_here
from sweeps.screen.figures import show_path
from sweeps.screen.live import LiveState, harmless, html_line, html_picture, standing, state_so_far
from sweeps.screen.progress import show_best, show_counts, show_pace_and_limit, show_total
from sweeps.sweep.progress import Progress

_REDRAW_SECONDS = 1.0
_SHARE = 0.02  # of this process's time that drawing may take
_NOTICES = 5  # the last ones


def in_notebook() -> bool:
    """Whether a notebook's kernel runs us; IPython is imported then, and need not be to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class Output:
    """One output of the cell that runs, which later calls replace."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, html: str, text: str) -> None:
        """The output, as HTML and as text."""
        bundle = {"text/html": html, "text/plain": text}
        if self._handle is None:
            display = sys.modules["IPython"].display.display
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class NotebookWatcher:
    """Redraws a picture of the sweep in the output of the cell; what it was at the end stays.

    Args:
        output: Where; by default in the cell that runs.
    """

    def __init__(self, output: Output | None = None) -> None:
        self._output = output or Output()
        self._state: LiveState | None = None
        self._progress: Progress | None = None
        self._next = 0.0
        self._where = ""
        self._described: Sequence[str] = ()
        self._hints: list[str] = []
        self._notices: deque[str] = deque(maxlen=_NOTICES)
        self._over = False

    def hint(self, text: str) -> None:
        self._hints.append(f"hint: {text}")
        self._draw()

    def described(self, lines: Sequence[str]) -> None:
        self._described = lines

    def starting(self, executor: str) -> None:
        self._where = f"starting {executor} …"
        self._draw()

    def started(self, executor: str, directory: str) -> None:
        self._where = f"{executor}; writing {show_path(Path(directory))}"
        self._state = state_so_far(Path(directory))
        self._draw()

    def notice(self, text: str) -> None:
        self._notices.append(text)
        if self._progress is None or self._over:  # else the next update shows it
            self._draw()

    def event(self, event: Event) -> None:
        if self._state is not None:
            self._state.take(event)

    def printed(self, trial: int, text: str) -> None: ...

    def update(self, progress: Progress) -> None:
        began = time.monotonic()
        self._progress = progress
        if began >= self._next:
            self._draw()
            ended = time.monotonic()
            self._next = ended + max(_REDRAW_SECONDS, (ended - began) / _SHARE)

    def finished(self, progress: Progress) -> None:
        self._progress, self._over = progress, True
        self._draw()

    def _draw(self) -> None:
        progress = self._progress
        if self._state is not None and progress is not None:
            self._state.hear(progress)
            progress = self._state.progress(time.time())
        self._output.show("".join(self._html(progress)), "\n".join(map(harmless, self._lines(progress))))

    def _html(self, progress: Progress | None) -> Iterator[str]:
        yield '<div style="font:13px/1.6 system-ui,sans-serif;max-width:960px;overflow-wrap:anywhere">'
        if progress is not None and self._state is not None:
            yield from html_picture(self._state, state_here(self._state.ended, self._over), progress)
        else:
            yield from (html_line(line) for line in _words(progress, self._over))
        for note in (*self._hints, *self._notices):
            yield html_line(note, "color:#b9770e")
        yield html_line(self._where, "opacity:.7")
        if self._described:
            lines = "".join(map(html_line, self._described))
            yield f'<details style="opacity:.7"><summary>data</summary>{lines}</details>'
        yield "</div>"

    def _lines(self, progress: Progress | None) -> Iterator[str]:
        """The same for readers that have no HTML, in few lines."""
        if progress is not None and self._state is not None:
            status = state_here(self._state.ended, self._over)
            yield f"{self._state.spec.name}: {standing(self._state, status, progress)}"
        yield from _words(progress, self._over)
        yield from (*self._hints, *self._notices, self._where)


def _words(progress: Progress | None, over: bool) -> list[str]:
    if progress is None:
        return []
    pace = show_total(progress) if over else show_pace_and_limit(progress)
    return [show_counts(progress), pace, show_best(progress)]
