"""The forward pass of a trained convolutional network in plain NumPy, whatever it was trained on.

Maps are (m, height, width, channels). A convolution is a product of each place's neighbourhood,
(9 · channels,), and the weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.config import DTYPES
from trainer.convolution.architecture import (
    Block,
    Layers,
    image_shape,
    layers_of,
    param_shapes,
    statistic_shapes,
)
from trainer.convolution.config import CNNConfig
from trainer.heads import HEADS
from trainer.layers.activation import ACTIVATIONS

Arrays = Mapping[str, NDArray[Any]]

_PLACES = 1 << 16  # of maps at a time, so that their neighbourhoods stay small


def network_shapes(
    config: CNNConfig, shape: tuple[int, ...], head: str, classes: int
) -> dict[str, tuple[int, ...]]:
    """Of all arrays that a network is made of, without what its optimizer remembers. shape: of an example."""
    layers = layers_of(config, image_shape(shape), HEADS[head].outputs(classes))
    return {**param_shapes(layers), **statistic_shapes(layers)}


@dataclass(frozen=True, eq=False)
class ConvolutionLayers:
    """A network ready to predict: batch normalisation is a scale and a shift, dropout is gone.

    weights: by layer, (n_out, n_in, height, width) of a convolution, (n_out, n_in) of a dense one. scales,
    shifts: (n_out,), for what the layer's weights give, or its pooling.
    """

    config: CNNConfig
    image: tuple[int, int, int]
    layers: Layers
    weights: Mapping[int, Array]
    scales: Mapping[int, Array]
    shifts: Mapping[int, Array]
    head: str

    @classmethod
    def of(
        cls, config: CNNConfig, arrays: Arrays, shape: tuple[int, ...], head: str, classes: int
    ) -> ConvolutionLayers:
        """From a network's own arrays. shape: of an example."""
        image = image_shape(shape)
        layers = layers_of(config, image, HEADS[head].outputs(classes))
        dtype = DTYPES[config.dtype]
        weights: dict[int, Array] = {number: arrays[f"W{number}"].astype(dtype) for number in layers.weights}
        affine = {number: _affine(config, arrays, number) for number in layers.weights}
        scales = {number: scale for number, (scale, _) in affine.items()}
        shifts = {number: shift for number, (_, shift) in affine.items()}
        return cls(config, image, layers, weights, scales, shifts, head)

    def outputs(self, x: NDArray[np.float32]) -> Array:
        """What the last layer gives for some rows, (m, n_L): before the head makes probabilities of it."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.concatenate([self._outputs(part) for part in self._parts(x)])

    def _parts(self, x: NDArray[np.float32]) -> Iterator[Array]:
        height, width, _ = self.image
        at_once = max(1, _PLACES // (height * width))
        for at in range(0, max(len(x), 1), at_once):
            yield x[at : at + at_once].astype(DTYPES[self.config.dtype], copy=False)

    def _outputs(self, x: Array) -> Array:
        A: Array = x.reshape(len(x), *self.image)
        for block in self.layers.blocks:
            A = self._block(block, A)
        A = A.mean(axis=(1, 2)) if self.config.global_pooling else A.transpose(0, 3, 1, 2).reshape(len(x), -1)
        *hidden, last = self.layers.dense
        for number in hidden:
            A = self._activate(self._normal(number, A @ self.weights[number].T))
        return self._normal(last, A @ self.weights[last].T)

    def _block(self, block: Block, A: Array) -> Array:
        if not block.skips:
            (number,) = block.convolutions
            Z = self._convolution(number, A)
            return self._activate(self._normal(number, self._pooled(Z) if block.pools else Z))
        first, second = block.convolutions
        Z = self._activate(self._normalised(first, A))
        Z = self._normalised(second, Z)
        Z += A if block.shortcut is None else self._normalised(block.shortcut, A)
        Z = self._activate(Z)
        return self._pooled(Z) if block.pools else Z

    def _normalised(self, number: int, A: Array) -> Array:
        return self._normal(number, self._convolution(number, A))

    def _normal(self, number: int, Z: Array) -> Array:
        Z *= self.scales[number]
        Z += self.shifts[number]
        return Z

    def _convolution(self, number: int, A: Array) -> Array:
        W = self.weights[number]
        out, into, size, _ = W.shape
        edge = size // 2
        padded = np.pad(A, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
        near = sliding_window_view(padded, (size, size), axis=(1, 2)).reshape(-1, into * size * size)
        Z: Array = near @ W.reshape(out, -1).T
        return Z.reshape(*A.shape[:3], out)

    def _pooled(self, A: Array) -> Array:
        m, height, width, channels = A.shape
        even = A[:, : height // 2 * 2, : width // 2 * 2]
        fours = even.reshape(m, height // 2, 2, width // 2, 2, channels)
        pooled: Array = fours.max(axis=(2, 4)) if self.config.pooling == "max" else fours.mean(axis=(2, 4))
        return pooled

    def _activate(self, Z: Array) -> Array:
        return ACTIVATIONS[self.config.activation].forward(Z)


def _affine(config: CNNConfig, arrays: Arrays, number: int) -> tuple[Array, Array]:
    """Scale and shift after a layer's product; with batch normalisation γ (Z − mean) / √(variance + ε) + β.

    They stay out of the weights: between the two is a pooling, whose maximum a negative γ turns around.
    """
    dtype = DTYPES[config.dtype]
    if f"gamma{number}" not in arrays:
        b = arrays[f"b{number}"][:, 0]
        return np.ones(len(b), dtype), b.astype(dtype)
    names = ("gamma", "beta", "mean", "variance")
    gamma, beta, mean, variance = (arrays[f"{name}{number}"].astype(np.float64)[:, 0] for name in names)
    scale = gamma / np.sqrt(variance + config.batch_norm_epsilon)
    return scale.astype(dtype), (beta - mean * scale).astype(dtype)
