"""Forward and backward through a network, on one minibatch whose examples are rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.compiled import batch_norm
from trainer.compiled.activations import activate, slope_
from trainer.compiled.dropout import drop
from trainer.compiled.kernel import kernel
from trainer.compiled.plan import (
    AFTER,
    BEFORE,
    FACTOR,
    MOMENTS,
    RUNNING,
    SCALED,
    SHIFT,
    UNITS,
    WEIGHTS,
    Network,
    Plan,
    matrix,
)

_normalise, _normalise_by, _normalise_backward = (
    batch_norm.normalise,
    batch_norm.normalise_by,
    batch_norm.backward,
)


@kernel
def forward(
    network: Network, plan: Plan, memory: Array, m: int, keep: Array, keys: NDArray[np.uint32], position: int
) -> None:
    """The outputs, by the minibatch's statistics and with dropout, for m examples.

    keep: of each layer, (L,). keys: of its draws, (L, 2). position: of the first example in the epoch's
    order.
    """
    for layer in range(len(plan)):
        n, at = plan[layer, UNITS], plan[layer, BEFORE]
        A = matrix(memory, at, m, n)
        if layer > 0:
            _multiply(plan, memory, layer, plan[layer - 1, AFTER], A)
        if 0 < layer < len(plan) - 1:
            if network.batch_norm:
                scaled = matrix(memory, plan[layer, SCALED], m, n)
                shift, moments = plan[layer, SHIFT], plan[layer, MOMENTS]
                learnt, of_batch = memory[shift : shift + 2 * n], memory[moments : moments + 3 * n]
                _normalise(A, scaled, learnt, of_batch, network.epsilon)
            else:
                _add(A, memory[plan[layer, SHIFT] :])
            activate(network.activation, memory[at : at + m * n])
        if layer < len(keep) and keep[layer] < 1:
            kept = matrix(memory, plan[layer, AFTER], m, n)
            drop(A, kept, matrix(memory, plan[layer, FACTOR], m, n), keep[layer], keys[layer], position)
            A = kept
        if network.skip and 1 < layer < len(plan) - 1:
            below, after = plan[layer - 1, AFTER], plan[layer, AFTER]
            _sum(A, matrix(memory, below, m, n), matrix(memory, after, m, n))
    _add(matrix(memory, plan[-1, BEFORE], m, plan[-1, UNITS]), memory[plan[-1, SHIFT] :])


@kernel
def predict(network: Network, plan: Plan, memory: Array, m: int) -> None:
    """The outputs, by the running statistics and without dropout, for m examples."""
    for layer in range(1, len(plan)):
        n, at = plan[layer, UNITS], plan[layer, BEFORE]
        A = matrix(memory, at, m, n)
        _multiply(plan, memory, layer, plan[layer - 1, BEFORE], A)
        if network.batch_norm and layer < len(plan) - 1:
            shift, running = plan[layer, SHIFT], plan[layer, RUNNING]
            learnt, statistics = memory[shift : shift + 2 * n], memory[running : running + 2 * n]
            _normalise_by(A, learnt, statistics, network.epsilon)
        else:
            _add(A, memory[plan[layer, SHIFT] :])
        if layer < len(plan) - 1:
            activate(network.activation, memory[at : at + m * n])
            if network.skip and layer > 1:
                _sum(A, matrix(memory, plan[layer - 1, BEFORE], m, n), A)


@kernel
def backward(network: Network, plan: Plan, memory: Array, m: int, keep: Array) -> None:
    """The gradient by all parameters, from that by the outputs, which lies in their place."""
    last, gradient = len(plan) - 1, memory[network.parameters :]
    at = plan[last, BEFORE]
    for layer in range(last, 0, -1):
        n, below = plan[layer, UNITS], plan[layer - 1, UNITS]
        d, A = matrix(memory, at, m, n), matrix(memory, plan[layer - 1, AFTER], m, below)
        np.dot(d.T, A, matrix(gradient, plan[layer, WEIGHTS], n, below))
        if layer == last or not network.batch_norm:
            _sum_examples(d, gradient[plan[layer, SHIFT] :])
        if layer > 1:
            at = network.delta if (last - layer) % 2 == 0 else network.other
            dA = matrix(memory, at, m, below)
            np.dot(d, matrix(memory, plan[layer, WEIGHTS], n, below), dA)
            if network.skip:
                around = matrix(memory, network.around, m, below)
                if layer < last:
                    _sum(dA, around, dA)
                around[:] = dA
            _backward_hidden(network, plan, memory, layer - 1, m, at, keep)


@kernel
def _backward_hidden(
    network: Network, plan: Plan, memory: Array, layer: int, m: int, at: int, keep: Array
) -> None:
    """dA of a hidden layer, which begins at `at`, becomes dZ, before its bias or normalisation."""
    n, before = plan[layer, UNITS], plan[layer, BEFORE]
    d = memory[at : at + m * n]
    if keep[layer] < 1:
        factor = memory[plan[layer, FACTOR] :]
        for i in range(m * n):
            d[i] *= factor[i]
    slope_(network.activation, d, memory[before : before + m * n])
    if network.batch_norm:
        shift, moments = plan[layer, SHIFT], plan[layer, MOMENTS]
        gradient = memory[network.parameters + shift : network.parameters + shift + 2 * n]
        scaled = matrix(memory, plan[layer, SCALED], m, n)
        inverse = memory[moments + 2 * n : moments + 3 * n]
        _normalise_backward(d.reshape(m, n), scaled, memory[shift : shift + n], inverse, gradient)


@kernel
def _multiply(plan: Plan, memory: Array, layer: int, at: int, Z: Array) -> None:
    """Z = A Wᵀ, where A begins at `at`."""
    n, below = plan[layer, UNITS], plan[layer - 1, UNITS]
    A, W = matrix(memory, at, len(Z), below), matrix(memory, plan[layer, WEIGHTS], n, below)
    np.dot(A, W.T, Z)


@kernel
def _sum(one: Array, other: Array, total: Array) -> None:
    for i in range(one.shape[0]):
        for j in range(one.shape[1]):
            total[i, j] = one[i, j] + other[i, j]


@kernel
def _add(Z: Array, biases: Array) -> None:
    """Add the biases to each example's row."""
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            Z[i, j] += biases[j]


@kernel
def _sum_examples(d: Array, db: Array) -> None:
    """The gradient by the biases."""
    db[: d.shape[1]] = 0
    for i in range(d.shape[0]):
        for j in range(d.shape[1]):
            db[j] += d[i, j]
