"""What trainables save, as it travels and is stored: arrays by name, and how they make up the whole.

A mapping of plain arrays is kept as it is. Of anything else the arrays are kept under names that tell where
they were, and one more holds a description in JSON, `STRUCTURE`. There is no pickle in it, so that a
checkpoint from anywhere can be read without running code.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweeps.trial import State

STRUCTURE = "/structure"
_PLAIN_NAME = re.compile(r"[\w. -][\w. /-]{0,199}")
_LONGEST = 100  # letters of an array's name that was made of where it was
_DEEPEST = 100
_MAY_BE = (
    "arrays, torch tensors, numbers, texts, bytes, None, and lists, tuples and mappings of these can be kept"
)

_Node: TypeAlias = Any  # of the description: JSON


def packed(saved: Any) -> State:
    """What was saved, as arrays that share no memory with it.

    Raises:
        TypeError: A part cannot be kept; the message says which.
    """
    if (plain := _plain(saved)) is not None:
        return plain
    packing = _Packing({})
    return _described(packing.arrays, {"saved": packing.node(saved, "", 0)})


def with_files(state: State | None, folder: Path) -> State:
    """What was saved, if anything was, with the files in a folder."""
    structure: dict[str, Any] = {}
    if state is not None:
        structure = _structure(state) if STRUCTURE in state else {"plain": list(state)}
    packing = _Packing({name: array for name, array in (state or {}).items() if name != STRUCTURE})
    structure["files"] = [
        [path.relative_to(folder).as_posix(), packing.keep(np.fromfile(path, np.uint8), path.name)]
        for path in files_in(folder)
    ]
    return _described(packing.arrays, structure)


def unpacked(state: State) -> Any:
    """What was saved, equal to it and with memory of its own; None where files alone were.

    A torch tensor comes back as one where torch is loaded, else as an array; lists and tuples as they were.

    Raises:
        ValueError, KeyError, TypeError: The state is not one that `packed` has made.
    """
    if STRUCTURE not in state:
        return {name: np.array(array) for name, array in state.items()}
    structure = _structure(state)
    if "plain" in structure:
        return {name: np.array(state[name]) for name in structure["plain"]}
    return _value(structure["saved"], state, 0) if "saved" in structure else None


def write_files(state: State, folder: Path) -> None:
    """Write the files that were in the folder into this one.

    Raises:
        ValueError: A file's name leads out of the folder.
        OSError: They cannot be written.
    """
    for name, array in _structure(state).get("files", ()) if STRUCTURE in state else ():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"the file {name!r} of a checkpoint leads out of its folder")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(state[array].tobytes())


def files_in(folder: Path) -> list[Path]:
    """Its plain files, those of folders in it included; what links point to is not part of it."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _plain(saved: Any) -> State | None:
    """A mapping of arrays by plain names, copied; None for all else."""
    if not isinstance(saved, Mapping):
        return None
    for name, value in saved.items():
        if not (type(name) is str and _PLAIN_NAME.fullmatch(name) and _is_plain_array(value)):
            return None
    return {name: np.array(value) for name, value in saved.items()}


def _is_plain_array(value: Any) -> bool:
    return type(value) is np.ndarray and not value.dtype.hasobject and not _is_foreign(value.dtype)


def _is_foreign(dtype: np.dtype[Any]) -> bool:
    """Whether NumPy knows the type of numbers from another library alone, as it does bfloat16."""
    return dtype.kind == "V" and dtype.type is not np.void


class _Packing:
    """Takes arrays out of what was saved, and describes the rest."""

    def __init__(self, arrays: State) -> None:
        self.arrays = arrays

    def keep(self, array: NDArray[Any], place: str) -> str:
        """Keep an array under a name that is free."""
        name = base = re.sub(r"[^\w.-]+", "_", place)[:_LONGEST] or "saved"
        while name in self.arrays:
            name = f"{base}~{len(self.arrays)}"
        self.arrays[name] = array
        return name

    def node(self, value: Any, place: str, depth: int) -> _Node:
        """The description of a value. place: where it is, such as "model.weight"."""
        if depth > _DEEPEST:
            raise TypeError(f"run.save: {place[:_LONGEST]!r} is nested deeper than {_DEEPEST} levels")
        if _is_in_json(value):
            return {"is": _as_json(value)}
        if isinstance(value, bytes | bytearray | memoryview):
            return {"bytes": self.keep(np.frombuffer(bytes(value), np.uint8), place)}
        if isinstance(value, Mapping):
            pairs = [
                [self._key(key, place), self.node(each, _below(place, key), depth + 1)]
                for key, each in value.items()
            ]
            return {"mapping": pairs}
        if type(value) is tuple or isinstance(value, list):
            nodes = [self.node(each, _below(place, i), depth + 1) for i, each in enumerate(value)]
            return {"tuple" if isinstance(value, tuple) else "list": nodes}
        return self._array(value, place)

    def _key(self, key: Any, place: str) -> _Node:
        if _is_in_json(key):
            return {"is": _as_json(key)}
        if type(key) is tuple:
            return {"tuple": [self._key(each, place) for each in key]}
        where = f" in {place!r}" if place else ""
        raise TypeError(f"run.save: the key {key!r}{where} is a {type(key).__name__}, not text or a number")

    def _array(self, value: Any, place: str) -> _Node:
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, getattr(torch, "Tensor", ())):
            array, dtype = _of_tensor(value, torch)
            return {"tensor": self.keep(array, place), "dtype": dtype}
        if not hasattr(value, "__array__") or hasattr(value, "_fields") or _is_more(value):
            raise TypeError(_refusal(value, place))
        array = np.array(value)
        if array.dtype.hasobject:
            raise TypeError(_refusal(value, place))
        kind = "scalar" if isinstance(value, np.generic) else "array"
        if _is_foreign(array.dtype):
            bits = array.view(np.dtype(f"u{array.dtype.itemsize}"))
            return {kind: self.keep(bits, place), "dtype": array.dtype.name}
        return {kind: self.keep(array, place)}


def _is_more(value: Any) -> bool:
    """Whether an array would lack what this has beside its numbers: a mask, names of columns, an index."""
    return isinstance(value, np.ma.MaskedArray) or hasattr(value, "iloc") or hasattr(value, "columns")


def _refusal(value: Any, place: str) -> str:
    fix = _MAY_BE
    if isinstance(value, tuple):
        fix += "; of a tree of optax or JAX keep `jax.tree.leaves(…)`"
    elif isinstance(value, np.ma.MaskedArray):
        fix += "; keep its `data` and `mask`"
    elif _is_more(value):
        fix += "; keep its `to_numpy()`, and names as a list"
    elif hasattr(value, "state_dict"):
        fix += "; keep its `state_dict()`"
    what = f"{place!r} is" if place else "this is"
    return f"run.save: {what} a {type(value).__name__}; {fix}"


def _below(place: str, key: Any) -> str:
    return f"{place}.{key}" if place else str(key)


def _is_in_json(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | str) and not isinstance(value, np.generic))


def _as_json(value: Any) -> Any:
    """The value; an enum's member, or one of another class of that kind, as the number or text that it is."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    return int(value) if isinstance(value, int) else float(value)


def _of_tensor(tensor: Any, torch: Any) -> tuple[NDArray[Any], str]:
    """A copy of a tensor, and its type; types that NumPy lacks are kept as whole numbers of the same bits."""
    plain = tensor.detach().cpu().contiguous()
    name = str(plain.dtype).removeprefix("torch.")
    try:
        return np.array(plain.numpy()), name
    except TypeError:
        bits = {1: torch.uint8, 2: torch.int16}.get(plain.element_size())
        if bits is None:
            raise TypeError(f"run.save: a tensor of {plain.dtype} cannot be kept") from None
        return np.array(plain.view(bits).numpy()), name


def _described(arrays: State, structure: dict[str, Any]) -> State:
    return {**arrays, STRUCTURE: np.frombuffer(json.dumps(structure).encode(), np.uint8)}


def _structure(state: State) -> dict[str, Any]:
    found = json.loads(state[STRUCTURE].tobytes())
    if not isinstance(found, dict):
        raise ValueError("the description of a checkpoint is not a mapping")
    return found


def _value(node: _Node, state: State, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError("a checkpoint is nested too deep")
    if "is" in node:
        return node["is"]
    if "mapping" in node:
        return {_value(key, state, depth + 1): _value(of, state, depth + 1) for key, of in node["mapping"]}
    if "list" in node:
        return [_value(each, state, depth + 1) for each in node["list"]]
    if "tuple" in node:
        return tuple(_value(each, state, depth + 1) for each in node["tuple"])
    if "bytes" in node:
        return state[node["bytes"]].tobytes()
    if "tensor" in node:
        return _as_tensor(state[node["tensor"]], node["dtype"])
    array = np.array(state[node["scalar" if "scalar" in node else "array"]])
    if "dtype" in node:
        array = array.view(_foreign(node["dtype"]))
    return array[()] if "scalar" in node else array


def _as_tensor(array: NDArray[Any], dtype: str) -> Any:
    torch = sys.modules.get("torch")
    copied = np.array(array)
    if not hasattr(torch, "from_numpy"):
        return copied
    tensor = torch.from_numpy(copied)  # type: ignore[union-attr]
    wanted = getattr(torch, dtype)
    return tensor if tensor.dtype == wanted else tensor.view(wanted)


def _foreign(name: str) -> np.dtype[Any]:
    importlib.import_module("ml_dtypes")  # which JAX and Keras bring; it tells NumPy of its types
    return np.dtype(name)
