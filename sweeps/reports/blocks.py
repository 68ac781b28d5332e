"""What a section of a report is made of, and users' texts as pages show them."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

_LONGEST_LABEL = 60
_TURNS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROLS = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {0x0A, 0x09})


@dataclass(frozen=True)
class Picture:
    """A plotly figure: its traces, and what its layout has of its own. Colours are names, as "@accent"."""

    traces: Sequence[Mapping[str, Any]]
    layout: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    height: int = 340
    small: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of text, numbers set to the right; tables in a row lie side by side. marked: a row to stress."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    marked: int | None = None
    title: str = ""


@dataclass(frozen=True)
class ParallelAxis:
    """Its name, and its marks: where from 0 to 1, and the text there."""

    name: str
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True)
class Parallel:
    """Parallel coordinates.

    lines: shape (configs, axes), from 0 to 1 or NaN, the best last. trials: whose lines they are.
    """

    axes: Sequence[ParallelAxis]
    lines: NDArray[np.float64]
    trials: NDArray[np.int64]


@dataclass(frozen=True)
class Tiles:
    """Figures to see at a glance, with what each is."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Code:
    """Text to copy."""

    text: str


@dataclass(frozen=True)
class Folded:
    """Long text behind its title."""

    title: str
    text: str


@dataclass(frozen=True)
class Note:
    """A sentence between pictures."""

    text: str


Block: TypeAlias = Picture | Parallel | Table | Tiles | Code | Folded | Note


@dataclass(frozen=True)
class Section:
    """A question, its answer in words, what shows it, and how to read that.

    key: unique in the page. playbook: which question of the Deep Learning Tuning Playbook it answers.
    """

    key: str
    question: str
    answer: str
    blocks: Sequence[Block] = ()
    read: str = ""
    playbook: str = ""


def label(text: object) -> str:
    """A user's text as plotly shows it: short, on one line, and none of it read as a tag or a formula."""
    return html.escape(short(text, _LONGEST_LABEL), quote=False).replace("$", "&#36;")


def short(text: object, most: int) -> str:
    """On one line, its middle left out where it is longer, without marks that turn text around."""
    line = " ".join(plain(text).split())
    return line if len(line) <= most else f"{line[: most * 2 // 3]}…{line[most * 2 // 3 + 1 - most :]}"


def plain(text: object) -> str:
    """Without control characters, marks that turn text around, and halves of characters."""
    found = str(text).translate(_TURNS | _CONTROLS)
    return found.encode("utf-8", "replace").decode("utf-8")
