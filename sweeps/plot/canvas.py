"""Axes to draw on, colours, and axes in the scale of a hyperparameter."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.errors import BadInput, in_words
from sweeps.integrations import needed
from sweeps.screen.figures import show_short
from sweeps.space import Choice, Distribution, Numeric

BLUE, ORANGE, RED, GREEN, GREY = "#2463a8", "#e07b2f", "#c23b31", "#3c8d5a", "#a7adb5"
COLOURS = (BLUE, ORANGE, GREEN, "#7d55a3", "#8a6d3b", "#3aa6b9", RED)
_EXTRA = '"caviar-sweeps[plot]"'
_LONGEST = 14  # letters of a tick's label
_ROOM = 24  # letters of all labels of an axis, side by side
_APART = 0.06  # of an axis, between the ticks at its ends and others


def new_axes(ax: Any, size: tuple[float, float] = (7.0, 4.2)) -> Any:
    """The axes given, or new ones of this size in inches. Raises `BadInput` without matplotlib."""
    pyplot = needed("matplotlib.pyplot", _EXTRA)
    axes = pyplot.subplots(figsize=size, layout="constrained")[1] if ax is None else ax
    if not hasattr(axes, "plot"):
        raise BadInput("ax", ax, "is not one of matplotlib's axes", "such as ax=plt.gca()")
    return tidy(axes)


def new_grid(ax: Any, count: int) -> list[Any]:
    """The axes given, so many of them, or as many new ones in rows of three at most."""
    pyplot = needed("matplotlib.pyplot", _EXTRA)
    if ax is not None:
        given = [each for each in np.ravel(np.array(ax, dtype=object)).tolist() if hasattr(each, "plot")]
        if len(given) < count:
            raise BadInput("ax", len(given), f"is too few axes, {count} are drawn on", "leave ax out")
        return [tidy(each) for each in given[:count]]
    columns = min(count, 3) or 1
    rows = -(-count // columns) or 1
    figure, grid = pyplot.subplots(
        rows, columns, figsize=(3.4 * columns + 0.6, 2.7 * rows + 0.3), layout="constrained", squeeze=False
    )
    for spare in grid.ravel()[count:].tolist():
        figure.delaxes(spare)
    return [tidy(each) for each in grid.ravel()[:count].tolist()]


def tidy(ax: Any) -> Any:
    """Axes without a box, and with faint lines across."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#e6e8eb", linewidth=0.8)
    ax.set_axisbelow(True)
    return ax


def nothing(ax: Any, why: str) -> Any:
    """Axes that say why nothing is drawn on them."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.text(0.5, 0.5, why, transform=ax.transAxes, ha="center", va="center", color="#6b7280", wrap=True)
    return ax


def set_scale(axis: Any, kind: Distribution) -> None:
    """Ticks at values of a hyperparameter, along an axis that shows its unit interval."""
    places, labels = ticks_of(kind)
    axis.set_ticks(places, labels)
    if isinstance(kind, Choice) and sum(map(len, labels)) > _ROOM:
        axis.set_tick_params(rotation=35)


def ticks_of(kind: Distribution) -> tuple[list[float], list[str]]:
    """Where ticks stand on the unit interval, and what they say: each value of a choice; a range's ends and
    round values between."""
    if isinstance(kind, Choice):
        count = len(kind.values)
        return [(place + 0.5) / count for place in range(count)], [_short(value) for value in kind.values]
    if isinstance(kind, Numeric):
        values = round_values(kind)
        return [kind.to_unit(value) for value in values], [show_short(float(value), 4) for value in values]
    return [0.5], [_short(kind.from_unit(0.5))]


def round_values(kind: Numeric) -> list[Any]:
    """The ends of a range, and up to three values between them, of one digit where that is one of its own."""
    inner = _powers(kind) or [_rounded(kind, kind.from_unit(unit)) for unit in (0.25, 0.5, 0.75)]
    apart = [value for value in inner if _APART < kind.to_unit(value) < 1 - _APART]
    return sorted(dict.fromkeys([kind.from_unit(0.0), *apart, kind.from_unit(1.0)]))


def robust_limits(objectives: NDArray[np.float64], sign: int) -> tuple[float, float] | None:
    """Limits of an axis that leave out the far end on the bad side, where a few would press all others
    together.

    sign: 1 where less is better, -1 where more is. None without a finite number.
    """
    losses = sign * objectives[np.isfinite(objectives)]
    if not len(losses):
        return None
    low, middle, high = np.quantile(losses, [0.0, 0.5, 0.95])
    top = min(float(losses.max()), max(float(high), float(middle + 2 * (middle - low))))
    pad = 0.06 * (top - low) or 0.05 * abs(top) or 0.05
    ends = sorted((sign * float(low - pad), sign * float(top + pad)))
    return ends[0], ends[1]


def _powers(kind: Numeric) -> list[Any]:
    """Powers of ten inside a continuous range of two decades or more, or of 1 - value; four at most."""
    if kind.grid is not None or kind.scale.name == "linear":
        return []
    reverse = kind.scale.name == "reverse log"
    low, high = (1 - kind.high, 1 - kind.low) if reverse else (kind.low, kind.high)
    first, last = math.ceil(math.log10(low) + 1e-9), math.floor(math.log10(high) - 1e-9)
    powers = [10.0**power for power in range(first, last + 1, max(1, math.ceil((last - first + 1) / 4)))]
    return [1 - power if reverse else power for power in powers] if len(powers) > 1 else []


def _rounded(kind: Numeric, value: Any) -> Any:
    if kind.grid is not None:
        return value
    rounded = float(f"{value:.1g}") if kind.scale.name != "reverse log" else 1 - float(f"{1 - value:.1g}")
    return rounded if rounded in kind else value


def _short(value: object) -> str:
    text = in_words(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
