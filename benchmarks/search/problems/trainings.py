"""Networks that are trained as far as somebody asks, and no epoch of them twice while they are at hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterator

import numpy as np
from numpy.typing import NDArray

from sweeps.surrogate import one_thread
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.stack.stack import Stack

Losses = tuple[float, float]


class Trainings:
    """data: what all of them learn. epochs: of the longest. live: how many networks are kept to go on from.

    Losses are always kept; a network that is not is trained anew if it is to go on. trained: epochs so far.
    """

    def __init__(self, data: Dataset, epochs: int, live: int = 256) -> None:
        self._data, self._longest, self._most = data, epochs, live
        self._losses: dict[Hashable, list[Losses]] = {}
        self._live: dict[Hashable, Iterator[Losses]] = {}
        self.trained = 0

    def losses(self, config: MLPConfig, seed: int, epochs: int) -> NDArray[np.float64]:
        """Validation and test loss after each of the first epochs, shape (epochs, 2).

        NaN from the epoch in which it diverged. seed: of the initial weights, dropout and order of examples.
        """
        known = self._losses.setdefault((config, seed), [])
        if len(known) < epochs:
            with one_thread():
                known.extend(self._train((config, seed), len(known), epochs))
        return np.array(known[:epochs])

    def _train(self, key: tuple[MLPConfig, int], start: int, stop: int) -> list[Losses]:
        """The losses of epochs start + 1 … stop; the network whose last epoch is longest ago makes room."""
        live = self._live.pop(key, None) or itertools.islice(self._epochs(*key), start, None)
        found = list(itertools.islice(live, stop - start))
        if stop < self._longest:
            self._live[key] = live
        if len(self._live) > self._most:
            del self._live[next(iter(self._live))]
        return found

    def _epochs(self, config: MLPConfig, seed: int) -> Iterator[Losses]:
        """Without end: whoever draws decides how far it is trained."""
        stack = Stack(self._data, seed=seed)
        member = stack.enter(config)
        while True:
            metrics = stack.train_epoch().get(member, {})  # empty once it has diverged
            self.trained += bool(metrics)
            yield metrics.get("val_loss", math.nan), metrics.get("test_loss", math.nan)
