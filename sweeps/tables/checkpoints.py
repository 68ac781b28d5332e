"""Checkpoints: what trainables saved, as plain .npz files without pickle."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sweeps.tables.atomic import write_atomically
from sweeps.trial import State

_EPOCH = "epoch"
_STATE = "state/"  # keeps the trainable's own names apart from ours, and from savez's parameters


class Checkpoints:
    """One file per trial: its last checkpoint, with the epoch it was taken at."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, trial: int, epoch: int, state: State) -> None:
        """Replace the trial's checkpoint. Not forced to disk: a lost one is only trained again."""
        self._folder.mkdir(exist_ok=True)
        write_atomically(self._path(trial), lambda file: _write(file, epoch, state), durable=False)

    def load(self, trial: int, epoch: int) -> State | None:
        """The trial's checkpoint at this epoch, or None where there is none that can be read."""
        try:
            with np.load(self._path(trial), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        if arrays.pop(_EPOCH, -1) != epoch:
            return None
        return {name.removeprefix(_STATE): array for name, array in arrays.items()}

    def _path(self, trial: int) -> Path:
        return self._folder / f"trial-{trial:06d}.npz"


def _write(file: BinaryIO, epoch: int, state: State) -> None:
    arrays = {_EPOCH: np.array(epoch), **{_STATE + name: array for name, array in state.items()}}
    np.savez(file, **arrays)  # type: ignore[arg-type]
