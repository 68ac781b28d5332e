"""The dropout masks of an epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer import draws
from trainer.arrays import Array, DType, Vector, namespace
from trainer.backends import Backend, Index
from trainer.layers.dropout import mask
from trainer.member import Member
from trainer.network.network import Masks
from trainer.randomness import Key, Purpose


class Dropout:
    """Of models that stay the same. Those of one epoch and one replica share their draws.

    A draw is keyed by layer, and by the place that an example has in the epoch's order.
    """

    def __init__(
        self,
        members: Sequence[Member],
        widths: tuple[int, ...],
        batch_size: int,
        *,
        seed: int,
        backend: Backend,
        dtype: DType,
    ) -> None:
        self._members, self._widths = members, widths
        self._seed, self._backend, self._dtype = seed, backend, dtype
        keep = np.array([member.config.keep for member in members])
        self._keep = [_column(p, backend, dtype) for p in keep.T]
        keys = self._keys()
        streams = sorted(set(keys))
        self._streams = range(len(streams))
        self._stream_of = backend.array(np.array([streams.index(key) for key in keys]))
        self._batch_size = batch_size
        self._within = backend.array(np.arange(batch_size, dtype=np.int64))
        self._words: Array | None = None

    def load(self) -> None:
        """Begin the epoch that the models are in."""
        if all(keep is None for keep in self._keep):
            return
        streams, layers = sorted(set(self._keys())), range(len(self._keep))
        table = np.array([[draws.words(key, epoch, layer) for epoch, key in streams] for layer in layers])
        if self._words is None:
            self._words = self._backend.array(table)
        else:  # into the same array, which a captured step reads from
            self._words[...] = self._backend.array(table)

    def masks(self, index: Index, m: int) -> Masks:
        """Of the input and each hidden layer in step `index`, for m examples."""
        if self._words is None:
            return ()
        at = self._within[:m] + index * self._batch_size
        return [self._mask(layer, self._words[layer], at) for layer in range(len(self._keep))]

    def _mask(self, layer: int, words: Array, at: Array) -> Array | None:
        keep, units = self._keep[layer], self._widths[layer]
        if keep is None:
            return None
        uniform = [draws.uniform(words[stream], at, units, self._dtype)[None] for stream in self._streams]
        if len(uniform) == 1:
            return mask(uniform[0], keep)
        return mask(self._backend.rows(namespace(keep).concatenate(uniform), self._stream_of), keep)

    def _keys(self) -> list[tuple[int, Key]]:
        """Epoch and key of each model's draws; models of one epoch stay together, so streams stay as many."""
        purpose = int(Purpose.DROPOUT)
        return [(member.epoch, (self._seed, purpose, member.config.replica)) for member in self._members]


def _column(keep: Vector, backend: Backend, dtype: DType) -> Array | None:
    return None if (keep == 1).all() else backend.array(keep[:, None, None], dtype)
