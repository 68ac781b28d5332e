"""Numbers and values on the screen, as short as they stay readable."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any


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


def show_path(path: Path) -> str:
    """From the current folder on where it lies below, else whole."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):  # lies elsewhere; or the current folder is gone
        return str(path)
