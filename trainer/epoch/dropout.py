"""The dropout masks of an epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer.arrays import Array, DType, Vector, namespace
from trainer.backends import Backend, Draws, Index
from trainer.layers.dropout import mask
from trainer.member import Member
from trainer.network.network import Masks
from trainer.randomness import Key, Purpose


class Dropout:
    """Of models that stay the same. Those of one epoch and one replica share their draws."""

    def __init__(
        self, members: Sequence[Member], widths: tuple[int, ...], *, seed: int, backend: Backend, dtype: DType
    ) -> None:
        self._members, self._widths = members, widths
        self._seed, self._backend, self._dtype = seed, backend, dtype
        keep = np.array([member.config.keep for member in members])
        self._keep = [_column(p, backend, dtype) for p in keep.T]
        keys = self._keys()
        streams = sorted(set(keys))
        self._streams = range(len(streams))
        self._stream_of = backend.array(np.array([streams.index(key) for key in keys]))
        self._draws: Draws | None = None

    def load(self) -> None:
        """Begin the epoch that the models are in."""
        if any(keep is not None for keep in self._keep):
            self._draws = self._backend.draws(sorted(set(self._keys())), self._dtype)

    def masks(self, index: Index, m: int) -> Masks:
        """Of the input and each hidden layer in step `index`, for m examples."""
        if self._draws is None:
            return ()
        return [self._mask(layer, self._draws, index, m) for layer in range(len(self._keep))]

    def _mask(self, layer: int, draws: Draws, index: Index, m: int) -> Array | None:
        keep, shape = self._keep[layer], (self._widths[layer], m)
        if keep is None:
            return None
        uniform = [draws.uniform(stream, index, layer, shape)[None] for stream in self._streams]
        if len(uniform) == 1:
            return mask(uniform[0], keep)
        return mask(self._backend.rows(namespace(keep).concatenate(uniform), self._stream_of), keep)

    def _keys(self) -> list[Key]:
        """Of each model's draws; models of one epoch stay together, so the streams stay as many."""
        purpose = int(Purpose.DROPOUT)
        return [(self._seed, purpose, member.epoch, member.config.replica) for member in self._members]


def _column(keep: Vector, backend: Backend, dtype: DType) -> Array | None:
    return None if (keep == 1).all() else backend.array(keep[:, None, None], dtype)
