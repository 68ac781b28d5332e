"""The layers of a multilayer perceptron, by the pass that the array code trains with, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.backends import backend_for
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.epoch.report import Metrics
from trainer.network.architecture import Architecture
from trainer.network.network import Pass
from trainer.probe.layers import CAN_DIE, DEAD, GRADIENT, gradient, probe_batch


class DenseProbe:
    """See `Probe`. Without dropout; with batch normalisation by the batch's own mean and variance.

    Raises `ConfigError` where the config cannot predict the data.
    """

    def __init__(self, config: MLPConfig, data: Dataset) -> None:
        backend = backend_for("cpu")
        self._architecture = Architecture.of(config, data)
        self._params = [*self._architecture.params(self._architecture.widths([config]))]
        self._network = self._architecture.network([config], backend)
        self._batch = probe_batch(self._architecture, data, backend)

    def __call__(self, checkpoint: Mapping[str, NDArray[Any]]) -> Metrics:
        params: dict[str, Array] = {name: checkpoint[name][None] for name in self._params}
        with np.errstate(over="ignore", invalid="ignore"):
            passed = self._network.forward(params, [(slice(0, 1), self._batch.X)])
            dead = self._dead(passed)
            return dead | self._gradients(params, passed)

    def _dead(self, passed: Pass) -> Metrics:
        if self._architecture.config.activation not in CAN_DIE:
            return {}
        hidden = enumerate(passed.before)
        return {
            DEAD.format(layer): float(1 - (A > 0).any(axis=2).mean()) for layer, A in hidden if A is not None
        }

    def _gradients(self, params: dict[str, Array], passed: Pass) -> Metrics:
        grads = {name: np.empty_like(x) for name, x in params.items()}
        weights = None if self._batch.weights is None else self._batch.weights[None]
        self._network.backward(params, passed, self._batch.T[None], grads, weights)
        layers = range(1, self._network.depth + 1)
        return {GRADIENT.format(n): gradient(grads[f"W{n}"], params[f"W{n}"]) for n in layers}
