"""A stack of K multilayer perceptrons of one shape: forward, backward, cost.

Layer l has the weights `W{l}` (K, n_l, n_{l-1}) and biases `b{l}` (K, n_l, 1). Examples are columns
of the activations (K, n_l, m) and rows of the data X (m, n_0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trainer.arrays import Array, Labels, Params, Vector, over_models
from trainer.layers import dense
from trainer.layers.activation import Activation
from trainer.loss import cross_entropy, cross_entropy_gradient


class Pass(NamedTuple):
    """What a forward pass leaves for the backward pass.

    before, after: the hidden activations without and with dropout; logits: (K, n_L, m).
    """

    X: Array
    before: list[Array]
    after: list[Array]
    masks: Sequence[Array]
    logits: Array


@dataclass(frozen=True)
class Network:
    """widths: n_0 features, n_1, … hidden units, n_L classes. activation: of the hidden layers."""

    widths: tuple[int, ...]
    activation: Activation

    @property
    def depth(self) -> int:
        """L, the number of layers with weights."""
        return len(self.widths) - 1

    def forward(self, params: Params, X: Array, masks: Sequence[Array] = ()) -> Pass:
        """The logits of each model for the examples X, shape (m, n_0).

        masks: what each hidden layer is multiplied by (dropout.draw_masks); empty for no dropout.
        """
        before: list[Array] = []
        after: list[Array] = []
        Z = dense.forward_shared(params["W1"], params["b1"], X)
        for layer in range(2, self.depth + 1):
            A = self.activation.forward(Z)
            before.append(A)
            after.append(A * masks[layer - 2] if masks else A)
            Z = dense.forward(params[f"W{layer}"], params[f"b{layer}"], after[-1])
        return Pass(X, before, after, masks, Z)

    def backward(self, params: Params, passed: Pass, y: Labels, l2: Vector | None = None) -> Params:
        """The gradients of `cost`, one per parameter and of its shape. l2: as in `cost`."""
        grads: Params = {}
        dZ = cross_entropy_gradient(passed.logits, y)
        for layer in range(self.depth, 1, -1):
            grads[f"W{layer}"], grads[f"b{layer}"] = dense.backward(dZ, passed.after[layer - 2])
            dA = dense.backward_input(dZ, params[f"W{layer}"])
            if passed.masks:
                dA *= passed.masks[layer - 2]
            dZ = self.activation.backward(dA, passed.before[layer - 2])
        grads["W1"], grads["b1"] = dense.backward_shared(dZ, passed.X)
        if l2 is not None:
            self._add_penalty_gradient(grads, params, l2 / len(y))
        return grads

    def cost(
        self,
        params: Params,
        X: Array,
        y: Labels,
        l2: Vector | None = None,
        masks: Sequence[Array] = (),
    ) -> Vector:
        """J = (1/m) Σ loss + (λ/2m) Σ_l ‖W_l‖², shape (K,). Biases are not penalised.

        l2: λ of each model, shape (K,). m is the number of examples in X: in training, of the
        minibatch. The penalty's share of a gradient is then (λ/m) W, so a λ means the same with any
        number of training examples and weighs less, the larger the batch.
        """
        J: Vector = cross_entropy(self.forward(params, X, masks).logits, y).mean(axis=1, dtype=np.float64)
        if l2 is None:
            return J
        for layer in range(1, self.depth + 1):
            squares = np.square(params[f"W{layer}"]).sum(axis=(1, 2), dtype=np.float64)
            J += l2 / (2 * len(y)) * squares
        return J

    def _add_penalty_gradient(self, grads: Params, params: Params, coefficient: Vector) -> None:
        c = over_models(coefficient, grads["W1"])
        for layer in range(1, self.depth + 1):
            grads[f"W{layer}"] += c * params[f"W{layer}"]
