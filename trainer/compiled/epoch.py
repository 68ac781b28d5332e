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
from trainer.compiled.rules import AVERAGE, REMEMBER
from trainer.compiled.update import take_average, update

Bytes = NDArray[np.uint8]

_CHECKED = 1024  # examples between two looks for outputs that are no finite numbers


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
        update(network, memory, m, c, scores)
        if network.averages > 0:
            take_average(network, memory, c[AVERAGE])
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
