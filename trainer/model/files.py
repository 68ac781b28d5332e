"""A model as a folder: `params.npz`, `model.json` and a model card. Nothing in it is read with pickle."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from trainer.config import MLPConfig
from trainer.data.preprocessing import Preprocessing
from trainer.errors import DataError, message
from trainer.model.card import model_card
from trainer.model.kinds import DENSE, config_of, kind_of
from trainer.model.model import Model, Network

FORMAT, VERSION = "caviar model", 2
MODEL, CARD = "model.json", "README.md"
_OURS = re.compile(r"model\.json|README\.md|params(-\d+)?\.npz")  # all that a saved model's folder has
# What version 1 does not know. A model without any of it is written as one of version 1, which is read by
# earlier versions of Caviar, too.
_NEW = {
    name: getattr(MLPConfig, name) for name in ("number_bins", "skip", "label_smoothing", "weight_average")
}
_LARGEST = 64 << 20  # bytes of model.json
_RESTORE = "restore it from a copy, or write it anew from the sweep: caviar resume"


def save_model(model: Model, folder: Path) -> None:
    """Write the folder, whole or not at all; see `Model.save`."""
    kind = kind_of(model.networks[0].config)
    configs = [asdict(network.config) for network in model.networks]
    first = kind == DENSE and all(config[name] == _NEW[name] for config in configs for name in _NEW)
    plain = {
        "format": FORMAT,
        "version": 1 if first else VERSION,
        **({} if kind == DENSE else {"kind": kind}),
        "networks": [_without_new(config) for config in configs] if first else configs,
        "preprocessing": model.preprocessing.plain(),
        "about": model.about,
    }
    text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)
    with _in_place_of(folder) as new:
        for network, name in zip(model.networks, _names(len(model.networks)), strict=True):
            np.savez(new / name, **network.arrays)  # type: ignore[arg-type]
        (new / MODEL).write_text(text, encoding="utf-8")
        (new / CARD).write_text(model_card(model), encoding="utf-8")
        for path in new.iterdir():
            _sync(path)


def _without_new(config: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in _NEW}


def load_model(folder: str | Path) -> Model:
    """A model that `Model.save` or a sweep has written.

    Raises:
        DataError: The folder holds none, a file in it is damaged, or it is a later version's. The message
            names the file.
    """
    folder = Path(folder)
    plain = _read_json(folder / MODEL)
    try:
        kind = plain.get("kind", DENSE)
        configs = [config_of(config, kind) for config in plain["networks"]]
        known = Preprocessing.from_plain(plain["preprocessing"])
        about = dict(plain["about"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _damaged(folder / MODEL, f"is damaged: {message(error)}") from error
    networks = []
    for config, name in zip(configs, _names(len(configs)), strict=True):
        networks.append(Network(config, _read_arrays(folder / name)))
    try:
        return Model(tuple(networks), known, about)
    except ValueError as error:
        raise _damaged(folder, f"holds files that do not go together: {message(error)}") from error


def _names(networks: int) -> list[str]:
    return ["params.npz"] if networks == 1 else [f"params-{number}.npz" for number in range(networks)]


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        rule = "is not there: the folder holds no saved model"
        fix = "give a folder that Model.save or a sweep wrote"
        raise DataError(path.name, str(path.parent), rule, fix)
    if path.stat().st_size > _LARGEST:
        raise _damaged(path, f"is larger than {_LARGEST >> 20} MiB")
    try:
        plain = json.loads(path.read_bytes())
        kind, version = plain["format"], plain["version"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(path, f"is damaged: {message(error)}") from error
    if kind != FORMAT or type(version) is not int or version < 1:
        raise _damaged(path, "is not a model of Caviar's")
    if version > VERSION:
        rule = f"is of format {version}, and this version of Caviar reads up to {VERSION}"
        fix = "update it: pip install --upgrade caviar-sweeps"
        raise DataError(path.name, str(path.parent), rule, fix)
    return dict(plain)


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays in a file that holds all it stands for, as `savez` writes it: nothing compressed."""
    if not path.is_file():  # a pipe would be waited for
        raise _damaged(path, "cannot be read: it is not there, or no plain file")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            size = path.stat().st_size
            if any(m.compress_type != zipfile.ZIP_STORED for m in members):
                raise ValueError("it is compressed")
            if sum(member.file_size for member in members) > size:
                raise ValueError("it promises more than it holds")
            return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
    except Exception as error:  # what a damaged file makes of its reader is anything
        raise _damaged(path, f"cannot be read: {message(error)}") from error


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """One array, once its header is known to promise no more than there is: NumPy reserves that at once."""
    with archive.open(member) as file:
        version = npy.read_magic(file)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(file)
        if int(np.prod(shape, dtype=object)) * max(dtype.itemsize, 1) > member.file_size:
            raise ValueError(f"{member.filename} is shorter than its header says")
    with archive.open(member) as file:
        array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        file.read()  # to the end, where the checksum is looked at
    return array


def _damaged(path: Path, rule: str) -> DataError:
    return DataError(path.name, str(path.parent), rule, _RESTORE)


@contextmanager
def _in_place_of(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `folder` once all is written, and is gone if that fails."""
    folder = folder.absolute()
    _check_replaceable(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f".{folder.name[:100]}.{secrets.token_hex(8)}.tmp")
    old = new.with_suffix(".old")
    new.mkdir()
    try:
        yield new
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)


def _check_replaceable(folder: Path) -> None:
    """Raise `DataError` where something that is no saved model would be lost."""
    if not folder.exists():
        return
    strange = _strange_in(folder) if folder.is_dir() else None
    if not folder.is_dir() or strange:
        rule = f"holds something else: {strange}" if strange else "is a file"
        raise DataError("folder", str(folder), rule, "give a new folder, or that of a model to replace")


def _strange_in(folder: Path) -> str | None:
    """What is in a folder that no model of Caviar's has there; None in one that is empty, too."""
    found = {path.name: path for path in folder.iterdir()}
    if found and not _says_model(folder / MODEL):
        return min(found)
    ours = [name for name, path in found.items() if _OURS.fullmatch(name) and _is_plain(path)]
    return min(set(found) - set(ours), default=None)


def _says_model(path: Path) -> bool:
    """Whether a file is the `model.json` of a model, whatever its version."""
    if not _is_plain(path) or path.stat().st_size > _LARGEST:
        return False
    try:
        plain = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(plain, dict) and plain.get("format") == FORMAT


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _sync(path: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
