"""Where everything of a network lies in one flat array, so that kernels are given two arrays and no shapes.

    memory = θ | gradient | moments | running statistics | averages | one minibatch on its way through

A plan has a row for each layer, the input first, and in it the layer's width and where its parts begin.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.compiled.kernel import kernel

Plan = NDArray[np.int64]
"""Shape (L + 1, len(COLUMNS))."""

COLUMNS = (
    "UNITS",  # n_l
    "WEIGHTS",  # (n_l, n_{l-1})
    "SHIFT",  # the biases, or with batch norm γ, then β
    "RUNNING",  # the running mean, then the variance
    "BEFORE",  # (m, n_l): activations before dropout; of layer 0 the inputs, of layer L the outputs
    "AFTER",  # the same after dropout and with what skips the layer; where there is neither, BEFORE again
    "FACTOR",  # (m, n_l): what dropout multiplies by
    "SCALED",  # (m, n_l): Ẑ
    "MOMENTS",  # the minibatch's mean, variance and 1/√(σ² + ε)
)
UNITS, WEIGHTS, SHIFT, RUNNING, BEFORE, AFTER, FACTOR, SCALED, MOMENTS = range(len(COLUMNS))


class Network(NamedTuple):
    """The rest of what kernels need to know, all of it numbers.

    activation, head, rule: codes, see those files. parameters: how many there are. penalised: how many of
    them are weights, which come first. statistics: how many running ones. averages: where those of the
    parameters lie, then those of the statistics; 0 where there are none. targets, delta, other, around:
    where in memory a minibatch's labels or quantities lie, (m,), what dZ is computed in, and what of it
    skips a layer, (m, n) each.
    """

    activation: int
    head: int
    rule: int
    batch_norm: bool
    epsilon: float
    skip: bool
    smoothing: float
    parameters: int
    penalised: int
    statistics: int
    averages: int
    targets: int
    delta: int
    other: int
    around: int


def work_plan(
    widths: tuple[int, ...], drops: tuple[bool, ...], batch_norm: bool, skip: bool, batch: int, start: int
) -> tuple[dict[str, list[int]], dict[str, Any], int]:
    """Columns of a plan, and places of `Network`, for minibatches of up to `batch`, from a start on; the end.

    drops: whether there is dropout of the input and each hidden layer. skip: whether what a layer is given
    is added to what it puts out.
    """
    columns: dict[str, list[int]] = {name: [0] * len(widths) for name in COLUMNS[BEFORE:]}
    at = start

    def take(size: int) -> int:
        nonlocal at
        at += size
        return at - size

    for layer, n in enumerate(widths):
        columns["BEFORE"][layer] = columns["AFTER"][layer] = take(batch * n)
        if layer < len(drops) and drops[layer]:
            columns["FACTOR"][layer] = take(batch * n)
            columns["AFTER"][layer] = columns["BEFORE"][0] if layer == 0 else take(batch * n)
        elif skip and 1 < layer < len(widths) - 1:
            columns["AFTER"][layer] = take(batch * n)
        if batch_norm and 0 < layer < len(widths) - 1:
            columns["SCALED"][layer], columns["MOMENTS"][layer] = take(batch * n), take(3 * n)
    widest = batch * max(widths[1:])
    places: dict[str, Any] = {"targets": take(batch), "delta": take(widest), "other": take(widest)}
    places["around"] = take(widest) if skip else 0
    return columns, places, at


@kernel
def matrix(memory: Array, start: int, rows: int, columns: int) -> Array:
    """Part of the memory as a matrix."""
    return memory[start : start + rows * columns].reshape(rows, columns)
