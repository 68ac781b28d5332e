"""Numbers and values on the screen, as short as they stay readable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.space import differing

if TYPE_CHECKING:
    from sweeps.results import Best, BestSummary

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
_SHORT = 0.1  # seconds: less is told in milliseconds
_LONGEST_ERROR = 200  # characters, some two lines
_BYTES = ("B", "kB", "MB", "GB", "TB")


def show_value(value: Any) -> str:
    """A config's value as short as it stays readable."""
    return show_short(value, 4) if isinstance(value, float) else str(value)


def show_briefly(value: Any) -> str:
    """The same with three digits, where many values stand side by side."""
    return show_short(value, 3) if isinstance(value, float) else str(value)


def show_moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What differs between two configs.

    >>> show_moved({"rate": 0.1, "l2": 0.0}, {"rate": 0.08123, "l2": 0.0})
    'rate 0.1 → 0.0812'
    """
    return ", ".join(
        f"{name} {' → '.join(show_briefly(each.get(name)) for each in (before, after))}"
        for name in differing(before, after)
    )


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


def show_test(best: Best | BestSummary, metric: str) -> str:
    """Its figures on the test data beside that of validation; empty where the data have no test split."""
    from sweeps.results.best import of_test_split  # loads pandas, which a help text should not wait for

    names = of_test_split(best.metrics, metric)
    if not names or metric in names or metric not in best.metrics:
        return ""
    own, *tests = (_with_spread(best, name) for name in (metric, *names))
    return f"{own}; on the test data {', '.join(tests)}"


def _with_spread(best: Best | BestSummary, name: str) -> str:
    spread = f" ± {best.spreads[name]:.2g}" if name in best.spreads else ""
    return f"{name} {show_number(best.metrics[name])}{spread}"


def show_seconds(seconds: float) -> str:
    """In the two largest units that it has.

    >>> show_seconds(0.04), show_seconds(95), show_seconds(600), show_seconds(15_000), show_seconds(200_000)
    ('40 ms', '1 min 35 s', '10 min', '4 h 10 min', '2 d 7 h')
    """
    for (unit, length), (finer, part) in pairwise(_UNITS):
        if seconds >= length:
            whole, rest = divmod(int(seconds), length)
            return f"{whole} {unit}" + (f" {rest // part} {finer}" if rest >= part else "")
    if 0 < seconds < _SHORT:
        return f"{1000 * seconds:.2g} ms"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def show_status(counts: Mapping[str, int]) -> str:
    """How many trials have each status that any has."""
    words = {"stopped": "stopped early", "measured": "measured elsewhere"}
    return ", ".join(f"{count} {words.get(status, status)}" for status, count in counts.items() if count)


def show_path(path: Path) -> str:
    """From the current folder on where it lies below, else whole."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):  # lies elsewhere; or the current folder is gone
        return str(path)


def show_pace(seconds: float) -> str:
    """Of one epoch.

    >>> show_pace(0.00123), show_pace(0.25), show_pace(90)
    ('1.2 ms', '250 ms', '1 min 30 s')
    """
    return show_seconds(seconds) if seconds >= 1 else f"{two_digits(seconds * 1000):g} ms"


def show_round(count: float) -> str:
    """A number that is no better known than by two digits.

    >>> show_round(1234), show_round(7)
    ('1,200', '7')
    """
    return f"{two_digits(count):,.0f}"


def show_bytes(count: float) -> str:
    """In the unit that suits, two digits.

    >>> show_bytes(0), show_bytes(1234), show_bytes(5.55e9)
    ('0 B', '1.2 kB', '5.5 GB')
    """
    power = min(int(math.log10(count)) // 3, len(_BYTES) - 1) if count >= 1 else 0
    return f"{two_digits(count / 1000**power):g} {_BYTES[power]}"


def two_digits(number: float) -> float:
    """The number as far as two digits say it."""
    return float(f"{number:.2g}")


def show_raised(error: str) -> str:
    """The last line of a traceback, with the lines that a longer message has after it; else the first line.

    Some two lines of it: the table has the rest.
    """
    lines = error.strip().splitlines() or [""]
    frames = [k for k, line in enumerate(lines) if line.startswith("  File ")]
    after = frames[-1] + 1 if frames else 0
    first = next((k for k in range(after, len(lines)) if lines[k][:1] not in (" ", "")), len(lines) - 1)
    said = " ".join(line.strip() for line in (lines[first:] if frames else lines[first : first + 1]))
    return said if len(said) <= _LONGEST_ERROR else said[: _LONGEST_ERROR - 1] + "…"
