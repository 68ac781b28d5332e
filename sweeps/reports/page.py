"""The page: sections made of blocks, put into one HTML file that asks nobody for anything.

Names, values and errors come from users and workers. All text is escaped here, and only here; a picture's
texts are escaped by `label`, since plotly reads a few tags in them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from sweeps.reports.blocks import (
    Block,
    Code,
    Folded,
    Note,
    Parallel,
    Picture,
    Section,
    Table,
    Tiles,
    plain,
    short,
)

_LONGEST_CELL = 1_500
_DIGITS = 6  # of a number in a picture


@dataclass(frozen=True)
class Page:
    """trials: what the page tells of a trial that is clicked. poll: the version that a server would give."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    trials: Mapping[int, str] = field(default_factory=dict)
    footer: str = ""
    poll: str = ""


def render(page: Page) -> str:
    """The whole HTML file."""
    from plotly.offline import get_plotlyjs

    pictures: list[Picture | Parallel] = []
    sections = "\n".join(_section(section, pictures) for section in page.sections)
    data = {
        "pictures": [_figure(picture) for picture in pictures],
        "trials": {str(trial): plain(text) for trial, text in page.trials.items()},
        "poll": page.poll,
    }
    parts = {
        "policy": _policy(page),
        "title": _text(short(page.title, _LONGEST_CELL)),
        "subtitle": _text(page.subtitle),
        "style": _shipped("page.css"),
        "contents": "\n".join(
            f'<li><a href="#{each.key}">{_text(each.question)}</a></li>' for each in page.sections
        ),
        "sections": sections,
        "footer": _text(page.footer),
        "data": as_json(data),
        "plotly": get_plotlyjs(),
        "script": _shipped("parallel.js") + _shipped("page.js"),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _shipped("page.html"))


def as_json(value: Any) -> str:
    """JSON that is safe inside of a script element; what is not finite becomes null."""
    text = json.dumps(_values(value), separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _policy(page: Page) -> str:
    """What the browser lets the page do, whatever is in it: run its own scripts; with a server, ask that."""
    asks = "'self'" if page.poll else "'none'"
    own = "'unsafe-inline'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src data: blob:; connect-src {asks}; "
        "base-uri 'none'; form-action 'none'"
    )


_GROUPS: dict[type, str] = {Picture: "pictures", Table: "tables"}  # blocks that lie side by side


def _section(section: Section, pictures: list[Picture | Parallel]) -> str:
    lines = [f'<section id="{section.key}">', f"<h2>{_text(section.question)}</h2>"]
    lines.append(f'<p class="answer">{_prose(section.answer)}</p>')
    for kind, blocks in groupby(section.blocks, type):
        inner = "\n".join(_block(block, pictures) for block in blocks)
        group = _GROUPS.get(kind)
        lines.append(f'<div class="{group}">{inner}</div>' if group else inner)
    lines += [f'<p class="read"><b>How to read it:</b> {_text(section.read)}</p>'] if section.read else []
    if section.playbook:
        lines.append(f'<p class="playbook"><b>Tuning Playbook:</b> {_text(section.playbook)}</p>')
    return "\n".join([*lines, "</section>"])


def _block(block: Block, pictures: list[Picture | Parallel]) -> str:
    match block:
        case Picture():
            pictures.append(block)
            return _place(block, len(pictures) - 1)
        case Parallel():
            pictures.append(block)
            return f'<div class="parallel scroll" data-picture="{len(pictures) - 1}"></div>'
        case Table():
            return _table(block)
        case Tiles(pairs):
            tiles = (f'<div class="tile"><b>{_text(a)}</b><span>{_text(b)}</span></div>' for a, b in pairs)
            return f'<div class="tiles">{"".join(tiles)}</div>'
        case Code(text):
            return f'<div class="code"><button type="button">copy</button><pre>{_text(text)}</pre></div>'
        case Folded(title, text):
            title = _text(short(title, _LONGEST_CELL))
            return f'<details class="folded"><summary>{title}</summary><pre>{_text(text)}</pre></details>'
        case Note(text):
            return f'<p class="note">{_text(text)}</p>'


def _place(picture: Picture, number: int) -> str:
    caption = f"<figcaption>{_text(picture.title)}</figcaption>" if picture.title else ""
    kind = "" if picture.small else ' class="wide"'
    return (
        f"<figure{kind}>{caption}"
        f'<div class="plot" data-picture="{number}" style="height:{picture.height}px"></div></figure>'
    )


def _table(table: Table) -> str:
    numeric = [
        all(_is_figure(row[k]) for row in table.rows) and bool(table.rows) for k in range(len(table.headings))
    ]
    kinds = [' class="number"' if each else "" for each in numeric]
    head = "".join(f"<th{kind}>{_text(name)}</th>" for name, kind in zip(table.headings, kinds, strict=True))
    rows = []
    for k, row in enumerate(table.rows):
        cells = (
            f"<td{kind}>{_prose(short(cell, _LONGEST_CELL))}</td>"
            for cell, kind in zip(row, kinds, strict=True)
        )
        rows.append(f"<tr{' class=mark' if k == table.marked else ''}>{''.join(cells)}</tr>")
    caption = f"<caption>{_text(table.title)}</caption>" if table.title else ""
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table>{caption}{body}</table></div>'


def _is_figure(cell: str) -> bool:
    return not cell or cell in "-–" or bool(re.match(r"^[+−-]?[\d.,]+", cell))


def _figure(picture: Picture | Parallel) -> dict[str, Any]:
    if isinstance(picture, Parallel):
        axes = [{"name": plain(axis.name), "ticks": axis.ticks} for axis in picture.axes]
        return {"axes": axes, "lines": picture.lines, "trials": picture.trials}
    return {"traces": picture.traces, "own": picture.layout, "height": picture.height}


def _values(value: Any) -> Any:
    """As plain JSON values, numbers with as many digits as a picture shows."""
    if isinstance(value, np.ndarray | pd.Series):
        return [_values(each) for each in value.tolist()]
    if isinstance(value, Mapping):
        return {str(key): _values(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_values(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _prose(text: str) -> str:
    """Of sentences, in which a name may be as long as its user likes."""
    return _text(re.sub(r"\S{121,}", lambda word: short(word[0], 120), text))


def _text(text: object) -> str:
    return html.escape(re.sub(r"(?<=\d) %", "\u00a0%", plain(text)))


def _shipped(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
