"""The metrics of layers by name, and the examples that they are taken of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.backends import Backend
from trainer.data import Dataset
from trainer.data.bins import bins_of
from trainer.epoch.examples import Examples, Minibatch
from trainer.epoch.report import Metrics
from trainer.network.architecture import Architecture
from trainer.run import Run

_MOST, _LEAST, _SHARE = (
    256,
    64,
    8,
)  # examples; of a small split an eighth, which costs a few per cent of an epoch

DEAD = "layer{}_dead"
"""The share of a layer's units that no example of the batch activates."""

GRADIENT = "layer{}_gradient"
"""‖∂J/∂W‖ / ‖W‖ of a layer's weights W, for the batch's mean loss J without penalties."""

CAN_DIE = frozenset({"relu"})  # activations whose slope is 0 where a unit is silent


class Probe(Protocol):
    """Takes a checkpoint on the host, whatever trained it, so that a replay finds the same numbers."""

    def __call__(self, checkpoint: Mapping[str, NDArray[Any]]) -> Metrics: ...


def is_wanted(run: Run) -> bool:
    """Whether a run asks for metrics by layer."""
    return bool(getattr(run, "by_layer", False))


def probe_batch(architecture: Architecture, data: Dataset, backend: Backend) -> Minibatch:
    """Examples evenly spread over the training split, the same after each epoch."""
    x, y = data.splits[0]
    count = min(_MOST, max(len(y) // _SHARE, _LEAST), len(y))
    rows = np.linspace(0, len(y) - 1, count).astype(np.intp)
    weights = None if data.weights is None else data.weights[rows]
    bins = bins_of(data, architecture.config.number_bins)
    parts = (x[rows], y[rows], data, architecture.head, backend, architecture.dtype, weights, bins)
    return Examples(*parts).take(backend.array(np.arange(len(rows))))


def gradient(of: NDArray[Any], weights: NDArray[Any]) -> float:
    """A gradient's norm by that of the weights; 0 where both vanish."""
    norm, size = (float(np.linalg.norm(x.astype(np.float64))) for x in (of, weights))
    return norm / max(size, float(np.finfo(weights.dtype).tiny))
