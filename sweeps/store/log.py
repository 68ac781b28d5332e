"""The log of a sweep: every event in order, only ever appended to. What is in it is never lost.

It lies in segments, `log/segment-00000.log` and on; each process that works on the sweep begins one of its
own, so that nobody writes behind a torn tail. A record that was being written when its process or its machine
died is the last of its segment, and is passed over.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sweeps.errors import BadInput
from sweeps.events import Event
from sweeps.store import files
from sweeps.store.records import Damaged, from_record, to_record

_SYNC_SECONDS = 1.0
_SEGMENT_BYTES = 64 << 20
_LONGEST_RECORD = 256 << 20  # bytes; what claims to be longer is no record
_HEAD_BYTES = 80  # of a record; its kind stands there
_SEGMENT = re.compile(r"segment-(\d{5,})\.log")

AnEvent = TypeVar("AnEvent", bound=Event)


class Log:
    """Appends to a sweep's log.

    `append` keeps events in memory, `write` hands them to the operating system, where they outlive the
    process, and `sync` makes them outlive a power cut. Where the disk is full or fails, nothing is lost: the
    records stay in memory, `problem` says what is the matter, and the next call tries again.

    Args:
        folder: Made if it is not there.
        first: The number of the first record, one more than that of the last one there is.

    Attributes:
        number: That of the next record.
        problem: Why the last `write` or `sync` failed; None if it did not.
    """

    def __init__(self, folder: Path, first: int = 0) -> None:
        self._folder, self.number = folder, first
        self._waiting: list[bytes] = []  # records not written yet
        self._unsynced: list[bytes] = []  # records written to the current segment and not synced yet
        self._descriptor: int | None = None
        self._size = 0  # of what is whole in the current segment
        self._last_sync = time.monotonic()
        self.problem: OSError | None = None
        if not folder.exists():
            files.make_folder(folder)

    def append(self, event: Event) -> None:
        """The next event."""
        self._waiting.append(to_record(self.number, event))
        self.number += 1

    def write(self) -> bool:
        """Hand all records to the operating system; False where that cannot be done now."""
        if self._waiting:
            self._try(self._write)
        return not self._waiting

    def sync(self) -> bool:
        """Make all records durable; False where that cannot be done now."""
        if self.write() and self._unsynced:
            self._try(self._sync)
        return not self._waiting and not self._unsynced

    def sync_if_due(self) -> bool:
        """`write`, and `sync` where the last one was a second ago; False where either cannot be done now."""
        if time.monotonic() - self._last_sync >= _SYNC_SECONDS:
            return self.sync()
        return self.write()

    def close(self) -> None:
        """`sync` as far as that is possible, and let go of the file."""
        self.sync()
        self._let_go()

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
            self.problem = None
        except OSError as error:
            self.problem = error

    def _write(self) -> None:
        descriptor = self._segment()
        content = b"".join(self._waiting)
        try:
            files.append_all(descriptor, content)
        except OSError:
            files.truncate(descriptor, self._size)  # what is left of a part would tear the log
            raise
        self._size += len(content)
        self._unsynced += self._waiting
        self._waiting = []

    def _sync(self) -> None:
        try:
            files.sync(self._segment())
        except OSError:
            # What the system still holds of the file after a failed sync is unknown: all of it goes into
            # another segment, and a reader passes over the numbers that it has seen.
            self._waiting, self._unsynced = self._unsynced + self._waiting, []
            self._let_go()
            raise
        self._unsynced = []
        self._last_sync = time.monotonic()

    def _segment(self) -> int:
        """The file to append to; a new one where there is none yet or the last one is full."""
        if self._descriptor is not None and self._size >= _SEGMENT_BYTES and not self._unsynced:
            self._let_go()
        if self._descriptor is None:
            last = max((number for number, _ in _segments(self._folder)), default=-1)
            self._descriptor = self._new_segment(last + 1)
            self._size = 0
        return self._descriptor

    def _new_segment(self, number: int) -> int:
        """An empty file whose name is durable; one whose name cannot be made so is not written to."""
        descriptor = files.create(self._folder / f"segment-{number:05d}.log")
        try:
            files.sync_folder(self._folder)
        except OSError:
            files.close(descriptor)
            raise
        return descriptor

    def _let_go(self) -> None:
        if self._descriptor is not None:
            files.close(self._descriptor)
            self._descriptor = None


def sync_log(folder: Path) -> None:
    """Make durable what a process that has died wrote to the log."""
    for path in _readable(folder):
        with path.open("rb") as file:
            files.sync(file.fileno())


@dataclass
class LogReader:
    """The events of a log, in order.

    Args:
        folder: The log's.

    Attributes:
        next: The number that the next record will have; right once all events are read.
        notes: What was passed over, in words.
    """

    folder: Path
    next: int = 0
    notes: list[str] = field(default_factory=list)
    _segment: str = ""  # the name of the one that was read last …
    _read: int = 0  # … and how many bytes of it

    def __iter__(self) -> Iterator[Event]:
        """All of them. Raises `BadInput` where records are missing in between."""
        self.next, self.notes, self._segment, self._read = 0, [], "", 0
        yield from self._events(_readable(self.folder))

    def more(self) -> Iterator[Event]:
        """Those that came after the last one read; a record that is still being written is left for later.

        Raises:
            BadInput: Records are missing in between, or the log is no longer the one that was read.
        """
        paths = _readable(self.folder)
        known = [path.name for path in paths]
        if self._segment and self._segment not in known:
            raise self._replaced()
        yield from self._events(paths[known.index(self._segment) if self._segment else 0 :], waits=True)

    def _events(self, paths: list[Path], waits: bool = False) -> Iterator[Event]:
        for path in paths:
            if path.name != self._segment:
                self._segment, self._read = path.name, 0
            for number, event in self._records(path, waits and path == paths[-1]):
                if number > self.next:
                    raise self._gap(path, number)
                if number == self.next:
                    self.next += 1
                    if event is not None:
                        yield event

    def last(self, *kinds: type[AnEvent]) -> AnEvent | None:
        """The last event of these kinds; None where there is none."""
        found = None
        for found in self.every(*kinds):  # noqa: B007 - the last is wanted
            pass
        return found

    def every(self, *kinds: type[AnEvent]) -> Iterator[AnEvent]:
        """The events of these kinds, found without decoding the others; damage is passed over."""
        marks = [f'"kind":"{kind.kind}"'.encode() for kind in kinds]
        for path in _readable(self.folder):
            with path.open("rb") as file:
                while line := file.readline(_LONGEST_RECORD):
                    head = line[:_HEAD_BYTES]
                    if any(mark in head for mark in marks):
                        with suppress(Damaged):
                            _, event = from_record(line)
                            if isinstance(event, kinds):
                                yield event

    def _records(self, path: Path, waits: bool) -> Iterator[tuple[int, Event | None]]:
        """waits: whether what has no end yet is being written."""
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._read:
                raise self._replaced()
            file.seek(self._read)
            while line := file.readline(_LONGEST_RECORD):
                if waits and not line.endswith(b"\n"):
                    return
                at, self._read = self._read, self._read + len(line)
                try:
                    yield from_record(line)
                except Damaged as damage:
                    self.notes.append(f"{path.name}: the record at byte {at} is torn or damaged: {damage}")

    def _replaced(self) -> BadInput:
        rule = "is no longer the one that was read: it was removed or replaced meanwhile"
        return BadInput(str(self.folder.parent), "log", rule, "look at the folder once more")

    def _gap(self, path: Path, number: int) -> BadInput:
        lost = f"records {self.next} to {number - 1}" if number - self.next > 1 else f"record {self.next}"
        rule = f"has lost {lost} before those of {path.name}"
        if self.notes:
            rule += f" ({'; '.join(self.notes[-3:])})"
        fix = "restore the log from a copy; the tables beside it can be read all the same"
        return BadInput(str(self.folder.parent), "log", rule, fix)


def _readable(folder: Path) -> list[Path]:
    """The segments in order; what is no file, such as a pipe, would be waited for."""
    return [path for _, path in sorted(_segments(folder)) if path.is_file()]


def _segments(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if found := _SEGMENT.fullmatch(path.name):
            yield int(found[1]), path
