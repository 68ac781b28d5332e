"""Points of a space as the model sees them: configs that train alike have equal features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeps.space import Choice, Distribution, Grid, Numeric, Space, Value, is_among

Array = NDArray[np.float64]

_MOST_CELLS = 1000  # a grid of more values has no table
_INACTIVE = 0.5  # its parent, a feature of its own, tells the configs apart


@dataclass(frozen=True)
class _Column:
    """One hyperparameter: its coordinates, shape (n,), as `width` features each."""

    width: int
    unordered: bool
    encode: Callable[[Array], Array] | None  # None where features are coordinates


class Features:
    """The map from points to features.

    group: which hyperparameter a feature belongs to, shape (features,).
    ordered: whether a feature's distances mean something, shape (features,); False for the indicators of
        an unordered choice, which has one for each value.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._places = {name: j for j, name in enumerate(space.searched)}
        columns = [_column(space.distributions[name]) for name in space.searched]
        widths = np.array([column.width for column in columns], dtype=np.int64)
        self.group = np.repeat(np.arange(len(widths)), widths)
        self.ordered = np.array([not columns[j].unordered for j in self.group], dtype=bool)
        starts = (np.cumsum(widths) - widths).tolist()
        self._encoded = [
            (j, slice(start, start + column.width), column.encode)
            for j, (start, column) in enumerate(zip(starts, columns, strict=True))
            if column.encode is not None
        ]
        self._inactive = np.where(self.ordered, _INACTIVE, 0.0)
        self._conditions = {
            name: space.distributions[name].when
            for name in space.parents_first
            if space.distributions[name].when
        }

    def of(self, points: Array) -> Array:
        """Features of points of shape (n, dimensions): shape (n, features), each in [0, 1].

        Coordinates that round to the same value have the same features; what is inactive counts for nothing.
        """
        features = points.take(self.group, axis=1)
        for j, place, encode in self._encoded:
            features[:, place] = encode(points[:, j]).reshape(features[:, place].shape)
        if not self._conditions:
            return features
        return np.where(self.active(points).take(self.group, axis=1), features, self._inactive)

    def active(self, points: Array) -> NDArray[np.bool_]:
        """Which coordinates of points the configs there have, shape (n, dimensions)."""
        found = np.ones(points.shape, dtype=bool)
        holds: dict[str, NDArray[np.bool_]] = {}
        for name, when in self._conditions.items():
            held = [holds[parent] for parent in when if parent in holds]  # the others are always there
            holds[name] = np.logical_and.reduce(
                [self._among(points, parent, values) for parent, values in when.items()] + held
            )
            if name in self._places:
                found[:, self._places[name]] = holds[name]
        return found

    def _among(self, points: Array, name: str, values: Sequence[Value]) -> NDArray[np.bool_]:
        """Where a hyperparameter has one of these values, shape (n,)."""
        distribution = self._space.distributions[name]
        if distribution.fixed:
            return np.full(len(points), is_among(distribution.from_unit(0.5), values))
        units = points[:, self._places[name]]
        if isinstance(distribution, Choice):
            among = np.array([is_among(value, values) for value in distribution.values])
            return np.asarray(among[_cell(units, distribution)])
        return np.array(
            [is_among(distribution.from_unit(unit), values) for unit in units.tolist()], dtype=bool
        )


def _column(distribution: Distribution) -> _Column:
    if isinstance(distribution, Choice):
        return _choice(distribution)
    if isinstance(distribution, Numeric) and distribution.grid is not None:
        grid = distribution.grid
        return _Column(1, False, _rounded(grid) if grid.last < _MOST_CELLS else grid.snapped)
    return _Column(1, False, None)


def _choice(choice: Choice) -> _Column:
    count = len(choice.values)
    if choice.ordered:
        return _Column(1, False, lambda units: (_cell(units, choice) + 0.5) / count)
    indicators = np.sqrt(0.5) * np.eye(count)  # two different values are then a distance of 1 apart
    return _Column(count, True, lambda units: indicators[_cell(units, choice)])


def _cell(units: Array, choice: Choice) -> NDArray[np.int64]:
    """The index of the value at each coordinate; some value's where there is no coordinate."""
    count = len(choice.values)
    return np.minimum((np.fmax(units, 0.0) * count).astype(np.int64), count - 1)


def _rounded(grid: Grid) -> Callable[[Array], Array]:
    """Coordinates to those of the grid value each gives, by a table of all values."""
    centres, borders = grid.cells()
    return lambda units: centres[np.searchsorted(borders, units)]
