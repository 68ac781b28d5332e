"""Whole configs at once: parallel coordinates that can be brushed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.wording import and_list
from sweeps.reports.axes import Axis
from sweeps.reports.blocks import Note, Parallel, ParallelAxis, Section, short
from sweeps.reports.view import View, values
from sweeps.space import Config

QUESTION = "What do whole good configs look like?"
_MOST_LINES = 400
_MOST_AXES = 14
_AGREED = 0.8  # of the best configs

Array = NDArray[np.float64]
_READ = (
    "a line is a config: orange the best tenth of the search, blue the better half, pale the rest. Drag "
    "along an axis to keep the configs that pass there, tap it to keep all again, click a line for its "
    "config. A line passes beneath the axis of a hyperparameter that is inactive."
)


def parallel(view: View) -> Section:
    """The section."""
    if len(view.shown) < 2 or not view.axes:
        return Section(
            "parallel", QUESTION, "There are not yet two configs with an objective to lay side by side."
        )
    chosen = np.unique(np.linspace(0, len(view.shown) - 1, min(len(view.shown), _MOST_LINES)).astype(int))[
        ::-1
    ]
    places = view.shown[chosen]
    kept = view.most_important(_MOST_AXES)
    axes = [view.axes[k] for k in kept]
    configs = [view.shown_configs[k] for k in chosen.tolist()]
    units = np.column_stack([axis.units(axis.places(values(configs, axis.name))) for axis in axes])
    objective, ticks = _objective(view, places)
    picture = Parallel(
        [*map(_axis, axes), ParallelAxis(short(view.metric, 22), ticks)],
        np.column_stack([units, objective]),
        view.search.number[places],
    )
    return Section(
        "parallel",
        QUESTION,
        _answer(view),
        [picture, Note(_left_out(view, len(chosen)))],
        _READ,
    )


def _answer(view: View) -> str:
    """Which choices the best agree on."""
    first = view.shown_configs[: max(5, min(20, len(view.shown) // 10))]
    agreed = [text for axis in view.axes if axis.labels and (text := _agreed(axis, first))]
    if agreed:
        return f"At least 80 % of the {len(first)} best configs share {and_list(agreed)}."
    return f"The {len(first)} best configs share no choice: several kinds of config are good."


def _agreed(axis: Axis, configs: list[Config]) -> str:
    places = axis.places(values(configs, axis.name))
    found, counts = np.unique(places[np.isfinite(places)], return_counts=True)
    if not len(found) or counts.max() < _AGREED * len(configs):
        return ""
    return f"{axis.name} = {short(axis.labels[int(found[counts.argmax()])], 30)}"


def _axis(axis: Axis) -> ParallelAxis:
    places, texts = axis.plain_ticks()
    units = axis.units(np.array(places, dtype=float)).tolist()
    return ParallelAxis(short(axis.name, 22), list(zip(units, texts, strict=True)))


def _objective(view: View, places: NDArray[np.int64]) -> tuple[Array, list[tuple[float, str]]]:
    """Where the objectives lie on their axis, the best at its top, and the marks of that."""
    axis = view.objective_axis
    found = axis.places(view.objectives[places])
    best, edge = (np.log10(end) if axis.log else end for end in (axis.best, axis.edge))
    marks = [mark for mark in axis.marks() if min(axis.best, axis.edge) <= mark <= max(axis.best, axis.edge)]

    def unit(values: Array) -> Array:
        return np.asarray(((np.log10(values) if axis.log else values) - edge) / (best - edge))

    return unit(found), [(float(unit(np.array(mark))), f"{mark:.4g}") for mark in marks]


def _left_out(view: View, lines: int) -> str:
    text = f"{lines} of {len(view.search.ranking):,} configs are drawn"
    if len(view.axes) <= _MOST_AXES:
        return f"{text}."
    which = "those that matter most where that is known"
    return f"{text}, with {_MOST_AXES} hyperparameters of {len(view.axes)}: {which}."
