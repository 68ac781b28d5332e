"""Numbers and values on the screen, as short as they stay readable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def show_value(value: Any) -> str:
    """A config's value as short as it stays readable."""
    return show_short(value, 4) if isinstance(value, float) else str(value)


def show_short(value: float, digits: int) -> str:
    """So many digits, and as many more as tell a number below 1 from 1: a β of 0.9996 is not 1."""
    text = f"{value:.{digits}g}"
    return text if text != "1" or value >= 1 else f"{value:.{math.ceil(-math.log10(1 - value))}f}"


def show_number(value: float | None) -> str:
    """Four digits, a dash for none."""
    return "-" if value is None else f"{value:.4g}"


def show_metric(value: float | None) -> str:
    """Four decimals, a dash for none."""
    return "-" if value is None else f"{value:.4f}"


def show_seconds(seconds: float) -> str:
    """In the two largest units that it has.

    >>> show_seconds(0.04), show_seconds(95), show_seconds(600), show_seconds(15_000), show_seconds(200_000)
    ('0.0 s', '1 min 35 s', '10 min', '4 h 10 min', '2 d 7 h')
    """
    for (unit, length), (finer, part) in pairwise(_UNITS):
        if seconds >= length:
            whole, rest = divmod(int(seconds), length)
            return f"{whole} {unit}" + (f" {rest // part} {finer}" if rest >= part else "")
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def show_status(counts: Mapping[str, int]) -> str:
    """How many trials have each status that any has."""
    words = {"stopped": "stopped early"}
    return ", ".join(f"{count} {words.get(status, status)}" for status, count in counts.items() if count)


def show_path(path: Path) -> str:
    """From the current folder on where it lies below, else whole."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):  # lies elsewhere; or the current folder is gone
        return str(path)
