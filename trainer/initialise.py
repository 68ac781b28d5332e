"""Initial weights: zero-mean Gaussians whose variance keeps signals from fading or growing with depth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from trainer.arrays import DType, Params
from trainer.randomness import Purpose, generator

Initialiser: TypeAlias = Callable[[int, int], float]
"""(n_in, n_out) → the standard deviation of a layer's weights."""


def he(n_in: int, n_out: int) -> float:
    """√(2 / n_in): for relu, which halves the second moment (He et al., 2015, eq. 10)."""
    return math.sqrt(2 / n_in)


def xavier(n_in: int, n_out: int) -> float:
    """√(2 / (n_in + n_out)): for tanh, forward and backward alike (Glorot & Bengio, 2010, eq. 12)."""
    return math.sqrt(2 / (n_in + n_out))


INITIALISERS: Mapping[str, Initialiser] = {"he": he, "xavier": xavier}


def initial_params(
    widths: tuple[int, ...], initialiser: Initialiser, *, models: int, seed: int, dtype: DType
) -> Params:
    """Weights `W{l}` of shape (models, n_l, n_{l-1}) and zero biases `b{l}` of shape (models, n_l, 1).

    widths: n_0, …, n_L. Layer l is drawn from (seed, l), once for all models of the stack.
    """
    params: Params = {}
    for layer, (n_in, n_out) in enumerate(pairwise(widths), start=1):
        draws = generator(seed, Purpose.WEIGHTS, layer).standard_normal((n_out, n_in))
        W = (initialiser(n_in, n_out) * draws).astype(dtype)
        params[f"W{layer}"] = np.tile(W, (models, 1, 1))
        params[f"b{layer}"] = np.zeros((models, n_out, 1), dtype)
    return params
