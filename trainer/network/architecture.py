"""What the models of a stack have in common, and how large each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.arrays import Array, DType
from trainer.backends import Backend
from trainer.config import DTYPES, MLPConfig, vectors
from trainer.data import Dataset
from trainer.data.bins import bins_of
from trainer.errors import ConfigError
from trainer.heads import HEADS, Head
from trainer.layers.activation import ACTIVATIONS
from trainer.network.network import Network
from trainer.network.shapes import AVERAGE, Shapes, count, moment_shapes, param_shapes, statistic_shapes
from trainer.optimizers import OPTIMIZERS, Optimizer

_LARGEST = 10**9  # parameters: with gradient and moments some 16 GB in float32


@dataclass(frozen=True)
class Architecture:
    """Of the configs of one pack key on a data set. features: with their bins.

    Raises `ConfigError` where the head cannot be its.
    """

    config: MLPConfig
    features: int
    classes: int

    def __post_init__(self) -> None:
        self._check_head()
        size = count(self.params(self.widths([self.config])))
        if size > _LARGEST:
            rule = f"makes a network of {size:,} parameters, and {_LARGEST:,} is the most"
            raise ConfigError("hidden", list(self.config.hidden), rule, "choose fewer units or layers")

    def _check_head(self) -> None:
        if not self.head.outputs(self.classes):
            data = f"data of {self.classes} classes" if self.classes else "data of quantities"
            valid = [name for name, head in HEADS.items() if head.outputs(self.classes)]
            fix = f"choose one of {', '.join(valid)}, or leave it out"
            raise ConfigError("head", self.config.head, f"cannot predict {data}", fix)

    @classmethod
    def of(cls, config: MLPConfig, data: Dataset) -> Architecture:
        features = data.features + len(bins_of(data, config.number_bins))
        return cls(config, features, len(data.classes))

    @property
    def head(self) -> Head:
        return HEADS[self.config.head or ("softmax" if self.classes else "linear")]

    @property
    def dtype(self) -> DType:
        return DTYPES[self.config.dtype]

    @property
    def optimizer(self) -> type[Optimizer]:
        return OPTIMIZERS[self.config.optimizer]

    def widths(self, configs: Sequence[MLPConfig]) -> tuple[int, ...]:
        """n_0, …, n_L of the narrowest stack that holds all the configs."""
        hidden = np.array([config.hidden for config in configs]).reshape(len(configs), -1).max(axis=0)
        return (self.features, *(int(n) for n in hidden), self.head.outputs(self.classes))

    def widest(self, widths: tuple[int, ...]) -> int:
        """The most numbers that a layer makes of one example."""
        return max(widths[1:])

    def params(self, widths: tuple[int, ...]) -> Shapes:
        return param_shapes(widths, self.config.batch_norm)

    def statistics(self, widths: tuple[int, ...]) -> Shapes:
        return statistic_shapes(widths, self.config.batch_norm)

    def state(self, widths: tuple[int, ...]) -> Shapes:
        """Of all that a model is made of."""
        params = self.params(widths)
        network = {**params, **self.statistics(widths)}
        averages = moment_shapes(network, (AVERAGE,) if self.config.averages else ())
        return {**network, **moment_shapes(params, self.optimizer.symbols), **averages}

    def network(self, configs: Sequence[MLPConfig], backend: Backend) -> Network:
        each = vectors(configs)["batch_norm_epsilon"][:, None, None]
        epsilon = backend.array(each, self.dtype) if self.config.batch_norm else None
        return Network(
            len(self.config.hidden) + 1,
            ACTIVATIONS[self.config.activation],
            self.head,
            epsilon,
            self.config.skip,
            self.smoothing(configs, backend),
            self.head.uniform(self.classes),
        )

    def smoothing(self, configs: Sequence[MLPConfig], backend: Backend) -> Array | None:
        """Of the models' labels, (K, 1, 1); None where no model has any."""
        shares = vectors(configs)["label_smoothing"]
        smooths = self.head.classifies and shares.any()
        return backend.array(shares[:, None, None], self.dtype) if smooths else None
