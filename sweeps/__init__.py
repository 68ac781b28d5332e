"""Caviar: hyperparameter sweeps, coarse to fine, with every metric in plain tables."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweeps._public import *  # noqa: F403
else:
    # Not before they are used: pandas and its like take a second, in which Ctrl-C would end in a traceback,
    # and a worker needs few of them.
    def __getattr__(name: str) -> Any:
        if name.startswith("_") and name != "__all__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        _public = importlib.import_module("sweeps._public")
        if name != "__all__" and name not in _public.__all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(_public, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__getattr__("__all__")})
