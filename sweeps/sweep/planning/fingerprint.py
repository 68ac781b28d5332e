"""Fingerprints of a trainable's code and of its data: whether a sweep is resumed with what it began with."""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from tokenize import TokenError
from types import CodeType
from typing import Any

import numpy as np

from sweeps.execution import Command

_SAMPLE = 1 << 20  # numbers of an array that are looked at
_DEEPEST = 6
_LETTERS = 16


def fingerprint_of_code(train: Any) -> str:
    """Of the source of a trainable: the function's own, not that of what it calls; a program's files.

    Examples:
        >>> one, other = (lambda config, run: 1.0), (lambda config, run: 2.0)
        >>> fingerprint_of_code(one) == fingerprint_of_code(other)
        False
    """
    if isinstance(train, functools.partial):
        given = repr((train.args, sorted(train.keywords.items())))
        return _digest(fingerprint_of_code(train.func).encode(), _without_addresses(given).encode())
    if isinstance(train, Command):
        return _digest(train.code)
    function = inspect.unwrap(train)
    if not (inspect.isfunction(function) or inspect.ismethod(function)):
        function = type(function)
    code = getattr(function, "__code__", None)
    if code is not None and code.co_name == "<lambda>":  # its source is the line, with whatever else is there
        return _of_bytecode(code)
    try:
        return _digest(inspect.getsource(function).encode())
    except (
        OSError,
        TypeError,
        SyntaxError,
        TokenError,
    ):  # typed at a prompt, in C, or its file changed
        return _of_bytecode(code) if code is not None else _digest(function.__qualname__.encode())


def _of_bytecode(code: CodeType) -> str:
    constants = _without_addresses(repr(code.co_consts))
    return _digest(code.co_code, constants.encode(), repr(code.co_names).encode())


def fingerprint_of_data(data: Any) -> str:
    """Of the arrays and values in some data; of large arrays a sample. "" for None."""
    if data is None:
        return ""
    digest = hashlib.sha256()
    _add(digest, data, _DEEPEST)
    return digest.hexdigest()[:_LETTERS]


def _add(digest: Any, thing: Any, depth: int) -> None:
    if isinstance(thing, np.ndarray) and not thing.dtype.hasobject:
        digest.update(f"{thing.shape}{thing.dtype}".encode())
        step = max(thing.size // _SAMPLE, 1)
        digest.update(np.ascontiguousarray(thing.reshape(-1)[::step]).tobytes())
    elif isinstance(thing, bool | int | float | str | bytes | None):
        digest.update(repr(thing).encode())
    elif depth:
        digest.update(type(thing).__qualname__.encode())
        for name, part in _parts(thing):
            digest.update(name.encode())
            _add(digest, part, depth - 1)


def _parts(thing: Any) -> list[tuple[str, Any]]:
    if isinstance(thing, Mapping):
        return [(str(name), part) for name, part in thing.items()]
    if isinstance(thing, list | tuple):
        return [(str(i), part) for i, part in enumerate(thing)]
    if hasattr(thing, "to_numpy"):  # a pandas or Arrow column or table
        return [("values", "\n".join(map(str, thing.to_numpy()[:_SAMPLE])))]
    if is_dataclass(thing):  # whose __dict__ may hold what was computed of its fields as well
        compared = [field.name for field in fields(thing) if field.compare]
        return [(name, getattr(thing, name)) for name in compared]
    return sorted(getattr(thing, "__dict__", {}).items())


def _without_addresses(text: str) -> str:
    return " ".join(word for word in text.split() if "0x" not in word)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:_LETTERS]
