"""Initial weights: zero-mean Gaussians, of a variance that the initialisation sets layer by layer."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trainer.layers.initialisers import INITIALISERS
from trainer.network.shapes import Shapes, param_shapes
from trainer.randomness import Purpose, generator

if TYPE_CHECKING:
    from trainer.config import MLPConfig


def initial_params(config: MLPConfig, widths: tuple[int, ...], seed: int) -> dict[str, NDArray[np.float64]]:
    """A model's parameters, by the names and of the shapes of trainer.network.shapes.

    widths: n_0, …, n_L. Layer l is drawn from (seed, l, replica): models of a stack share what they
    can. Biases and β begin at 0, γ at 1.
    """
    params: dict[str, NDArray[np.float64]] = {}
    deviation = INITIALISERS[config.initialisation]
    for layer, (n_in, n_out) in enumerate(pairwise(widths), start=1):
        draw = _common_draws if n_out * n_in <= _KEPT else _draws
        draws = draw(seed, layer, config.replica, n_out, n_in)
        params[f"W{layer}"] = deviation(n_in, n_out, config.initial_scale) * draws
    for name, shape in param_shapes(widths, config.batch_norm).items():
        if name not in params:
            params[name] = np.full(shape, 1.0 if name.startswith("gamma") else 0.0)
    return params


def _draws(seed: int, layer: int, replica: int, n_out: int, n_in: int) -> NDArray[np.float64]:
    return generator(seed, Purpose.WEIGHTS, layer, replica).standard_normal((n_out, n_in))


_KEPT = 1 << 19  # weights of a layer: 4 MB
_common_draws = lru_cache(maxsize=8)(_draws)
"""Kept, because the models of a stack have them in common."""


def initial_state(
    config: MLPConfig, widths: tuple[int, ...], shapes: Shapes, seed: int
) -> dict[str, NDArray[np.float64]]:
    """What of a model's arrays is not zero: its parameters, and running variances of 1. shapes: of all."""
    variances = {name: np.ones(shape) for name, shape in shapes.items() if name.startswith("variance")}
    return {**variances, **initial_params(config, widths, seed)}
