"""A stack of K multilayer perceptrons: forward and backward.

Parameters are named and shaped as in trainer.network.shapes, with a leading model axis. Examples are columns
of the activations (K, n_l, m) and rows of the data X (m, n_0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trainer.arrays import Array, Params, namespace
from trainer.heads import Head, smoothed
from trainer.layers import batch_norm, dense
from trainer.layers.activation import Activation
from trainer.layers.batch_norm import Normalised
from trainer.layers.dense import Inputs

Masks = Sequence[Array | None]
"""What the input and each hidden layer are multiplied by (dropout); None leaves a layer as it is."""


class Pass(NamedTuple):
    """What a forward pass in training leaves for the backward pass.

    before, after: each hidden layer's activations without and with dropout, those of the input first
    (None where models share it); normalised: of each hidden layer, by number; outputs: (K, n_L, m).
    """

    inputs: Inputs
    before: list[Array | None]
    after: list[Array | None]
    masks: Masks
    normalised: dict[int, Normalised]
    outputs: Array


@dataclass(frozen=True, eq=False)
class Network:
    """depth: L, the number of layers with weights. epsilon: of batch normalisation, shape (K, 1, 1);
    None for a network without. skip: whether hidden layers but the first add their inputs to their outputs.
    smoothing: of labels, (K, 1, 1), towards `uniform`; None where no model has any.
    """

    depth: int
    activation: Activation
    head: Head
    epsilon: Array | None = None
    skip: bool = False
    smoothing: Array | None = None
    uniform: float = 0.0

    def forward(self, params: Params, inputs: Inputs, masks: Masks = ()) -> Pass:
        """The outputs of each model in training: with dropout, normalised by the minibatch."""
        masks = masks or (None,) * self.depth
        first = None if masks[0] is None else _spread(inputs) * masks[0]
        before: list[Array | None] = [None]
        after: list[Array | None] = [first]
        normalised: dict[int, Normalised] = {}
        for layer in range(1, self.depth):
            Z = _product(params, layer, inputs, after[-1])
            if self.epsilon is None:
                Z += params[f"b{layer}"]
            else:
                gamma, beta = params[f"gamma{layer}"], params[f"beta{layer}"]
                Z, normalised[layer] = batch_norm.forward(Z, gamma, beta, self.epsilon)
            A, mask = self.activation.forward(Z), masks[layer]
            before.append(A)
            A = A if mask is None else A * mask
            below = after[-1]
            after.append(A + below if below is not None and self._skips(layer) else A)
        Z = _product(params, self.depth, inputs, after[-1])
        Z += params[f"b{self.depth}"]
        return Pass(inputs, before, after, masks, normalised, Z)

    def backward(
        self, params: Params, passed: Pass, T: Array, grads: Params, weights: Array | None = None
    ) -> None:
        """Write the gradients of the mean loss into `grads`, arrays of the parameters' shapes.

        weights: what each example's loss is multiplied by, (1 or K, 1, m).
        """
        dZ = self.head.gradient(passed.outputs, smoothed(T, self.smoothing, self.uniform))
        if weights is not None:
            dZ *= weights
        dense.sum_examples(dZ, grads[f"b{self.depth}"])
        around = dZ  # the part of dA that goes round the layer
        for layer in range(self.depth, 1, -1):
            A, mask = passed.after[layer - 1], passed.masks[layer - 1]
            dense.backward(dZ, A, grads[f"W{layer}"])  # type: ignore[arg-type]  # hidden ones are kept
            dA = dense.backward_input(dZ, params[f"W{layer}"])
            if self._skips(layer):
                dA += around
            if self._skips(layer - 1):
                around = namespace(dA).asarray(dA, copy=True)
            if mask is not None:
                dA *= mask
            dZ = self._backward_hidden(layer - 1, dA, params, passed, grads)
        if passed.after[0] is None:
            dense.backward_shared(dZ, passed.inputs, grads["W1"])
        else:
            dense.backward(dZ, passed.after[0], grads["W1"])

    def predict(self, params: Params, statistics: Mapping[str, Array], X: Array) -> Array:
        """The outputs for the examples X (m, n_0), without dropout, normalised by the running statistics."""
        inputs, A = [(slice(None), X)], None
        for layer in range(1, self.depth):
            Z = _product(params, layer, inputs, A)
            if self.epsilon is None:
                Z += params[f"b{layer}"]
            else:
                learnt = params[f"gamma{layer}"], params[f"beta{layer}"]
                running = statistics[f"mean{layer}"], statistics[f"variance{layer}"]
                Z = batch_norm.predict(Z, *learnt, *running, self.epsilon)
            after: Array = self.activation.forward(Z)
            A = after + A if A is not None and self._skips(layer) else after
        Z = _product(params, self.depth, inputs, A)
        Z += params[f"b{self.depth}"]
        return Z

    def _skips(self, layer: int) -> bool:
        """Whether what the layer is given is added to what it puts out."""
        return self.skip and 1 < layer < self.depth

    def _backward_hidden(self, layer: int, dA: Array, params: Params, passed: Pass, grads: Params) -> Array:
        """dZ before the layer's bias or normalisation; writes the gradients of either."""
        A = passed.before[layer]
        dZ = self.activation.backward(dA, A)  # type: ignore[arg-type]  # hidden ones are kept
        if self.epsilon is None:
            dense.sum_examples(dZ, grads[f"b{layer}"])
            return dZ
        learnt = grads[f"gamma{layer}"], grads[f"beta{layer}"]
        return batch_norm.backward(dZ, params[f"gamma{layer}"], passed.normalised[layer], *learnt)


def _product(params: Params, layer: int, inputs: Inputs, A: Array | None) -> Array:
    W = params[f"W{layer}"]
    return dense.forward_shared(W, inputs) if A is None else dense.forward(W, A)


def _spread(inputs: Inputs) -> Array:
    """Each model's inputs as columns, shape (1 or K, n_0, m)."""
    if len(inputs) == 1:
        return inputs[0][1].T[None]
    xp = namespace(inputs[0][1])
    columns = [xp.broadcast_to(X.T, (at.stop - at.start, *X.T.shape)) for at, X in inputs]
    spread: Array = xp.concatenate(columns)
    return spread
