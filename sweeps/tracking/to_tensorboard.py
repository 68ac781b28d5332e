"""A sweep in TensorBoard while it runs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event

from sweeps.export import tensorboard_events as tb
from sweeps.export.histories import History
from sweeps.export.ranges import Interval, Range, ranges_of_space
from sweeps.space import Config, Value
from sweeps.space.value import exactly
from sweeps.tracking.tracker import FOLDER, Tracker
from sweeps.trial import Status

_MARKER = "caviar.sweep"  # a file: which sweep the folder is of
_GOES_ON = (Status.PAUSED, Status.INTERRUPTED)


class TensorBoard(Tracker):
    """See `sweeps.tracking.tensorboard`."""

    def __init__(self, folder: str | Path | None = None) -> None:
        self._given = None if folder is None else Path(folder).absolute()

    def begin(self) -> None:
        given = self._given
        own = self.directory / FOLDER / "tensorboard"
        self._folder = self._free(own if given is None else given / self.directory.name)
        self._spans = ranges_of_space(self.space, mixed=False)
        self._began = 0.0

    def has(self, history: History) -> bool:
        return (self._folder / history.name).exists()

    def start(self, history: History) -> None:
        folder = self._folder / history.name
        if not folder.exists():
            folder.mkdir()
            self._append(
                history, [tb.begun(replace(history, config=self._told(history.config)), self._spans)]
            )

    def report(self, history: History) -> None:
        self._append(history, tb.scalars(history))

    def stand(self, history: History) -> None:
        events = [*tb.objective(history, history.epochs)]
        self._append(history, events if history.status in _GOES_ON else [*events, tb.ended(history)])

    def _free(self, wanted: Path) -> Path:
        """This folder, or where another sweep has it the next with a number: a board is of one sweep."""
        others = (wanted.with_name(f"{wanted.name}-{number}") for number in count(2))
        return next(folder for folder in chain([wanted], others) if self._takes(folder))

    def _takes(self, folder: Path) -> bool:
        """Whether a folder is this sweep's; one in which nothing is becomes that."""
        marker = folder / _MARKER
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            with suppress(FileExistsError), marker.open("x") as file:
                file.write(self.sweep)
        return marker.exists() and marker.read_text() == self.sweep

    def _open(self, began: float) -> None:
        """The ranges are there once: TensorBoard looks at the first alone."""
        if self._began:
            return
        self._began = began
        if not any(self._folder.glob("events.*")):
            what = tb.experiment(self._spans, self.spec.metric, began)
            tb.append(self._folder / tb.FILE.format(began), began, [what])

    def _append(self, history: History, events: Iterable[Event]) -> None:
        """To the file of this process, which TensorBoard reads after those of earlier ones."""
        self._open(history.began)
        name = f"{tb.FILE.format(self._began)}.{os.getpid()}"
        tb.append(self._folder / history.name / name, history.began, events)

    def _told(self, config: Config) -> Config:
        """Without what no range has, such as a choice of an earlier space."""
        return {name: value for name, value in config.items() if _has(self._spans.get(name), value)}


def _has(span: Range | None, value: Value) -> bool:
    """Whether a range can show a value; what is fixed has none."""
    return isinstance(span, Interval) or (
        span is not None and exactly(value) in [exactly(each) for each in span.values]
    )
