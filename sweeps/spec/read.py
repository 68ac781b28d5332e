"""From a spec file and ``key=value`` overrides to a checked spec."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.spec.model import SweepSpec, as_name, as_spec
from sweeps.spec.yaml_text import read_yaml


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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(
            "spec", str(path), "does not exist", "`caviar init` writes a spec to start from"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("spec", str(path), f"cannot be read: {error}", "give a YAML text file") from None


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
