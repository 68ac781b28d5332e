"""Minibatches: every example once an epoch, in an order of the epoch's own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainer.randomness import Purpose, generator


def minibatches(m: int, batch_size: int, *, seed: int, epoch: int) -> Iterator[NDArray[np.intp]]:
    """0 … m-1 in an order from (seed, epoch), in runs of `batch_size`; the last may be shorter."""
    order = generator(seed, Purpose.ORDER, epoch).permutation(m)
    for start in range(0, m, batch_size):
        yield order[start : start + batch_size]
