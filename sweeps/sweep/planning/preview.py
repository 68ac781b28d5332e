"""What a sweep would be, before anything of it is started: the plan, the first configs, and estimates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sweeps.execution import pickled
from sweeps.knowledge import Overlap
from sweeps.observation import Observation
from sweeps.space import Space, stored_config
from sweeps.spec import SweepSpec
from sweeps.sweep.planning.foresee import Foreseen, foresee
from sweeps.sweep.planning.plan import Plan
from sweeps.sweep.planning.probe import Measured, measure
from sweeps.sweep.retention import most_that_may_win

_SCHEDULER_SECONDS = 10.0
_TRAINING_SECONDS = 5.0
_PARTS = 4  # of data in a tuple or mapping that are described


@dataclass(frozen=True)
class Preview:
    """A sweep that has not begun. What is estimated is so by a few epochs and by objectives that are made up.

    Attributes:
        spec: What is asked for. space: What is searched.
        workers: How many train at once. parallel: How many of them have a CPU of their own.
        data: In words, "" where there is none. data_bytes: Of the data, None where that cannot be told.
        hints: What is allowed and yet looks like a slip. described: What was understood of the data.
        foreseen: What the scheduler asks for, the first jobs among it.
        measured: What training the first configs for a moment has shown.
        learns: What it has in common with each earlier sweep that it learns from.
        spare: Whether there is a CPU for the scheduler beside those of the workers.
    """

    spec: SweepSpec
    space: Space
    workers: int
    parallel: int
    data: str
    data_bytes: int | None
    hints: tuple[str, ...]
    foreseen: Foreseen
    measured: Measured
    spare: bool = False
    described: tuple[str, ...] = ()
    learns: tuple[Overlap, ...] = ()

    @property
    def seconds(self) -> float | None:
        """About how long the sweep trains, by `limits.time` at most; None where no epoch was measured.

        Starting Ray, some seconds, comes on top.
        """
        return self._seconds(self.measured.pace)

    @property
    def slow_seconds(self) -> float | None:
        """The same where the search turns to configs like the slower half, as larger networks often are."""
        return self._seconds(self.measured.slower)

    def _seconds(self, pace_of_chosen: float | None) -> float | None:
        measured, foreseen = self.measured, self.foreseen
        if measured.pace is None or pace_of_chosen is None:
            return None
        pace = (1 - foreseen.chosen) * measured.pace + foreseen.chosen * pace_of_chosen
        busy = foreseen.length * pace + foreseen.jobs / self.workers * measured.setup
        deciding = 0.0 if self.spare else foreseen.deciding
        return min((busy * self.workers + deciding) / self.parallel, self.spec.limits.time or math.inf)

    @property
    def checkpoints(self) -> int:
        """How many are kept at most at one time, if the trainable saves any."""
        if not self.measured.checkpoint:
            return 0
        may_win = most_that_may_win(self.spec.finalists.top)
        return 2 * self.foreseen.open + may_win + self.foreseen.repeats

    @property
    def disk_bytes(self) -> float | None:
        """About how much log, tables and checkpoints take in the end; None where no epoch was measured."""
        if self.measured.pace is None:
            return None
        return self.record_bytes + self.checkpoints * self.measured.checkpoint

    @property
    def record_bytes(self) -> float:
        """Of these, what the log and the tables take."""
        return self.foreseen.epochs * self.measured.row_bytes + self.foreseen.jobs * self.measured.job_bytes

    def to_json(self) -> dict[str, Any]:
        """All of it, as `caviar run --dry-run --json` prints it."""
        foreseen, measured = self.foreseen, self.measured
        return {
            "spec": {**self.spec.model_dump(exclude={"versions"}), "space": self.space.to_yaml()},
            "data": self.data,
            "described": list(self.described),
            "learns_from": [asdict(each) for each in self.learns],
            "workers": self.workers,
            "first": [
                {"trial": job.trial, "epochs": job.stop, "config": stored_config(job.config)}
                for job in foreseen.first
            ],
            "hints": list(self.hints),
            "trials": foreseen.trials,
            "repeats": foreseen.repeats,
            "epochs": {"search": foreseen.search_epochs, "finalists": foreseen.final_epochs},
            "seconds": self.seconds,
            "slow_seconds": self.slow_seconds,
            "seconds_an_epoch": measured.pace,
            "seconds_an_epoch_of_slower_configs": measured.slower,
            "more_than_seconds_an_epoch": measured.more_than,
            "data_bytes": self.data_bytes,
            "checkpoint_bytes": measured.checkpoint,
            "checkpoints": self.checkpoints,
            "disk_bytes": self.disk_bytes,
            "metrics": list(measured.metrics),
            "error": measured.error,
        }


def preview_of(
    plan: Plan,
    first: Sequence[Observation],
    workers: int,
    cpus: int,
    hints: tuple[str, ...],
    described: tuple[str, ...] = (),
) -> Preview:
    """Look at a plan for 15 seconds at most; nothing is written, and no worker is started.

    Args:
        plan: The plan; its scheduler is used up.
        first: Trials that wait to be trained before all others.
        workers: How many are to train at once.
        cpus: How many can, each on a CPU of its own.
        hints: Of the plan. described: What was understood of its data.
    """
    foreseen = foresee(plan.scheduler, plan.space, plan.spec, workers, _SCHEDULER_SECONDS, first)
    whole = [replace(job, stop=plan.spec.epochs) for job in foreseen.first]  # one epoch alone tells little
    return Preview(
        spec=plan.spec,
        space=plan.space,
        workers=workers,
        parallel=min(workers, cpus),
        data=data_in_words(plan.data),
        data_bytes=size_of(plan.data),
        hints=hints,
        described=described,
        learns=plan.learns,
        foreseen=foreseen,
        measured=measure(plan.workload, whole, _TRAINING_SECONDS),
        spare=cpus > workers,
    )


def data_in_words(data: Any) -> str:
    """What there is to train on.

    >>> import numpy as np
    >>> data_in_words((np.zeros((500, 20)), np.zeros(500)))
    '2 parts: ndarray of 500 × 20, ndarray of 500'
    """
    if data is None:
        return ""
    if hasattr(data, "x_train"):
        return _splits(data)
    shape = getattr(data, "shape", None)
    if isinstance(shape, tuple):
        return f"{type(data).__name__} of {' × '.join(f'{length:,}' for length in shape)}"
    if isinstance(data, tuple | list | Mapping):
        parts = list(data.values() if isinstance(data, Mapping) else data)
        some = ", ".join(data_in_words(part) or "None" for part in parts[:_PARTS])
        more = ", …" if len(parts) > _PARTS else ""
        return f"{len(parts)} part{'s'[: len(parts) != 1]}: {some}{more}"
    return type(data).__name__


def _splits(data: Any) -> str:
    splits = {"training": "x_train", "validation": "x_validation", "test": "x_test"}
    parts: dict[str, Any] = {words: getattr(data, name, None) for words, name in splits.items()}
    rows = [f"{len(x):,} {words}" for words, x in parts.items() if hasattr(x, "__len__")]
    shape: tuple[int, ...] = getattr(data.x_train, "shape", ())
    columns = [f"{shape[1]:,} columns"] if len(shape) > 1 else []
    classes = getattr(data, "classes", None)
    targets = [f"{len(classes):,} classes"] if classes else ["quantities"] if classes == () else []
    return ", ".join([f"{' + '.join(rows)} rows", *columns, *targets])


def size_of(data: Any) -> int | None:
    """Bytes of some data as a worker is sent it; None where it cannot be sent.

    >>> import numpy as np
    >>> size_of(None), size_of(np.zeros(10**6)) // 10**6
    (0, 8)
    """
    sent = pickled(data)
    if data is None or sent is None:
        return 0 if data is None else None
    text, buffers = sent
    return len(text) + sum(buffer.nbytes for buffer in buffers)
