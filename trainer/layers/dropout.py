"""Inverted dropout on the hidden layers (Srivastava et al., 2014, JMLR 15).

A unit is kept with probability p and then scaled by 1/p, so its expectation is that of the whole
network and nothing changes when the network is used. Never on the input, never on the output.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer.arrays import Array, DType, Vector, over_models
from trainer.randomness import Purpose, generator


def draw_masks(
    keep: Vector, widths: Sequence[int], m: int, *, seed: int, epoch: int, batch: int, dtype: DType
) -> list[Array]:
    """What hidden layer l = 1, 2, … is multiplied by: 0 or 1/keep, shape (K, widths[l-1], m).

    keep: each model's probability p to keep a unit, in (0, 1], shape (K,).
    widths: the units of the hidden layers. m: the examples of the minibatch.

    The uniform draws, (width, m) from (seed, epoch, batch, layer), are the same for all models: what
    a model keeps is kept by every model of higher p too, and a narrower layer reads the first rows
    of a wider one's draws.
    """
    masks = []
    for layer, width in enumerate(widths, start=1):
        rng = generator(seed, Purpose.DROPOUT, epoch, batch, layer)
        uniform = rng.random((1, width, m), dtype=dtype)
        p = over_models(keep, uniform)
        masks.append(np.multiply(uniform < p, 1 / p))
    return masks
