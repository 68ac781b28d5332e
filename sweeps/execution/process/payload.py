"""What a process is sent before its first job: the trainable, its data, and where modules are found."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sweeps.execution.job_run import Workload
from sweeps.execution.trainables.modules import UserModules, be_main
from sweeps.execution.trainables.trainable import Trainable

Pickled: TypeAlias = tuple[bytes, list[bytes]]


@dataclass(frozen=True)
class Payload:
    """A workload as it travels.

    Attributes:
        modules: What lets the process import what the sender can import.
        parts: Its trainable and its data, each pickled, with the bytes of its arrays apart.
        rest: What else all jobs share.
    """

    modules: UserModules
    parts: Sequence[Pickled]
    rest: Workload

    def opened(self) -> tuple[Trainable, Any]:
        """The trainable and its data, whose arrays are read-only, as on any worker."""
        self.modules.make_importable()
        train, data = (pickle.loads(text, buffers=buffers) for text, buffers in self.parts)  # noqa: S301
        be_main(train, self.modules.script)
        return train, data
