"""From a spec file and ``key=value`` overrides to a checked spec."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.spec.model import SweepSpec, as_name, as_spec
from sweeps.spec.yaml_text import read_yaml

_LARGEST = 256 * 1024  # bytes


def read_spec(path: Path, overrides: Iterable[str] = ()) -> SweepSpec:
    """The spec in a file, with overrides such as ``trials=8`` or ``space.learning_rate.log=[1e-4, 1]``.

    A spec without a name gets the file's. Raises `BadInput`.
    """
    form = read_yaml(_read(path), str(path))
    if isinstance(form, dict):
        for override in overrides:
            _override(form, override)
        form.setdefault("name", as_name(path.stem))
    return as_spec(form)


def overridden(
    text: str, place: str, overrides: Iterable[str] = (), keys: Mapping[str, Any] | None = None
) -> SweepSpec:
    """The spec in a text, such as a log keeps, with overrides and with other values of whole keys.

    Raises `BadInput`.
    """
    form = read_yaml(text, place)
    if not isinstance(form, dict):
        return as_spec(form)
    for override in overrides:
        _override(form, override)
    return as_spec({**form, **(keys or {})})


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:  # by no more than is allowed: it may have no end
            read = file.read(_LARGEST + 1)
    except FileNotFoundError:
        fix = "`caviar init` writes a spec to start from"
        raise BadInput("spec", str(path), "does not exist", fix) from None
    except IsADirectoryError:
        fix = f"give the file, such as {path / 'spec.yaml'}"
        raise BadInput("spec", str(path), "is a folder", fix) from None
    except (OSError, ValueError) as error:  # a path with a NUL byte is a ValueError
        rule = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise BadInput("spec", str(path), rule, "give a YAML text file") from None
    if len(read) > _LARGEST:
        rule = f"is larger than {_LARGEST // 1024} KiB, and no spec is"
        raise BadInput("spec", str(path), rule, "give a YAML text file; data are named in it by their path")
    try:
        return read.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = read[: error.start].count(b"\n") + 1
        rule = f"is not UTF-8 text: line {line} holds the byte 0x{read[error.start]:02x}"
        raise BadInput("spec", str(path), rule, "save it as UTF-8") from None


def _override(form: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise BadInput("--set", override, "is not of the form key=value", "such as --set trials=8")
    *parents, last = key.split(".")
    inner: Any = form
    for i, parent in enumerate(parents):
        inner = inner.setdefault(parent, {})
        if not isinstance(inner, dict):
            place = ".".join(parents[: i + 1])
            raise BadInput(
                f"--set {place}", inner, "has no keys below it", f"set {place} as a whole: --set {place}=…"
            )
    inner[last] = read_yaml(text, f"--set {key}")
