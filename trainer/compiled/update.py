"""What follows a gradient: penalties, clipping, the optimizer's rule, and the average of the weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.compiled.kernel import kernel
from trainer.compiled.plan import Network
from trainer.compiled.rules import CLIP, DECAY, L1, L2, descend

_BLOCK = 4096  # parameters that an optimizer moves at a time: with their moments they stay in the cache


@kernel
def update(network: Network, memory: Array, m: int, c: Array, scores: NDArray[np.float64]) -> None:
    """Penalties, clipping and the optimizer's rule. Adds the gradient's norm before it was clipped, and
    what `_penalise` returns, to scores."""
    size, weights = network.parameters, network.penalised
    theta, gradient = memory[:size], memory[size : 2 * size]
    if c[L1] > 0 or c[L2] > 0:
        scores[3] += _penalise(theta[:weights], gradient[:weights], m, c)
    if c[DECAY] > 0:
        rest = memory.dtype.type(1) - c[DECAY]
        for i in range(weights):
            theta[i] *= rest
    clips = np.isfinite(c[CLIP])
    norm = _norm(gradient) if clips else 0.0
    if clips and norm > c[CLIP]:
        factor = memory.dtype.type(c[CLIP] / norm)
        for i in range(size):
            gradient[i] *= factor
    squares = 0.0
    for start in range(0, size, _BLOCK):
        stop = min(start + _BLOCK, size)
        if not clips:
            squares += _squares(gradient[start:stop])
        descend(network.rule, memory, start, stop, size, c)
    scores[2] += norm if clips else np.sqrt(squares)


@kernel
def take_average(network: Network, memory: Array, weight: float) -> None:
    """The averages take in the parameters and statistics as they are now."""
    start = network.averages
    for first, size in ((0, network.parameters), (4 * network.parameters, network.statistics)):
        now, average = memory[first : first + size], memory[start : start + size]
        for i in range(size):
            average[i] += weight * (now[i] - average[i])
        start += size


@kernel
def _penalise(theta: Array, gradient: Array, m: int, c: Array) -> float:
    """Add the penalties' share to the gradient by the weights. Returns m times their share of the cost."""
    l1, l2 = c[L1] / theta.dtype.type(m), c[L2] / theta.dtype.type(m)
    squares, absolute = 0.0, 0.0
    for start in range(0, theta.size, _BLOCK):
        w, g = theta[start : start + _BLOCK], gradient[start : start + _BLOCK]
        if l2 > 0:
            for i in range(w.size):
                g[i] += l2 * w[i]
            squares += _squares(w)
        if l1 > 0:
            total = theta.dtype.type(0)
            for i in range(w.size):
                g[i] += l1 * np.sign(w[i])
                total += abs(w[i])
            absolute += float(total)
    return float(c[L2]) / 2 * squares + float(c[L1]) * absolute


@kernel
def _squares(g: Array) -> float:
    """The sum of squares, in float64 where it overflows the dtype."""
    total = g.dtype.type(0)
    for i in range(g.size):
        total += g[i] * g[i]
    wide = np.float64(total)
    if not np.isfinite(wide):
        wide = np.float64(0)
        for i in range(g.size):
            wide += np.float64(g[i]) * np.float64(g[i])
    return float(wide)


@kernel
def _norm(g: Array) -> float:
    """The L2 norm; in units of the largest entry where squares overflow."""
    squares = 0.0
    for start in range(0, g.size, _BLOCK):
        squares += _squares(g[start : start + _BLOCK])
    largest = 0.0
    if not np.isfinite(squares):
        for i in range(g.size):
            largest = max(largest, abs(np.float64(g[i])))
    if not (0 < largest < np.inf):
        return float(np.sqrt(squares))
    squares = 0.0
    for i in range(g.size):
        squares += (g[i] / largest) ** 2
    return float(np.sqrt(squares) * largest)
