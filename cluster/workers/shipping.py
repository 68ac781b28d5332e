"""Sends what all workers share: to Ray's object store, once, or to processes of this machine."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import ray
from ray import cloudpickle

from cluster.workers.culprit import culprit
from sweeps.errors import BadInput
from sweeps.execution import Trainable, Workload
from sweeps.execution.process import Payload
from sweeps.execution.trainables.contents import contents
from sweeps.execution.trainables.modules import UserModules, be_main, user_modules

Ref: TypeAlias = Any  # ray.ObjectRef, whose generic form Ray does not export for type checkers
Shared: TypeAlias = tuple[Ref, Ref, Ref]
_MOST_COPIED = 256 << 20


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
    be_main(train, modules.script)
    return train, data


def payload_of(workload: Workload) -> Payload | None:
    """The same for a process of this machine, which gets a copy of its own; None where that is too large.

    Raises:
        BadInput: As `ship` says.
    """
    names = set(_module_names(workload.train))
    with _as_code(names):
        parts = _pickled("trainable", workload.train), _pickled("data", workload.data)
    size = sum(len(text) + sum(map(len, buffers)) for text, buffers in parts)
    if size > _MOST_COPIED:
        return None
    return Payload(
        user_modules(sorted(names), everywhere=False), parts, replace(workload, train=not_here, data=None)
    )


def _put(place: str, thing: Any) -> Ref:
    with _sendable(place, thing):
        return ray.put(thing)


def _pickled(place: str, thing: Any) -> tuple[bytes, list[bytes]]:
    buffers: list[pickle.PickleBuffer] = []
    with _sendable(place, thing):
        text: bytes = cloudpickle.dumps(thing, protocol=5, buffer_callback=buffers.append)  # type: ignore[no-untyped-call]
        return text, [bytes(buffer.raw()) for buffer in buffers]


@contextmanager
def _sendable(place: str, thing: Any) -> Iterator[None]:
    """While a thing is pickled: say which part of it cannot be."""
    try:
        yield
    except Exception as error:  # whatever a class of the user's does when it is pickled
        fix = "open files, locks and connections, and make generators, inside the trainable"
        raise BadInput(place, thing, f"cannot be sent to the workers: {culprit(thing)}", fix) from error


def not_here(config: object, run: object) -> float:
    """Stands for the trainable, which travels by itself."""
    raise AssertionError("a worker puts the trainable in its place")


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


def _session_folder() -> Path | None:
    node = ray._private.worker._global_node
    return Path(node.get_session_dir_path()) if node is not None else None
