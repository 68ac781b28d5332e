"""A sweep watched from another terminal: its picture, drawn again as its log grows."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import RenderableType
from rich.live import Live
from rich.text import Text

from sweeps.screen.console import Screen
from sweeps.screen.live import Follower, picture
from sweeps.screen.watch import SPARE_LINES, LineWatcher, can_redraw

_REFRESH_SECONDS = 0.5
_SHARE = 1 / 40  # of a core at most, where looking takes long: the sweep's workers need it
_LONGEST_PAUSE = 2.0
_READ_SECONDS = 1.0  # after which a picture is drawn, though there is more to read


def show_once(directory: Path, screen: Screen | None = None) -> None:
    """One picture, as high as it takes. Raises `BadInput` as `Follower` does."""
    screen = screen or Screen()
    follower = Follower(directory)
    follower.read()
    screen.print(_drawn(follower, screen.width, None))


def follow(directory: Path, screen: Screen | None = None) -> None:
    """Show the sweep until it is complete; one that was interrupted or killed may yet be resumed.

    Raises:
        BadInput: The folder is no sweep's, was removed meanwhile, or has a damaged log.
        KeyboardInterrupt: The user has seen enough.
    """
    screen = screen or Screen()
    follower = Follower(directory)
    if can_redraw(screen):
        _draw_on(follower, screen)
    else:
        _print_on(follower, screen)


def _draw_on(follower: Follower, screen: Screen) -> None:
    with Live(console=screen, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            began = time.monotonic()
            follower.read(_READ_SECONDS)
            width, height = screen.size
            live.update(_drawn(follower, width, max(height - SPARE_LINES, 1)), refresh=True)
            if _is_over(follower):
                return
            if not follower.behind:
                time.sleep(_pause(time.monotonic() - began))


def _pause(looked: float) -> float:
    """Seconds until the next look, after one that took so long."""
    return min(max(_REFRESH_SECONDS, looked / _SHARE), _LONGEST_PAUSE)


def _print_on(follower: Follower, screen: Screen) -> None:
    """Lines, for what is no terminal."""
    lines = LineWatcher(screen)
    while True:
        follower.read(_READ_SECONDS)
        over = _is_over(follower)
        if follower.state is not None and not follower.behind:
            progress = follower.state.progress(time.time())
            (lines.finished if over else lines.update)(progress)
        if over:
            return
        if not follower.behind:
            time.sleep(_REFRESH_SECONDS)


def _is_over(follower: Follower) -> bool:
    return not follower.behind and follower.status.kind == "complete"


def _drawn(follower: Follower, width: int, height: int | None) -> RenderableType:
    if follower.state is None or not follower.state.events:
        return Text("the sweep has not begun yet: no event is in its log", "yellow")
    notes = [f"reading the log: {follower.state.events:,} events so far"] if follower.behind else []
    return picture(
        follower.state,
        follower.status,
        now=time.time(),
        width=width,
        height=height,
        notes=[*notes, follower.state.notice, *follower.notes],
    )
