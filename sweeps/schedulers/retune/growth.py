"""What training on is worth, by config, as an earlier sweep has shown it.

After a few epochs those lead that learn fast, which need not be those that end up best. An earlier sweep has
seen how much a loss still falls from rung to rung, and that depends on the config: on its learning rate, say.
A quadratic of each coordinate is fitted to these falls by ridge regression, its penalty by leave-one-out
error (Allen, 1974; Golub, Heath and Wahba, 1979). Early losses of new trials are then compared by what they
are expected to come to: where nothing has changed, the earlier winner is first again.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweeps.space import Point

Array = NDArray[np.float64]

_LEAST = 6  # falls from which on more than their mean is learned
_PENALTIES = tuple(10.0**power for power in range(-3, 3))
_DIGITS = 6


class Growth:
    """steps: for each rung but the last the coefficients of the fall to the next, (1 + 2 dimensions,); or
    none, where nothing is known."""

    def __init__(self, steps: Sequence[Sequence[float]]) -> None:
        self._steps = [np.asarray(step, dtype=float) for step in steps]

    def expected(self, loss: float, point: Point, level: int) -> float:
        """What a trial's loss at a rung is expected to come to at the last one."""
        features = _features(point[None])[0]
        return loss + sum(
            float(features @ step) for step in self._steps[level:] if len(step) == len(features)
        )


def fitted(points: Array, losses: Sequence[Array]) -> list[list[float]]:
    """Coefficients for `Growth`.

    Args:
        points: Of earlier trials, shape (n, dimensions), NaN where a hyperparameter is inactive.
        losses: Their losses at each rung, shape (n,) each, NaN where a trial has not come there.

    Examples:
        >>> u = np.linspace(0, 1, 9)
        >>> step, = fitted(u[:, None], [1.0 - u, 1.0 - 2 * u])  # the fall is u
        >>> round(Growth([step]).expected(1.0, np.array([0.5]), 0), 2)
        0.5
    """
    return [_step(points, after - before) for before, after in itertools.pairwise(losses)]


def _step(points: Array, falls: Array) -> list[float]:
    known = np.isfinite(falls)
    x, y = _features(points[known]), falls[known]
    if len(y) < _LEAST:
        mean = float(y.mean()) if len(y) else 0.0
        return [round(mean, _DIGITS), *[0.0] * (x.shape[1] - 1)]
    fits = [_ridge(x, y, penalty) for penalty in _PENALTIES]
    return [round(float(each), _DIGITS) for each in min(fits, key=lambda fit: fit[0])[1]]


def _ridge(x: Array, y: Array, penalty: float) -> tuple[float, Array]:
    """The leave-one-out error, and the coefficients; the constant is not penalised."""
    weights = np.full(x.shape[1], penalty)
    weights[0] = 1e-9
    inverse = np.linalg.inv(x.T @ x + np.diag(weights))
    coefficients = inverse @ x.T @ y
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    left_out = (y - x @ coefficients) / np.maximum(1 - leverage, 1e-6)
    return float((left_out**2).mean()), coefficients


def _features(points: Array) -> Array:
    centred = np.nan_to_num(points, nan=0.5) - 0.5
    return np.hstack([np.ones((len(centred), 1)), centred, centred**2])
