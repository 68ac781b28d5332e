"""Sends what all workers share to Ray's object store, once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import ray
from ray import cloudpickle

from sweeps.errors import BadInput
from sweeps.execution import Trainable

_INSTALLED_EVERYWHERE = ("sweeps", "trainer", "cluster", "__main__")


def ship(place: str, thing: Any, train: Trainable) -> Any:
    """A reference to the thing in the object store; the trainable's own module travels along as code.

    Raises `BadInput` at `place` for what cannot be sent, such as an open file or a lock.
    """
    try:
        with _by_value(train):
            return ray.put(thing)
    except Exception as error:  # whatever a class of the user's does when it is pickled
        reason = f"cannot be sent to the workers: {' '.join(str(error).split())[:200]}"
        fix = "open files, locks and connections, and make generators, inside the trainable"
        raise BadInput(place, thing, reason, fix) from error


@contextmanager
def _by_value(train: Trainable) -> Iterator[None]:
    """While inside, a module of the user's own is sent as code, since workers may not have its file."""
    module = sys.modules.get(getattr(train, "__module__", None) or type(train).__module__)
    if module is None or _is_installed(module):
        yield
        return
    cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(module)  # type: ignore[no-untyped-call]


def _is_installed(module: ModuleType) -> bool:
    top = module.__name__.partition(".")[0]
    return top in _INSTALLED_EVERYWHERE or "site-packages" in (getattr(module, "__file__", None) or "")
