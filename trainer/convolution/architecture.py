"""Which layers a convolutional network has, and how large they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from trainer.config import MLPConfig
from trainer.convolution.config import CNNConfig
from trainer.data import Dataset
from trainer.errors import ConfigError, DataError
from trainer.layers.initialisers import INITIALISERS
from trainer.network.architecture import Architecture
from trainer.network.shapes import Shapes, count
from trainer.randomness import Purpose, generator

if TYPE_CHECKING:
    from trainer.convolution.network import Network

_LARGEST = 10**8  # parameters
_KERNEL, _POINT = (3, 3), (1, 1)


class Block(NamedTuple):
    """convolutions: by their layers' numbers. skips: whether its input is added to what they give.
    shortcut: the layer by which it is, where channels differ. pools: whether a pooling follows.
    """

    convolutions: tuple[int, ...]
    skips: bool
    shortcut: int | None
    pools: bool


class Layers(NamedTuple):
    """weights: each layer's, by number: (n_out, n_in, 3, 3) of a convolution, (n_out, n_in) of a dense one.
    The last one gives the outputs. normalised: which layers batch normalisation follows.
    """

    blocks: tuple[Block, ...]
    dense: tuple[int, ...]
    weights: dict[int, tuple[int, ...]]
    normalised: tuple[int, ...]


def image_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Height, width and channels of an example. Raises `DataError` where it is no image."""
    if len(shape) not in (2, 3):
        of = f"{shape[0]} features" if len(shape) == 1 else f"arrays of {len(shape)} axes"
        rule = f"are examples of {of}, and a convolutional network takes images"
        fix = "write trainable: mlp, or give images: (images, height, width), with channels last or without"
        raise DataError("data", shape, rule, fix)
    height, width, channels = (*shape, 1)[:3]
    if channels > 4 >= height:
        rule = f"are images of a height of {height} and {channels} channels"
        raise DataError("data", shape, rule, "put channels last: (images, height, width, channels)")
    return height, width, channels


def layers_of(config: CNNConfig, image: tuple[int, int, int], outputs: int) -> Layers:
    """Numbered as they are computed, from 1 on."""
    height, width, channels = image
    weights: dict[int, tuple[int, ...]] = {}
    blocks: list[Block] = []

    def layer(*shape: int) -> int:
        weights[len(weights) + 1] = shape
        return len(weights)

    for stage in range(config.stages):
        wide = config.channels * 2**stage
        for number in range(config.blocks):
            convolutions = [layer(wide, channels, *_KERNEL)]
            convolutions += [layer(wide, wide, *_KERNEL)] if config.skip else []
            shortcut = layer(wide, channels, *_POINT) if config.skip and channels != wide else None
            last = number == config.blocks - 1
            blocks.append(Block(tuple(convolutions), config.skip, shortcut, last))
            channels = wide
    places = 1 if config.global_pooling else (height >> config.stages) * (width >> config.stages)
    sizes = (channels * places, *config.hidden, outputs)
    dense = tuple(layer(out, into) for into, out in pairwise(sizes))
    normalised = tuple(weights)[:-1] if config.batch_norm else ()
    return Layers(tuple(blocks), dense, weights, normalised)


def param_shapes(layers: Layers) -> Shapes:
    """Of all that is learnt: the weights, then the rest, named as those of the dense network."""
    shapes: Shapes = {f"W{number}": shape for number, shape in layers.weights.items()}
    for number, shape in layers.weights.items():
        shifts = ("gamma", "beta") if number in layers.normalised else ("b",)
        shapes |= {f"{name}{number}": (shape[0], 1) for name in shifts}
    return shapes


def statistic_shapes(layers: Layers) -> Shapes:
    """Of what batch normalisation remembers."""
    return {
        f"{name}{number}": (layers.weights[number][0], 1)
        for number in layers.normalised
        for name in ("mean", "variance")
    }


@dataclass(frozen=True)
class ConvolutionArchitecture(Architecture):
    """Of the configs of one pack key on a data set of images.

    shape: of an example. Raises `ConfigError`, and `DataError` on a table.
    """

    shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self._check_stages()
        self._check_head()
        size = count(self.params(()))
        if size > _LARGEST:
            rule = f"makes a network of {size:,} parameters, and {_LARGEST:,} is the most"
            raise ConfigError("channels", self.own.channels, rule, "choose fewer channels or stages")

    @classmethod
    def of(cls, config: MLPConfig, data: Dataset) -> ConvolutionArchitecture:
        return cls(config, data.features, len(data.classes), data.shape)

    @property
    def own(self) -> CNNConfig:
        """The config, which is always one of such a network."""
        return cast(CNNConfig, self.config)

    @cached_property
    def image(self) -> tuple[int, int, int]:
        return image_shape(self.shape)

    @cached_property
    def layers(self) -> Layers:
        return layers_of(self.own, self.image, self.head.outputs(self.classes))

    def widths(self, configs: Sequence[MLPConfig]) -> tuple[int, ...]:
        """Of what the dense layers see, of each hidden layer, and of the outputs."""
        weights, dense = self.layers.weights, self.layers.dense
        return (weights[dense[0]][1], *(weights[number][0] for number in dense))

    def widest(self, widths: tuple[int, ...]) -> int:
        height, width, _ = self.image
        return max(self.own.channels * height * width, *widths[1:])

    def params(self, widths: tuple[int, ...]) -> Shapes:
        return param_shapes(self.layers)

    def statistics(self, widths: tuple[int, ...]) -> Shapes:
        return statistic_shapes(self.layers)

    def convolutions(self) -> Network:
        """The network that computes in torch."""
        from trainer.convolution.network import Network

        return Network(self.own, self.image, self.layers)

    def _check_stages(self) -> None:
        height, width, _ = self.image
        most = int(math.log2(min(height, width)))
        if self.own.stages > max(most, 0):
            rule = f"leave nothing of images of {height} × {width}, which each stage halves"
            fix = f"choose {most} at most" if most else "give images of 2 × 2 pixels at least"
            raise ConfigError("stages", self.own.stages, rule, fix)


def initial_state(
    config: MLPConfig, architecture: Architecture, widths: tuple[int, ...], seed: int
) -> dict[str, NDArray[np.float64]]:
    """What of a model's arrays is not zero. Layer l is drawn from (seed, l, replica)."""
    deviation = INITIALISERS[config.initialisation]
    state: dict[str, NDArray[np.float64]] = {}
    layers = cast(ConvolutionArchitecture, architecture).layers
    for number, shape in layers.weights.items():
        places = math.prod(shape[2:])
        draws = generator(seed, Purpose.WEIGHTS, number, config.replica).standard_normal(shape)
        state[f"W{number}"] = deviation(shape[1] * places, shape[0] * places, config.initial_scale) * draws
    for number in layers.normalised:
        for name in ("gamma", "variance"):
            state[f"{name}{number}"] = np.ones((layers.weights[number][0], 1))
    return state
