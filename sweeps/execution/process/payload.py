"""What a process is sent before its first job: the trainable, its data, and where modules are found."""

from __future__ import annotations

import io
import pickle
import sys
from dataclasses import dataclass, replace
from types import FunctionType, ModuleType
from typing import Any

from sweeps.execution.job_run import Workload
from sweeps.execution.modules import UserModules, user_modules
from sweeps.execution.trainable import Trainable

MOST_BYTES = 256 << 20  # a process has a copy of its own


@dataclass(frozen=True)
class Payload:
    """A workload as it travels.

    Attributes:
        modules: What lets the process import what the sender can import.
        parts: Its trainable and its data, pickled.
        rest: What else all jobs share.
    """

    modules: UserModules
    parts: bytes
    rest: Workload

    def opened(self) -> tuple[Trainable, Any]:
        """The trainable and its data, whose arrays are read-only, as on any worker."""
        self.modules.make_importable()
        text, buffers = pickle.loads(self.parts)  # noqa: S301  # from our own parent
        train, data = pickle.loads(text, buffers=[memoryview(each).toreadonly() for each in buffers])  # noqa: S301
        return train, data


def payload_of(workload: Workload) -> Payload | None:
    """What to send; None for what a process that is told names alone could not load, or a copy too large.

    What a script or a notebook defines is not to be imported by name anywhere else.
    """
    buffers: list[pickle.PickleBuffer] = []
    text = io.BytesIO()
    try:
        _ByName(text, protocol=5, buffer_callback=buffers.append).dump((workload.train, workload.data))
        raw = [buffer.raw() for buffer in buffers]
    except Exception:  # whatever a class of the user's does when it is pickled
        return None
    if text.tell() + sum(each.nbytes for each in raw) > MOST_BYTES:
        return None
    parts = pickle.dumps((text.getvalue(), [bytes(each) for each in raw]), protocol=5)
    return Payload(user_modules(everywhere=False), parts, replace(workload, train=_not_here, data=None))


class _ByName(pickle.Pickler):
    """Refuses what `__main__` has defined, which has another meaning in another process."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, type | FunctionType) and _is_of_main(thing):
            raise pickle.PicklingError(f"{thing} is of this process's __main__")
        return NotImplemented


def _is_of_main(thing: type | FunctionType) -> bool:
    module: ModuleType | None = sys.modules.get(thing.__module__ or "")
    if module is None or module is sys.modules["__main__"]:
        return True
    return module.__spec__ is None and not hasattr(module, "__file__")


def _not_here(config: object, run: object) -> float:
    """Stands for the trainable, which travels by itself."""
    raise AssertionError("a worker puts the trainable in its place")
