"""Lines of the picture: text that was made elsewhere on one line each, items that flow, cells in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

_GAP = 2
_MOST_NAME = 12  # columns that a heading may take where its values are shorter


def line(text: str, style: str = "") -> Text:
    """The text on one line, whatever is in it."""
    return Text(" ".join(text.split()), style, no_wrap=True, overflow="ellipsis")


def flowing(items: Iterable[str], width: int, indent: int = 0) -> list[Text]:
    """The items one after the other with commas, on as many lines as they need."""
    found: list[str] = []
    for item in (" ".join(each.split()) for each in items):
        if found and indent + cell_len(found[-1]) + cell_len(item) + 3 <= width:
            found[-1] += f", {item}"
        else:
            if found:
                found[-1] += ","
            found.append(item)
    return [Text(" " * indent).append_text(line(text)) for text in found]


def fits(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether all `columns` of these rows have room."""
    widths = _widths(rows, head=True)
    return _that_fit(widths, width) == len(widths)


def most_that_fit(rows: Sequence[Sequence[str]], width: int, always: int, order: Iterable[int]) -> list[int]:
    """Which columns of these rows there is room for, in their order.

    always: so many of the first in any case. order: the places of others, those that say most first.
    """
    widths = _widths(rows, head=True)
    shown = list(range(always))
    used = 1 + sum(widths[place] + _GAP for place in shown) - _GAP
    for place in order:
        if used + _GAP + widths[place] <= width:
            shown.append(place)
            used += _GAP + widths[place]
    return sorted(shown)


def columns(rows: Sequence[Sequence[str]], width: int, numbers: int, head: bool = True) -> list[Text]:
    """Cells in columns, as many columns as there is room for; the first row may be their headings.

    numbers: so many of the first columns stand at the right of theirs.
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = _widths(cells, head)
    whole = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    widths = whole if head and _that_fit(whole, width) == len(whole) else widths
    shown = _that_fit(widths, width)
    return [
        _row(row[:shown], widths, numbers, "bold" if head and place == 0 else "", shown < len(row))
        for place, row in enumerate(cells)
    ]


def _widths(rows: Sequence[Sequence[str]], head: bool) -> list[int]:
    return [_width([" ".join(cell.split()) for cell in column], head) for column in zip(*rows, strict=True)]


def _width(column: Sequence[str], head: bool) -> int:
    """As wide as the widest value; a longer heading takes a few columns more, and is cut then."""
    values = max((cell_len(cell) for cell in column[head:]), default=0)
    return max(values, min(cell_len(column[0]), _MOST_NAME)) if head else values


def _that_fit(widths: Sequence[int], width: int) -> int:
    used = 1
    for number, each in enumerate(widths):
        used += each + (_GAP if number else 0)
        if used > width:
            return max(number, 1)
    return len(widths)


def _row(row: Sequence[str], widths: Sequence[int], numbers: int, style: str, cut: bool) -> Text:
    found = Text(" ", style, no_wrap=True, overflow="ellipsis")
    for place, (cell, width) in enumerate(zip(row, widths, strict=False)):
        text = Text(cell)
        text.truncate(width, overflow="ellipsis")
        room = " " * (width - cell_len(text.plain))
        found.append(" " * _GAP if place else "")
        found.append(f"{room}{text.plain}" if place < numbers else f"{text.plain}{room}")
    return found.append(" …") if cut else found
