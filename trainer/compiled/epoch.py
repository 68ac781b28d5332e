"""Whole epochs of one network: the two functions that Python calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.compiled.batch_norm import remember
from trainer.compiled.heads import score, smooth
from trainer.compiled.kernel import entry, exact, kernel
from trainer.compiled.passes import backward, forward, predict
from trainer.compiled.plan import BEFORE, MOMENTS, RUNNING, UNITS, Network, Plan, matrix
from trainer.compiled.rules import AVERAGE, CLIP, DECAY, L1, L2, REMEMBER, descend

Bytes = NDArray[np.uint8]

_CHECKED = 1024  # examples between two looks for outputs that are no finite numbers
_BLOCK = 4096  # parameters that an optimizer moves at a time: with their moments they stay in the cache


@entry
def train(
    network: Network,
    plan: Plan,
    memory: Array,
    pixels: Bytes,
    x: NDArray[np.float32],
    y: NDArray[np.float64],
    factor: NDArray[np.float32],
    offset: NDArray[np.float32],
    weights: NDArray[np.float32],
    bin_feature: NDArray[np.int64],
    bin_low: NDArray[np.float32],
    bin_factor: NDArray[np.float32],
    order: NDArray[np.intp],
    batch: int,
    first: int,
    last: int,
    keep: Array,
    keys: NDArray[np.uint32],
    coefficients: Array,
    scores: NDArray[np.float64],
) -> bool:
    """Steps first … last − 1 of an epoch; whether all outputs were finite numbers. It ends early if not.

    pixels or x: the split's examples, the other with no column, seen as x · factor + offset, both of shape
    (1,), (n,) or, for x as it is, (0,). bin_…: as `Bins` has them; what they say of the n features are the
    other n_0 − n inputs. y: quantities, or class indices as numbers. weights: of the examples in the
    gradient, (m,), or (0,) where all are 1. order: of the epoch's examples. keep, keys: of dropout, see
    `forward`. coefficients: of each of these steps, (last − first, coefficients). Adds to scores the sums of
    losses, right answers, norms of gradients and penalties.
    """
    seen = 0
    for step in range(first, last):
        at = order[step * batch : (step + 1) * batch]
        m, c = len(at), coefficients[step - first]
        _take(network, plan, memory, at, pixels, x, y, factor, offset)
        _bin(plan, memory, m, bin_feature, bin_low, bin_factor)
        forward(network, plan, memory, m, keep, keys, step * batch)
        _score(network, plan, memory, m, scores)
        _adjust(network, matrix(memory, plan[-1, BEFORE], m, plan[-1, UNITS]), memory, at, weights)
        backward(network, plan, memory, m, keep)
        if network.batch_norm:
            _remember(plan, memory, m, c)
        _update(network, memory, m, c, scores)
        if network.averages > 0:
            _average(network, memory, c[AVERAGE])
        seen += m
        if seen >= _CHECKED or step == last - 1:
            seen = 0
            if not np.isfinite(scores[0]):
                return False
    return True


@entry
def evaluate(
    network: Network,
    plan: Plan,
    memory: Array,
    pixels: Bytes,
    x: NDArray[np.float32],
    y: NDArray[np.float64],
    factor: NDArray[np.float32],
    offset: NDArray[np.float32],
    bin_feature: NDArray[np.int64],
    bin_low: NDArray[np.float32],
    bin_factor: NDArray[np.float32],
    chunk: int,
    scores: NDArray[np.float64],
    outputs: Array,
) -> None:
    """Add the sums of losses and right answers of all the examples to scores, `chunk` at a time.

    outputs: theirs are written there, (m, outputs); (0, outputs) where nobody asks for them.
    """
    examples = np.arange(len(y))
    for start in range(0, len(y), chunk):
        at = examples[start : start + chunk]
        m = len(at)
        _take(network, plan, memory, at, pixels, x, y, factor, offset)
        _bin(plan, memory, m, bin_feature, bin_low, bin_factor)
        predict(network, plan, memory, m)
        if len(outputs) > 0:
            outputs[start : start + m] = matrix(memory, plan[-1, BEFORE], m, plan[-1, UNITS])
        _score(network, plan, memory, m, scores)


@entry
def flush(x: Array, least: float) -> None:
    """Set numbers below `least` to zero."""
    smallest, zero = x.dtype.type(least), x.dtype.type(0)
    for i in range(x.size):
        x[i] = zero if abs(x[i]) < smallest else x[i]  # written always, so that it is vector code


@kernel
def _take(
    network: Network,
    plan: Plan,
    memory: Array,
    at: NDArray[np.intp],
    pixels: Bytes,
    x: NDArray[np.float32],
    y: NDArray[np.float64],
    factor: NDArray[np.float32],
    offset: NDArray[np.float32],
) -> None:
    """The examples of these indices to the minibatch."""
    m, n = len(at), pixels.shape[1] + x.shape[1]
    inputs = matrix(memory, plan[0, BEFORE], m, plan[0, UNITS])
    if pixels.shape[1] > 0:
        for i in range(m):
            for j in range(n):
                inputs[i, j] = pixels[at[i], j]
    else:
        for i in range(m):
            for j in range(n):
                inputs[i, j] = x[at[i], j]
    _scale(inputs, n, factor, offset)
    for i in range(m):
        memory[network.targets + i] = y[at[i]]


@exact
def _scale(inputs: Array, n: int, factor: NDArray[np.float32], offset: NDArray[np.float32]) -> None:
    """The first n of the inputs as `Dataset.scaled` does it: in float32, rounded after the product."""
    m = len(inputs)
    if len(factor) == 1:
        for i in range(m):
            for j in range(n):
                inputs[i, j] = np.float32(np.float32(inputs[i, j]) * factor[0]) + offset[0]
    elif len(factor) > 1:
        for i in range(m):
            for j in range(n):
                inputs[i, j] = np.float32(np.float32(inputs[i, j]) * factor[j]) + offset[j]


@exact
def _bin(
    plan: Plan,
    memory: Array,
    m: int,
    feature: NDArray[np.int64],
    low: NDArray[np.float32],
    factor: NDArray[np.float32],
) -> None:
    """What bins say to the places behind the features, as `Bins` does it: in float32."""
    n, bins = plan[0, UNITS], len(feature)
    inputs = matrix(memory, plan[0, BEFORE], m, n)
    for i in range(m):
        for j in range(bins):
            through = np.float32(np.float32(inputs[i, feature[j]]) - low[j]) * factor[j]
            inputs[i, n - bins + j] = min(max(np.float32(through), np.float32(0)), np.float32(1))


@kernel
def _score(network: Network, plan: Plan, memory: Array, m: int, scores: NDArray[np.float64]) -> None:
    outputs = matrix(memory, plan[-1, BEFORE], m, plan[-1, UNITS])
    score(network.head, outputs, memory[network.targets : network.targets + m], scores)


@kernel
def _adjust(
    network: Network, dZ: Array, memory: Array, at: NDArray[np.intp], weights: NDArray[np.float32]
) -> None:
    """The gradient by the outputs becomes that by smoothed labels, and by the examples' weights."""
    if network.smoothing > 0:
        targets = memory[network.targets : network.targets + len(at)]
        smooth(network.head, dZ, targets, network.smoothing)
    for i in range(min(len(at), len(weights))):
        dZ[i] *= dZ.dtype.type(weights[at[i]])


@kernel
def _remember(plan: Plan, memory: Array, m: int, c: Array) -> None:
    """The running statistics of each normalised layer."""
    for layer in range(1, len(plan) - 1):
        n, at, moments = plan[layer, UNITS], plan[layer, RUNNING], plan[layer, MOMENTS]
        remember(m, memory[at : at + 2 * n], memory[moments : moments + 3 * n], c[REMEMBER])


@kernel
def _average(network: Network, memory: Array, weight: float) -> None:
    """The averages take in the parameters and statistics as they are now."""
    start = network.averages
    for first, size in ((0, network.parameters), (4 * network.parameters, network.statistics)):
        now, average = memory[first : first + size], memory[start : start + size]
        for i in range(size):
            average[i] += weight * (now[i] - average[i])
        start += size


@kernel
def _update(network: Network, memory: Array, m: int, c: Array, scores: NDArray[np.float64]) -> None:
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
