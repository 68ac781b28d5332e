"""Finds a trainable by its import path."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path

from sweeps.errors import BadInput, choices
from sweeps.execution.trainables.pack import packs
from sweeps.execution.trainables.trainable import Trainable

_FORM = "write package.module:function, such as mymodel:train"


def import_trainable(path: str, search: Iterable[Path] = ()) -> Trainable:
    """The function at ``package.module:function``, looked for in the `search` folders first.

    Raises `BadInput` at the place "trainable" where there is none.
    """
    module_name, colon, attribute = path.partition(":")
    if not (colon and module_name and attribute):
        raise BadInput("trainable", path, "is not an import path", _FORM)
    folders = [str(folder) for folder in search]
    sys.path[:] = [*dict.fromkeys([*folders, *sys.path])]
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        reason = f"cannot be imported: {type(error).__name__}: {error}"
        fix = (
            f"{_FORM}; the module is looked for beside the spec, in the current folder and among the packages"
        )
        raise BadInput("trainable", path, reason, fix) from error
    train = getattr(module, attribute, None)
    if train is None:
        functions = [
            name for name, value in vars(module).items() if callable(value) and not name.startswith("_")
        ]
        raise BadInput(
            "trainable", path, f"has no {attribute!r} in {module_name}", choices(functions, attribute)
        )
    if not (callable(train) or packs(train)):
        raise BadInput("trainable", path, f"is a {type(train).__name__}, not a function", _FORM)
    return train  # type: ignore[no-any-return]


def import_path(train: Trainable) -> str:
    """How a spec names the trainable; the reverse of `import_trainable` where that is possible."""
    name = getattr(train, "__qualname__", type(train).__qualname__)
    return f"{getattr(train, '__module__', type(train).__module__)}:{name}"
