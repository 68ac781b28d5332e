"""Minibatches: every example once an epoch, in an order of the epoch's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.randomness import Purpose, generator


def epoch_order(m: int, *, seed: int, epoch: int) -> NDArray[np.intp]:
    """0 … m-1 in an order from (seed, epoch): shuffled, then cut into minibatches from the front."""
    return generator(seed, Purpose.ORDER, epoch).permutation(m)


def batch_count(m: int, batch_size: int) -> int:
    """How many minibatches an epoch has; the last may be smaller.

    A batch size of m or more is batch gradient descent, one of 1 stochastic gradient descent.
    """
    return -(-m // batch_size)
