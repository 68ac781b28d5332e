"""What a trainable is told beside its config, and where it leaves what it wants to go on from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sweeps.trial import Checkpoint, State


class Run:
    """One job of a trial, as its trainable sees it.

    Args:
        epochs: How many epochs the trial shall have behind it when this job ends.
        seed: The seed of everything random in the trial; the sweep's for all trials of the search, and a
            fresh one where a finalist is trained again.
        data: What the sweep was given to train on, loaded once per worker. Its arrays are read-only.
        device: Where to train, such as "cpu".
        checkpoint: What to go on from; None to begin at the beginning.

    Attributes:
        start: Epochs behind the checkpoint, 0 where there is none.

    Example:
        >>> run = Run(epochs=3)
        >>> run.start, run.epochs, run.restore()
        (0, 3, None)
    """

    def __init__(
        self,
        *,
        epochs: int,
        seed: int = 0,
        data: Any = None,
        device: str = "cpu",
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.seed, self.epochs, self.data, self.device = seed, epochs, data, device
        self.start = checkpoint.epoch if checkpoint is not None else 0
        self._checkpoint = checkpoint
        self._saved: State | None = None
        self._asked = False

    def restore(self) -> State | None:
        """What `save` was given at epoch `start`, or None: then train from the beginning."""
        self._asked = True
        return self._checkpoint.state if self._checkpoint is not None else None

    def save(self, state: Mapping[str, ArrayLike]) -> None:
        """Keep named arrays, so that a later job goes on from here.

        What is saved belongs to the epoch that is reported next: call it before that epoch's `yield`. After
        the last `yield` it belongs to the last epoch. The arrays are copied.

        Args:
            state: Name → array of numbers or text.

        Raises:
            TypeError: A value is no array of numbers or text, or a name is no text.
        """
        self._saved = {name: _plain_array(name, value) for name, value in state.items()}

    def _take_saved(self) -> State | None:
        """What was saved since the last call; the sweep asks after each epoch."""
        saved, self._saved = self._saved, None
        return saved

    @property
    def _ignores_checkpoint(self) -> bool:
        """Whether there is a checkpoint that the trainable has not asked for."""
        return self._checkpoint is not None and not self._asked


def _plain_array(name: str, value: ArrayLike) -> np.ndarray[Any, Any]:
    if not isinstance(name, str):
        raise TypeError(f"run.save: the name {name!r} is a {type(name).__name__}, not text")
    array = np.array(value)
    if array.dtype.hasobject:
        raise TypeError(
            f"run.save: {name!r} is a {type(value).__name__}; only arrays of numbers or text can be saved"
        )
    return array
