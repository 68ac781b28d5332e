"""Sends what all workers share to Ray's object store, once, and opens it on a worker."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import ray
from ray import cloudpickle

from cluster.contents import contents, culprit
from sweeps.errors import BadInput
from sweeps.execution import Trainable
from sweeps.execution.modules import UserModules, user_modules

Ref: TypeAlias = Any  # ray.ObjectRef, whose generic form Ray does not export for type checkers
Shared: TypeAlias = tuple[Ref, Ref, Ref]


def ship(train: Trainable, data: Any, everywhere: bool) -> Shared:
    """References to the user's modules, the trainable and its data in the object store.

    What a worker can import is sent by its name, and as a file to a machine that lacks it; functions and
    classes of a script or a notebook are sent as code.

    Args:
        train: The trainable.
        data: What it trains on.
        everywhere: Whether workers may run on other machines than this.

    Raises:
        BadInput: At "trainable" or "data", for what cannot be sent, such as an open file or a lock.
    """
    names = set(_module_names(train))
    with _as_code(names):
        shipped = _put("trainable", train), _put("data", data)
    return (ray.put(user_modules(sorted(names), everywhere)), *shipped)


def open_shipped(shared: Shared) -> tuple[Trainable, Any]:
    """The trainable and its data, on a worker, with all that they import."""
    modules: Any = ray.get(shared[0])
    assert isinstance(modules, UserModules)  # noqa: S101
    modules.make_importable(_session_folder())
    train, data = ray.get(list(shared[1:]))
    _be_main(train, modules.script)
    return train, data


def _put(place: str, thing: Any) -> Ref:
    try:
        return ray.put(thing)
    except Exception as error:  # whatever a class of the user's does when it is pickled
        fix = "open files, locks and connections, and make generators, inside the trainable"
        raise BadInput(place, thing, f"cannot be sent to the workers: {culprit(thing)}", fix) from error


def _module_names(train: Any) -> Iterator[str]:
    """Of the modules that the trainable and its direct parts come from."""
    for part in (train, *(part for _, part in contents(train))):
        yield getattr(part, "__module__", None) or type(part).__module__
        yield type(part).__module__


@contextmanager
def _as_code(names: set[str]) -> Iterator[None]:
    """While inside, modules that were made without a file, which no worker can import, are sent as code."""
    with ExitStack() as after:
        for module in (sys.modules[name] for name in names - {"__main__"} if name in sys.modules):
            if module.__spec__ is None and not hasattr(module, "__file__"):
                cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]
                after.callback(cloudpickle.unregister_pickle_by_value, module)
        yield


def _be_main(train: Any, script: str) -> None:
    """Let what came from the driver's `__main__` be found in this process's own, where pickle looks for it.

    Child processes that are spawned run the script first, as they do on the driver.
    """
    functions = [
        part
        for part in (train, *(part for _, part in contents(train)))
        if isinstance(part, types.FunctionType)
    ]
    main = sys.modules["__main__"]
    for function in functions:
        if function.__globals__.get("__name__") != "__main__":
            continue
        for name, value in function.__globals__.items():
            if getattr(value, "__module__", None) == "__main__" and not hasattr(main, name):
                setattr(main, name, value)
        if script and Path(script).is_file():
            main.__file__ = script


def _session_folder() -> Path | None:
    node = ray._private.worker._global_node
    return Path(node.get_session_dir_path()) if node is not None else None
