"""The expected improvement of a point, the acquisition function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx

Array = NDArray[np.float64]


def log_expected_improvement(mean: Array, deviation: Array, best: float) -> Array:
    """The logarithm of E[max(best - y, 0)] for y normal with the given mean and deviation, shape (n,).

    Far above the best, where the expectation itself is 0 in floating point, the logarithm still ranks
    points (Ament et al., 2023, "Unexpected Improvements to Expected Improvement", NeurIPS 36).
    """
    u = (best - mean) / deviation
    # E = deviation · φ(u) · (1 + u Φ(u)/φ(u)), and Φ(u)/φ(u) is a scaled complementary error function.
    ratio = np.sqrt(np.pi / 2) * erfcx(-np.clip(u, -1e6, 25) / np.sqrt(2))
    inverse = 1 / np.maximum(u * u, 1.0)  # by its series, where all digits cancel
    rest = np.where(u < -1e3, inverse - 3 * inverse**2, 1 + u * ratio)
    log_density = -0.5 * u * u - 0.5 * np.log(2 * np.pi)
    near = log_density + np.log(np.maximum(rest, 1e-300))
    return np.asarray(np.where(u > 25, np.log(np.maximum(u, 1)), near) + np.log(deviation))
