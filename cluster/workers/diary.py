"""What a worker trains and how far, as lines in its own log, which Ray's dashboard shows with the actor.

An actor's repr cannot say it: Ray asks for that once, when the actor has been made. Nor can the name of a
call or the process's title, since Ray keeps metrics by both for ever.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence

from sweeps.errors import in_words, last_line
from sweeps.execution.worker import Batch, Glance, Order
from sweeps.store import moment
from sweeps.trial import Job, Report

_EVERY_SECONDS = 1.0
_WHY = 120  # letters of an error


class Diary:
    """Tells about once a second of jobs that have ended and of the one in training, if that is news.

    Jobs pay nothing for it: how they stand is looked up from another thread.

    Args:
        glance: As `Worker.glance`.
        write: Takes a line.

    Examples:
        >>> diary = Diary(lambda: Glance([]), print)
        >>> diary.begin([Order(0, Job(17, {}, stop=27), None)])
        >>> diary.end(Batch([(0, Report(17, epochs=27, objective=0.1, seconds=3.25))], 3.25))
        >>> diary.note()
        trial 17: done at epoch 27 of 27 after 3.25 s
    """

    def __init__(self, glance: Callable[[], Glance], write: Callable[[str], None]) -> None:
        self._glance, self._write = glance, write
        self._jobs: dict[int, Job] = {}  # of the call in training, by number
        self._ended, self._last = 0, ""  # since the last line: how many, and how the last of them did
        self._counted: set[int] = set()  # numbers of the call in training
        self._now = ""  # what was last said to be in training
        self._lock = threading.Lock()

    def keep(self) -> None:
        """Have a thread tell from here on."""
        threading.Thread(target=self._tell, name="caviar diary", daemon=True).start()

    def begin(self, orders: Sequence[Order]) -> None:
        """A call has come."""
        with self._lock:
            self._jobs = {order.number: order.job for order in orders}

    def end(self, batch: Batch) -> None:
        """It is over."""
        with self._lock:
            self._count(batch.ended)
            self._jobs, self._counted = {}, set()

    def note(self) -> None:
        """Write a line, if there is something to tell."""
        with self._lock:  # a call does not end meanwhile, whose jobs would be counted twice
            standing = self._glance() if self._jobs else Glance([])
            self._count(standing.ended)
            running = [(self._jobs[number], reached.epochs) for number, reached in standing.running]
            over, now = self._over(), _in_training(running)
            self._ended = 0
        if over or (now and now != self._now):
            self._write("; ".join(filter(None, (over, now))))
        self._now = now

    def _tell(self) -> None:
        while True:
            time.sleep(_EVERY_SECONDS)
            self.note()

    def _count(self, ended: Sequence[tuple[int, Report]]) -> None:
        new = [each for each in ended if each[0] not in self._counted]
        if new:
            self._ended += len(new)
            self._counted.update(number for number, _ in new)
            number, report = new[-1]
            self._last = _end_of(self._jobs[number], report)

    def _over(self) -> str:
        if not self._ended:
            return ""
        return self._last if self._ended == 1 else f"{self._ended} jobs ended, the last: {self._last}"


def write_here(line: str) -> None:
    """A line in this process's log: its error stream, past what keeps trials' prints."""
    print(moment(time.time()), line, file=sys.__stderr__, flush=True)


def _end_of(job: Job, report: Report) -> str:
    how = f"{report.outcome} at epoch {report.epochs} of {job.stop} after {report.seconds:.3g} s"
    why = f": {in_words(last_line(report.error), _WHY)}" if report.error else ""
    return f"trial {job.trial}: {how}{why}"


def _in_training(running: Sequence[tuple[Job, int]]) -> str:
    """The one in training, or the first of those that are trained as one."""
    if not running:
        return ""
    job, epochs = running[0]
    others = f" and {len(running) - 1} trained with it" if len(running) > 1 else ""
    return f"trial {job.trial}{others}: epoch {epochs} of {job.stop}"
