"""The picture of a sweep: its parts on a screen of some width and height, the most important ones first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Group
from rich.text import Text

from sweeps.results.state import State
from sweeps.screen.live import branches, panels
from sweeps.screen.live.population import population
from sweeps.screen.live.state import LiveState
from sweeps.sweep.progress import Progress

_WIDE = 120  # columns, from where on bars stand beside the curve
_GAP = 3
_ALL = 1_000  # lines: where nothing has to fit
_CURVE = 9  # lines that its plot takes at most
_REGIONS = 40
_BRANCHES = 21  # lines of their curves


@dataclass(frozen=True)
class _Panel:
    """A part of the picture.

    Attributes:
        least: The lines without which it says nothing. good: Those that say what matters.
        most: The lines that it can use.
        draw: Its lines, at most so many.
    """

    least: int
    good: int
    most: int
    draw: Callable[[int], Sequence[Text]]


def picture(
    state: LiveState,
    status: State,
    *,
    now: float,
    width: int,
    height: int | None = None,
    notes: Sequence[str] = (),
) -> Group:
    """What is known of a sweep now, on `height` lines of `width` columns; on all that it takes without one.

    Its cost depends on the screen's size alone.

    Args:
        state: The sweep.
        status: Whether it runs.
        now: The time, in seconds since 1970.
        width, height: Of the screen.
        notes: What its user should know besides.
    """
    progress = state.progress(now)
    if state.branches is not None:
        return Group(*_stacked(_of_branches(state, status, progress, notes, width), height or _ALL, width))
    fixed = [
        _still(panels.header(state, status, progress, width)),
        _still(panels.progress_lines(state, progress, width)),
        _still(panels.losses(state, progress)),
        _still(panels.notes(notes)),
        _still(population(state)),
        _still(panels.best(progress, width), good=1),  # the first of the top has its config, too
        _moving(partial(panels.top, state, width=width), 6, 8),
    ]
    if width < _WIDE:
        lower = [
            _moving(partial(panels.curve, state, width=width), 4, _CURVE),
            _moving(partial(panels.regions, state, width=width), 5, _REGIONS),
            _moving(partial(panels.workers, state, now, width=width), 3, _REGIONS),
        ]
        return Group(*_stacked([*fixed, *lower], height or _ALL, width))
    above = _stacked(fixed, height or _ALL, width)
    room = (height or _ALL) - len(above)
    return Group(*above, *_beside(state, now, room, width))


def _of_branches(
    state: LiveState, status: State, progress: Progress, notes: Sequence[str], width: int
) -> list[_Panel]:
    """The parts of the picture of a model that a person babysits."""
    return [
        _still(panels.header(state, status, progress, width)),
        _still(panels.progress_lines(state, progress, width)),
        _still(panels.losses(state, progress)),
        _still(panels.notes(notes)),
        _moving(partial(branches.curves, state, width=width), 7, _BRANCHES),
        _moving(partial(branches.interventions, state, width=width), 4, _REGIONS),
        _still(panels.best(progress, width), good=1),
    ]


def _beside(state: LiveState, now: float, height: int, width: int) -> list[Text]:
    """The curve and the workers at the left, the regions at the right."""
    half = (width - _GAP) // 2
    left = _stacked(
        [
            _moving(partial(panels.curve, state, width=half), 4, _CURVE),
            _moving(partial(panels.workers, state, now, width=half), 3, _REGIONS),
        ],
        height,
        half,
    )
    right = _stacked([_moving(partial(panels.regions, state, width=half), 5, _REGIONS)], height, half)
    found = []
    for place in range(max(len(left), len(right))):
        cell = left[place].copy() if place < len(left) else Text()
        cell.truncate(half, overflow="ellipsis", pad=True)
        found.append(cell.append(" " * _GAP).append_text(right[place] if place < len(right) else Text()))
    return found


def _still(lines: Sequence[Text], good: int = _ALL) -> _Panel:
    """A part whose lines are known; the first says most."""
    return _Panel(min(len(lines), 1), min(len(lines), good), len(lines), lambda count: lines[:count])


def _moving(draw: Callable[[int], Sequence[Text]], good: int, most: int) -> _Panel:
    """A part that has a heading, and more to say the more lines it has."""
    whole = draw(most)
    lines = len(whole)
    return _Panel(
        min(2, lines), min(good, lines), lines, lambda count: draw(count) if count < lines else whole
    )


def _stacked(parts: Sequence[_Panel], height: int, width: int) -> list[Text]:
    """The lines of the parts that have room, one part below the other."""
    found = []
    for part, lines in zip(parts, shares(parts, height), strict=True):
        for text in part.draw(lines) if lines else ():
            text.truncate(width, overflow="ellipsis")
            found.append(text)
    return found


def shares(parts: Sequence[_Panel], height: int) -> list[int]:
    """How many lines each part has: the least for as many as can be, then what is good, then more."""
    given = [0] * len(parts)
    for place, part in enumerate(parts):
        if sum(given) + part.least <= height:
            given[place] = part.least
    for wanted in ([part.good for part in parts], [part.most for part in parts]):
        for place, lines in enumerate(wanted):
            if given[place]:
                given[place] += min(lines - given[place], height - sum(given))
    return given
