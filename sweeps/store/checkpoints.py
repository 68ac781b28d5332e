"""Checkpoints: what trainables saved, as plain .npz files without pickle, each kept for a reason."""

from __future__ import annotations

import json
import math
import os
import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sweeps.store import files
from sweeps.store.atomic import write_atomically, write_bytes
from sweeps.trial import Checkpoint, State

MANIFEST = "manifest.json"
FOUND = "found when the sweep was resumed"
_FILE = re.compile(r"trial-(\d{6,})-epoch-(\d{6,})\.npz")
_ARRAY = ".npy"
_STATE = "state/"  # keeps the trainable's own names apart from savez's parameters


class Checkpoints:
    """The files of a sweep's checkpoints, by trial and epoch, and a manifest of why each is there.

    A file `trial-000017-epoch-000009.npz` holds what trial 17 saved when it had 9 epochs behind it.
    `manifest.json` maps each file's name to the reason it is kept for. A file for which no reason is left is
    removed, unless there is a file of the same name that ends in `.pin`: `touch` makes one by hand.

    Args:
        folder: Made when the first checkpoint is saved. What is in it already is kept until `keep` says
            otherwise.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reasons: dict[int, dict[int, str]] = {}  # trial → epoch → why
        self._changed = False
        self.problem: OSError | None = None  # the first that kept a checkpoint from being written
        for path in folder.iterdir() if folder.is_dir() else ():
            if found := _FILE.fullmatch(path.name):
                self._reasons.setdefault(int(found[1]), {})[int(found[2])] = FOUND
                self._changed = True

    @property
    def any(self) -> bool:
        """Whether there are checkpoints at all."""
        return bool(self._reasons)

    @property
    def trials(self) -> list[int]:
        """The trials that have checkpoints."""
        return list(self._reasons)

    def epochs(self, trial: int) -> set[int]:
        """The epochs that the trial has checkpoints of."""
        return set(self._reasons.get(trial, ()))

    def save(self, trial: int, checkpoint: Checkpoint, reason: str) -> None:
        """Write a checkpoint. Not forced to disk, and no error: one that is lost costs a retraining."""
        try:
            self._folder.mkdir(exist_ok=True)
            write_atomically(
                self._path(trial, checkpoint.epoch),
                lambda file: _write(file, checkpoint.state),
                durable=False,
            )
        except OSError as error:
            self.problem = self.problem or error
            return
        self._reasons.setdefault(trial, {})[checkpoint.epoch] = reason
        self._changed = True

    def keep(self, trial: int, reasons: Mapping[int, str]) -> None:
        """Keep the trial's checkpoints of these epochs, for these reasons, and remove its others."""
        held = self._reasons.get(trial)
        if not held:
            return
        kept = {epoch: reasons[epoch] for epoch in held if epoch in reasons}
        if kept == held:
            return
        for epoch in held.keys() - kept.keys():
            self._remove(self._path(trial, epoch))
        if kept:
            self._reasons[trial] = kept
        else:
            del self._reasons[trial]
        self._changed = True

    def load(self, trial: int, most: int) -> Checkpoint | None:
        """The trial's last checkpoint with at most so many epochs behind it, of those that can be read."""
        for epoch in sorted(self.epochs(trial), reverse=True):
            if epoch <= most and (state := read_checkpoint(self._path(trial, epoch))) is not None:
                return Checkpoint(epoch, state)
        return None

    def flush(self) -> None:
        """Bring the manifest up to date."""
        if not self._changed:
            return
        named = {
            self._path(trial, epoch).name: {"trial": trial, "epoch": epoch, "kept": reason}
            for trial, reasons in sorted(self._reasons.items())
            for epoch, reason in sorted(reasons.items())
        }
        text = json.dumps(named, indent=1).encode()
        with suppress(OSError):  # the files' names say what they are
            write_bytes(self._folder / MANIFEST, text, durable=False)
            self._changed = False

    def _path(self, trial: int, epoch: int) -> Path:
        return checkpoint_path(self._folder, trial, epoch)

    def _remove(self, path: Path) -> None:
        if not path.with_suffix(".pin").exists():
            with suppress(OSError):
                path.unlink()


def checkpoint_path(folder: Path, trial: int, epoch: int) -> Path:
    """Where in its folder a checkpoint lies."""
    return folder / f"trial-{trial:06d}-epoch-{epoch:06d}.npz"


def read_checkpoint(path: Path) -> State | None:
    """The arrays in a checkpoint's file, None where there is none that can be read."""
    try:
        with files.open_plain(path) as opened, zipfile.ZipFile(opened) as archive:
            size = os.fstat(opened.fileno()).st_size
            if not _is_as_written(archive, size):
                return None
            return {_state_name(member): _array(archive, member) for member in archive.infolist()}
    except Exception:  # what a damaged file makes of its reader is anything
        return None


def _is_as_written(archive: zipfile.ZipFile, size: int) -> bool:
    """Whether a file of so many bytes holds all it stands for, as `savez` writes it: nothing compressed."""
    members = archive.infolist()
    plain = all(member.compress_type == zipfile.ZIP_STORED for member in members)
    named = all(member.filename.endswith(_ARRAY) for member in members)
    return plain and named and sum(member.file_size for member in members) <= size


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """The array of a member, once its header is known to promise no more than there is."""
    with archive.open(member) as file:
        shape, dtype = _promised(file)
        if math.prod(shape) * max(dtype.itemsize, 1) > member.file_size:
            raise ValueError("is shorter than its header says")
    with archive.open(member) as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
        file.read()  # to the end, where the checksum is looked at
    return array


def _promised(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype


def _state_name(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(_ARRAY).removeprefix(_STATE)


def _write(file: BinaryIO, state: State) -> None:
    np.savez(file, **{_STATE + name: array for name, array in state.items()})  # type: ignore[arg-type]
