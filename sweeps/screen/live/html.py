"""The picture as HTML, for a notebook. All text of users is escaped.

Colours are those of the middle, and text has the colour that the notebook gives it: both are seen on light
and on dark. Styles stand in the elements, where no notebook takes them away and none of its own is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from sweeps.results.state import State
from sweeps.screen.console import OBEYED
from sweeps.screen.figures import show_number, show_status, show_value
from sweeps.screen.live import panels
from sweeps.screen.live.curve import scaled
from sweeps.screen.live.state import LiveState
from sweeps.screen.progress import show_best_title, show_repeats
from sweeps.sweep.progress import Progress
from sweeps.trial import Status

_LONGEST = 200  # letters of a name or a value of the user's
_SENTENCE = 2000  # letters of a sentence of ours, whose end says what to do
_POINTS = 120  # of the curve
_COLOURS = {
    Status.COMPLETED: "#2e9e6b",
    Status.MEASURED: "#3a87c8",
    Status.STOPPED: "#3aa6b9",
    Status.PAUSED: "#7fb6c4",
    Status.INTERRUPTED: "#d29a2c",
    Status.RUNNING: "#8f8fd8",
    Status.INFEASIBLE: "#b565b5",
    Status.FAILED: "#d9534f",
}
_GREY = "rgba(128,128,128,.25)"
_CELL = f"padding:1px 14px 1px 0;border-bottom:1px solid {_GREY};white-space:nowrap;text-align:"
_TITLE = "font-weight:600;margin-top:6px"
_WARNING, _ERROR = "#b9770e", "#d9534f"


def html_picture(state: LiveState, status: State, progress: Progress) -> Iterator[str]:
    """What is known of a sweep now, part by part; its size depends on the space alone."""
    words = _text(panels.standing(state, status, progress), _SENTENCE)
    yield f"<div><b>{_text(state.spec.name)}</b> &nbsp;{words}</div>"
    yield from _bar(progress)
    yield html_line(", ".join(panels.budget(state, progress)) + show_repeats(progress))
    yield html_line(progress.limit, f"color:{_WARNING}")
    yield from (html_line(each.plain, f"color:{_ERROR}", _LONGEST) for each in panels.losses(state, progress))
    yield html_line(show_best_title(progress), _TITLE, _LONGEST)
    if progress.best is not None:
        yield f"<div>{_config(progress.best.config)}</div>"
    yield from _curve(state)
    yield from _table(panels.top_cells(state, panels.TOP))


def _bar(progress: Progress) -> Iterator[str]:
    """Trials by status as parts of a bar, and in words."""
    there = {status: progress.counts[status] for status in _COLOURS if progress.counts.get(status)}
    total = max(progress.trials, sum(there.values()), 1)
    parts = "".join(
        f'<span style="width:{100 * count / total:.3f}%;background:{_COLOURS[status]}"></span>'
        for status, count in there.items()
    )
    bar = f"display:flex;height:10px;border-radius:5px;overflow:hidden;background:{_GREY}"
    yield f'<div style="{bar}">{parts}</div>'
    words = [
        f'<span style="color:{_COLOURS[status]}">■</span> {show_status({status: count})}'
        for status, count in there.items()
    ]
    yield f"<div>{' &nbsp;'.join([f'{progress.done}/{progress.trials} trials', *words])}</div>"


def _config(config: Mapping[str, Any]) -> str:
    return ", ".join(
        f'<span style="opacity:.7">{_text(name)}</span> {_text(show_value(value))}'
        for name, value in config.items()
    )


def _curve(state: LiveState) -> Iterator[str]:
    """How the best improved, as steps; its lowest and highest value stand beside it."""
    shares, low, high = scaled(state.curve.sampled(state.ledger.search_epochs, _POINTS))
    points = [(place, 58 - 56 * share) for place, share in enumerate(shares) if share is not None]
    if not points:
        return
    steps = "".join(f"H{x}V{y:.1f}" for (_, _), (x, y) in pairwise(points))
    path = f"M{points[0][0]} {points[0][1]:.1f}{steps}H{_POINTS}"
    yield html_line(panels.curve_title(state), _TITLE, _LONGEST)
    yield (
        '<div style="display:flex;gap:8px"><div style="display:flex;flex-direction:column;opacity:.7;'
        f'justify-content:space-between;line-height:1"><span>{show_number(high)}</span>'
        f"<span>{show_number(low) if low < high else ''}</span></div>"
        f'<svg viewBox="0 0 {_POINTS} 60" preserveAspectRatio="none" style="flex:1;height:72px" '
        f'role="img"><path d="{path}" fill="none" stroke="{_COLOURS[Status.COMPLETED]}" stroke-width="2" '
        'vector-effect="non-scaling-stroke"/></svg></div>'
    )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield '<div style="overflow-x:auto;margin-top:6px">'
    yield '<table style="border-collapse:collapse;font-size:13px">'
    for place, row in enumerate(rows):
        yield "<tr>"
        tag = "td" if place else "th"
        for column, cell in enumerate(row):
            side = "right" if column < panels.NUMBERS else "left"
            yield f'<{tag} style="{_CELL}{side}">{_text(cell, 40)}</{tag}>'
        yield "</tr>"
    yield "</table></div>"


def html_line(text: str, style: str = "", most: int = _SENTENCE) -> str:
    """A line of text of any origin, cut after so many letters; nothing where there is none."""
    return f'<div style="{style}">{_text(text, most)}</div>' if text else ""


def _text(text: str, most: int = _LONGEST) -> str:
    """Text of any origin, on one line, not too long, as HTML that shows it."""
    plain = harmless(text)
    return escape(plain if len(plain) <= most else plain[: most - 1] + "…")


def harmless(text: str) -> str:
    """Without what a terminal obeys, or what turns the text around."""
    return " ".join(text.split()).translate(OBEYED)
