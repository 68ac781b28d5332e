"""The loss and accuracy of a stack over a split."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector, namespace
from trainer.backends import Backend
from trainer.heads import Head

_BLOCK = 1 << 16  # outputs scored at a time: few calls for small batches, and they stay in the cache


class Score:
    """Collects outputs; gives each model's mean loss and share of right answers.

    A model with an output that is no finite number, and so a loss that is none, has neither: they are NaN.
    """

    def __init__(self, models: int, head: Head, backend: Backend) -> None:
        self._head, self._backend = head, backend
        self._loss = backend.array(np.zeros(models))
        self._right = backend.array(np.zeros(models))
        self._block = _BLOCK if backend.eager else 0
        self._waiting: list[tuple[Array, Array, Array]] = []
        self._waiting_outputs = 0

    def reset(self) -> None:
        """Begin anew, in the same arrays."""
        self._waiting, self._waiting_outputs = [], 0
        self._loss[...] = 0
        self._right[...] = 0

    def add(self, outputs: Array, T: Array, y: Array) -> None:
        """outputs: (K, outputs, m), not to be changed afterwards. T, y: (1 or K, …, m)."""
        self._waiting.append((outputs, T, y))
        self._waiting_outputs += math.prod(outputs.shape)
        if self._waiting_outputs >= self._block:
            self._count()

    def finite(self) -> NDArray[np.bool_]:
        """Which models' outputs have been finite so far, shape (K,)."""
        self._count()
        finite: NDArray[np.bool_] = np.isfinite(self._backend.numpy(self._loss))
        return finite

    def means(self, examples: int) -> tuple[Vector, Vector | None]:
        """Mean loss and accuracy, shape (K,) each; no accuracy where there are no classes."""
        self._count()
        total, right = (self._backend.numpy(x) for x in (self._loss, self._right))
        loss, accuracy = (np.where(np.isfinite(total), x / examples, np.nan) for x in (total, right))
        return loss, accuracy if self._head.classifies else None

    def select(self, models: NDArray[np.bool_]) -> Score:
        """The score of some of the models, so far."""
        self._count()
        selected = Score(int(models.sum()), self._head, self._backend)
        rows = self._backend.array(np.flatnonzero(models))
        selected._loss, selected._right = (self._backend.rows(x, rows) for x in (self._loss, self._right))
        return selected

    def _count(self) -> None:
        if not self._waiting:
            return
        xp = namespace(self._loss)
        Z, T, y = (
            parts[0] if len(parts) == 1 else xp.concatenate(parts, axis=-1)
            for parts in zip(*self._waiting, strict=True)
        )
        self._waiting, self._waiting_outputs = [], 0
        self._loss += self._head.loss(Z, T).sum(axis=1)
        if self._head.classifies:
            self._right += self._head.right(Z, T, y).sum(axis=1)
