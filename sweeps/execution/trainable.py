"""Trainables: what a user writes, and what the sweep hands it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from sweeps.space import Config
from sweeps.trial import State


class Run:
    """What a trainable is told beside its config.

    seed: the seed of everything random in the trial; the sweep's for all trials of the search, and a fresh
        one where a finalist is trained again.
    start: epochs behind the restored checkpoint, 0 where there is none.
    epochs: how many epochs the trial shall have behind it when this job ends.
    data: what the sweep was given to train on, loaded once per worker. Its arrays are read-only.
    device: where to train, such as "cpu".
    """

    def __init__(
        self,
        *,
        epochs: int,
        seed: int = 0,
        start: int = 0,
        data: Any = None,
        device: str = "cpu",
        checkpoint: State | None = None,
    ) -> None:
        self.seed, self.start, self.epochs = seed, start, epochs
        self.data, self.device = data, device
        self._checkpoint = checkpoint
        self._epoch = start
        self.saved: State | None = None

    def restore(self) -> State | None:
        """What `save` was given at epoch `start`, or None: then train from the beginning."""
        return self._checkpoint

    def save(self, state: Mapping[str, ArrayLike]) -> None:
        """Keep named arrays, so that a later job goes on from here. Call it before an epoch's `yield`.

        Cheap to call each epoch: only the job's last state is copied and kept.
        Raises TypeError on what is no array of numbers or text, or has no text for a name.
        """
        if self._epoch + 1 >= self.epochs:
            self.saved = {name: _plain_array(name, value) for name, value in state.items()}

    def next_epoch(self) -> None:
        """Called by the sweep after each epoch."""
        self._epoch += 1


Metrics: TypeAlias = Mapping[str, float]
Trainable: TypeAlias = Callable[[Config, Run], Iterator[Metrics] | Metrics | float]


def has_epochs(train: Trainable) -> bool:
    """Whether the trainable is a generator, which reports after each epoch, or a function of one epoch."""
    plain = inspect.unwrap(train)
    return inspect.isgeneratorfunction(plain) or inspect.isgeneratorfunction(type(plain).__call__)


def _plain_array(name: str, value: ArrayLike) -> np.ndarray[Any, Any]:
    if not isinstance(name, str):
        raise TypeError(f"run.save: the name {name!r} is a {type(name).__name__}, not text")
    array = np.array(value)
    if array.dtype.hasobject:
        raise TypeError(
            f"run.save: {name!r} is a {type(value).__name__}; only arrays of numbers or text can be saved"
        )
    return array
