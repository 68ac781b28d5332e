"""The loss and accuracy of a stack over a split."""

from __future__ import annotations

import numpy as np

from trainer.arrays import Array, Labels, Vector
from trainer.loss import cross_entropy

_BLOCK = 1024  # examples scored at a time: few calls for small batches, little memory for large splits


class Score:
    """Collects logits; gives each model's mean cross-entropy and share of right answers.

    The answer is the first class of the largest logit. A model with a logit that is no finite number
    has neither: its mean loss and its accuracy are NaN.
    """

    def __init__(self, models: int) -> None:
        self._examples = 0
        self._loss = np.zeros(models)
        self._right = np.zeros(models)
        self._waiting: list[tuple[Array, Labels]] = []
        self._waiting_examples = 0

    def add(self, logits: Array, y: Labels) -> None:
        """logits: shape (K, classes, m), not to be changed afterwards; y: shape (m,)."""
        self._waiting.append((logits, y))
        self._waiting_examples += len(y)
        if self._waiting_examples >= _BLOCK:
            self._count()

    def means(self) -> tuple[Vector, Vector]:
        """Mean loss and accuracy over all examples added, shape (K,) each."""
        if self._waiting:
            self._count()
        return self._loss / self._examples, self._right / self._examples

    def _count(self) -> None:
        logits = np.concatenate([block for block, _ in self._waiting], axis=2)
        y = np.concatenate([labels for _, labels in self._waiting])
        finite = np.where(np.isfinite(logits).all(axis=(1, 2)), 1.0, np.nan)
        self._loss += finite * cross_entropy(logits, y).sum(axis=1, dtype=np.float64)
        self._right += finite * (logits.argmax(axis=1) == y).sum(axis=1)
        self._examples += len(y)
        self._waiting, self._waiting_examples = [], 0
