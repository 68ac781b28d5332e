"""The forward pass of a trained network in plain NumPy, whatever it was trained on.

Rows are examples: X is (m, n_0), Z_l = A_{l-1} Wᵀ_l + b_l, with W_l as trainer.network.shapes has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.config import DTYPES, MLPConfig
from trainer.data.bins import Bins
from trainer.data.preprocessing import Preprocessing
from trainer.heads import HEADS
from trainer.layers.activation import ACTIVATIONS
from trainer.network.shapes import param_shapes, statistic_shapes

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Layers:
    """A network ready to predict: batch normalisation is folded into the weights, dropout is gone.

    weights: W_1, …, W_L, (n_l, n_{l-1}). biases: b_1, …, b_L, (n_l,). activation, head: their names.
    skip: as `MLPConfig` has it. bins: which stand behind the inputs.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    activation: str
    head: str
    skip: bool = False
    bins: Bins = field(default_factory=Bins.none)

    @classmethod
    def of(cls, config: MLPConfig, arrays: Arrays, classes: int) -> Layers:
        """From a network's own arrays. Raises ValueError where they are not such a network's."""
        weights: list[Array] = []
        biases: list[Array] = []
        for layer in range(1, len(config.hidden) + 2):
            W, b = _folded(config, arrays, layer)
            weights.append(np.ascontiguousarray(W, DTYPES[config.dtype]))
            biases.append(np.ascontiguousarray(b, DTYPES[config.dtype]))
        head, bins = head_of(config, classes), Bins.from_arrays(arrays)
        return cls(tuple(weights), tuple(biases), config.activation, head, config.skip, bins)

    def outputs(self, x: NDArray[np.float32]) -> Array:
        """Z_L of some rows, (m, n_L): before the head makes probabilities of it."""
        A: Array = self.bins(x).astype(self.weights[0].dtype, copy=False)
        last = len(self.weights) - 1
        with np.errstate(over="ignore", invalid="ignore"):
            for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
                below, A = A, A @ W.T
                A += b
                A = A if layer == last else ACTIVATIONS[self.activation].forward(A)
                A = A + below if self.skips(layer) else A
        return A

    def skips(self, layer: int) -> bool:
        """Whether a layer, counted from 0, adds what it is given to what it puts out."""
        return self.skip and 0 < layer < len(self.weights) - 1


def probabilities(head: str, Z: Array) -> NDArray[np.float64]:
    """Of each class, (m, classes), from the outputs of a head that classifies."""
    z = Z.astype(np.float64)
    if head == "logistic":
        return (np.tanh(np.hstack([-z, z]) / 2) + 1) / 2  # where no exponential can overflow
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


def head_of(config: MLPConfig, classes: int) -> str:
    """The head's name, which follows from the data where the config has none."""
    return config.head or ("softmax" if classes else "linear")


def network_shapes(config: MLPConfig, known: Preprocessing, features: int) -> dict[str, tuple[int, ...]]:
    """Of all arrays that a network is made of, without what its optimizer remembers."""
    outputs = HEADS[head_of(config, len(known.classes))].outputs(len(known.classes))
    widths = (features, *config.hidden, outputs)
    return {**param_shapes(widths, config.batch_norm), **statistic_shapes(widths, config.batch_norm)}


def _folded(config: MLPConfig, arrays: Arrays, layer: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """W and b of a layer; with batch normalisation Y = γ (W x − mean) / √(variance + ε) + β."""
    W = arrays[f"W{layer}"].astype(np.float64)
    if f"gamma{layer}" not in arrays:
        return W, arrays[f"b{layer}"][:, 0]
    names = ("gamma", "beta", "mean", "variance")
    gamma, beta, mean, variance = (arrays[f"{name}{layer}"].astype(np.float64) for name in names)
    scale = gamma / np.sqrt(variance + config.batch_norm_epsilon)
    return scale * W, (beta - mean * scale)[:, 0]
