"""K convolutional networks in torch, forward and, by autograd, backward.

Their maps lie side by side: (m, K · channels, height, width), and a convolution of all is one in K groups. A
model alone is one group, which is torch's own convolution. Maps keep their channels last: on a CPU a step
takes less then (benchmarks/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, cast

import torch
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

from trainer.arrays import Array, Params
from trainer.convolution.architecture import Block, Layers
from trainer.convolution.config import CNNConfig
from trainer.layers.activation import LEAK
from trainer.network.network import Masks

Tensor: TypeAlias = Any

_RUNNING = ("mean", "variance")
_ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu_,  # in place: what it is given is needed no more
    "leaky_relu": lambda Z: F.leaky_relu_(Z, LEAK),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}


class Images(NamedTuple):
    """x: (m, channels, height, width), the same for all models, or (m, K · channels, …), each model's own."""

    x: Tensor
    shared: bool


class Normalised(NamedTuple):
    """A minibatch's mean and unbiased variance of a layer, (K, n, 1) each."""

    mean: Tensor
    variance: Tensor


class Pass(NamedTuple):
    """outputs: (K, n_L, m). leaves: the parameters that autograd knows of. normalised: by layer."""

    outputs: Tensor
    leaves: dict[str, Tensor]
    normalised: dict[int, Normalised]


@dataclass(frozen=True, eq=False)
class Network:
    """config: of any of the models, in what they have in common. image: height, width and channels."""

    config: CNNConfig
    image: tuple[int, int, int]
    layers: Layers

    def images(self, X: Array) -> Tensor:
        """Rows of numbers (m, n_0) as images; no copy."""
        x: Tensor = X
        return x.view(len(x), *self.image).permute(0, 3, 1, 2)

    def forward(
        self, params: Params, images: Images, masks: Masks = (), silent: dict[int, float] | None = None
    ) -> Pass:
        """In training: with dropout, normalised by the minibatch.

        silent: takes, by layer, the share of units that are above 0 at no place of no image.
        """
        leaves = {name: _leaf(p) for name, p in params.items()}
        normalised: dict[int, Normalised] = {}
        with torch.enable_grad():
            found = _Forward(self, leaves, normalised=normalised, silent=silent).outputs(images, masks)
        return Pass(found, leaves, normalised)

    def backward(self, passed: Pass, dZ: Array, grads: Params) -> None:
        """Write the parameters' gradients, from that by the outputs."""
        leaves = [*passed.leaves.values()]
        found = torch.autograd.grad(passed.outputs, leaves, [cast(Tensor, dZ)])
        for name, gradient in zip(passed.leaves, found, strict=True):
            grads[name].copy_(gradient.reshape(grads[name].shape))  # type: ignore[attr-defined]

    def predict(self, params: Params, statistics: Mapping[str, Array], X: Array) -> Array:
        """The outputs for rows of numbers X (m, n_0), without dropout, by the running statistics."""
        own = {name: _side_by_side(p) for name, p in params.items()}
        with torch.no_grad():
            Z: Array = _Forward(self, own, statistics=statistics).outputs(Images(self.images(X), True), ())
        return Z


class _Forward:
    """One pass. params: of all models side by side. statistics: running ones; None in training, where those
    of the minibatch are written to `normalised`. silent: as in `Network.forward`.
    """

    def __init__(
        self,
        network: Network,
        params: Mapping[str, Tensor],
        statistics: Mapping[str, Array] | None = None,
        normalised: dict[int, Normalised] | None = None,
        silent: dict[int, float] | None = None,
    ) -> None:
        self._config, self._layers = network.config, network.layers
        self._params, self._statistics, self._normalised = params, statistics, normalised
        self._activation, self._silent = _ACTIVATIONS[network.config.activation], silent
        wide = network.layers.weights[1][0]
        self._models = len(params["W1"]) // wide

    def outputs(self, images: Images, masks: Masks) -> Tensor:
        """(K, n_L, m)."""
        x, shared = images
        for block in self._layers.blocks:
            x = self._block(block, x, shared)
            shared = False
        return self._dense(self._seen(x), masks)

    def _block(self, block: Block, x: Tensor, shared: bool) -> Tensor:
        if not block.skips:
            (number,) = block.convolutions
            Z = self._convolution(number, x, shared)
            Z = self._pooled(Z) if block.pools else Z  # before the rest, which then has a quarter to do
            return self._activate(number, self._normal(number, Z))
        first, second = block.convolutions
        Z = self._activate(first, self._normal(first, self._convolution(first, x, shared)))
        Z = self._normal(second, self._convolution(second, Z))
        Z = self._activate(second, Z + self._beside(block, x, shared))
        return self._pooled(Z) if block.pools else Z

    def _activate(self, number: int, Z: Tensor) -> Tensor:
        """Z: (m, K · n, …)."""
        A = self._activation(Z)
        if self._silent is not None:
            heard = (A.detach() > 0).transpose(0, 1).flatten(1).any(dim=1)
            self._silent[number] = 1 - float(heard.double().mean())
        return A

    def _beside(self, block: Block, x: Tensor, shared: bool) -> Tensor:
        """What skips a block's convolutions."""
        if block.shortcut is not None:
            return self._normal(block.shortcut, self._convolution(block.shortcut, x, shared))
        return x.repeat(1, self._models, 1, 1) if shared else x

    def _convolution(self, number: int, x: Tensor, shared: bool = False) -> Tensor:
        W = self._params[f"W{number}"]
        groups = 1 if shared else self._models
        Z = F.conv2d(x, W, padding=W.shape[-1] // 2, groups=groups)
        # Of images of one channel torch cannot tell whether it is the last, and takes it for the first.
        return Z.contiguous(memory_format=torch.channels_last)

    def _pooled(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, 2) if self._config.pooling == "max" else F.avg_pool2d(x, 2)

    def _normal(self, number: int, Z: Tensor) -> Tensor:
        """Z normalised, or with a bias. Z: (m, K · n, …)."""
        if number not in self._layers.normalised:
            return Z + _over_channels(self._params[f"b{number}"], Z)
        gamma, beta = self._params[f"gamma{number}"], self._params[f"beta{number}"]
        epsilon = self._config.batch_norm_epsilon
        if self._statistics is not None:
            mean, variance = (_side_by_side(self._statistics[f"{name}{number}"]) for name in _RUNNING)
            return F.batch_norm(Z, mean, variance, gamma, beta, False, 0.0, epsilon)
        if Z.numel() == Z.shape[1]:  # one number is its own mean
            return 0 * Z * _over_channels(gamma, Z) + _over_channels(beta, Z)
        mean, variance = torch.zeros_like(gamma), torch.zeros_like(gamma)
        Y = F.batch_norm(Z, mean, variance, gamma, beta, True, 1.0, epsilon)
        if self._normalised is not None:
            shape = (self._models, -1, 1)
            self._normalised[number] = Normalised(mean.view(shape), variance.view(shape))
        return Y

    def _seen(self, x: Tensor) -> Tensor:
        """What the dense layers see, (K, n, m)."""
        m = len(x)
        x = x.mean(dim=(2, 3)) if self._config.global_pooling else x
        return x.reshape(m, self._models, -1).permute(1, 2, 0)

    def _dense(self, A: Tensor, masks: Masks) -> Tensor:
        *hidden, last = self._layers.dense
        A = _dropped(A, masks, 0)
        for place, number in enumerate(hidden, start=1):
            Z = torch.bmm(self._weights(number), A)
            rows = Z.permute(2, 0, 1).reshape(A.shape[2], -1)
            rows = self._activate(number, self._normal(number, rows))
            A = _dropped(rows.view(len(rows), self._models, -1).permute(1, 2, 0), masks, place)
        return torch.bmm(self._weights(last), A) + self._params[f"b{last}"].view(self._models, -1, 1)

    def _weights(self, number: int) -> Tensor:
        return self._params[f"W{number}"].view(self._models, *self._layers.weights[number])


def _side_by_side(p: Array) -> Tensor:
    """(K, n, …) → (K · n, …); a column as a row of numbers."""
    x: Tensor = p
    shape = x.shape[2:] if tuple(x.shape[2:]) != (1,) else ()
    x = x.reshape(-1, *shape)
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


def _leaf(p: Array) -> Tensor:
    return _side_by_side(p).detach().requires_grad_()


def _over_channels(b: Tensor, Z: Tensor) -> Tensor:
    return b.view(1, -1, *(1,) * (Z.ndim - 2))


def _dropped(A: Tensor, masks: Masks, place: int) -> Tensor:
    mask: Sequence[Array | None] = masks[place : place + 1]
    return A if not mask or mask[0] is None else A * mask[0]
