"""Numbers and values on the screen, as short as they stay readable."""

from __future__ import annotations

from typing import Any


def show_value(value: Any) -> str:
    """A config's value as short as it stays readable."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def show_number(value: float | None) -> str:
    """Four digits, a dash for none."""
    return "-" if value is None else f"{value:.4g}"


def show_metric(value: float | None) -> str:
    """Four decimals, a dash for none."""
    return "-" if value is None else f"{value:.4f}"
