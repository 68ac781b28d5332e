"""Images mirrored and moved in training, by draws that depend on the epoch and the place in it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

from trainer import draws
from trainer.backends import Backend
from trainer.randomness import Purpose

Tensor: TypeAlias = Any


class Augmentation:
    """flip: whether every other image is mirrored. shift: by how many pixels one is moved at most.

    `load` first.
    """

    def __init__(self, flip: bool, shift: int, seed: int, backend: Backend) -> None:
        self.flip, self.shift = flip, shift
        self._seed, self._backend = seed, backend
        self._of_epochs: dict[int, Tensor] = {}

    def load(self, epochs: Sequence[int], examples: int) -> None:
        """Draw three numbers in [0, 1) for each example of some epochs."""
        self._of_epochs = {}
        if not self.flip and not self.shift:
            return
        places = self._backend.array(np.arange(examples, dtype=np.int64))
        for epoch in set(epochs):
            words = draws.words((self._seed, int(Purpose.AUGMENTATION)), epoch, 0)
            key = self._backend.array(np.array(words))
            self._of_epochs[epoch] = draws.uniform(key, places, 3, np.float32)

    def __call__(self, x: Tensor, epoch: int, first: int) -> Tensor:
        """x: (m, channels, height, width), what stands from place `first` on in the epoch's order."""
        if not self.flip and not self.shift:
            return x
        uniform = self._of_epochs[epoch][:, first : first + len(x)]
        rows = torch.arange(x.shape[2], device=x.device).repeat(len(x), 1)
        columns = torch.arange(x.shape[3], device=x.device).repeat(len(x), 1)
        if self.flip:
            columns = torch.where(uniform[0, :, None] < 0.5, columns.flip(1), columns)
        if self.shift:
            x = F.pad(x, [self.shift] * 4)
            rows = rows + self._moves(uniform[1])
            columns = columns + self._moves(uniform[2])
        at = torch.arange(len(x), device=x.device)[:, None, None]
        moved = x.permute(0, 2, 3, 1)[at, rows[:, :, None], columns[:, None, :]]
        return moved.permute(0, 3, 1, 2)

    def _moves(self, uniform: Tensor) -> Tensor:
        """Into what is padded, 0 … 2 · shift, all alike; (m, 1)."""
        return (uniform[:, None] * (2 * self.shift + 1)).long()
