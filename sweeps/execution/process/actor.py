"""A worker's process as its pool talks to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from sweeps.execution.process.answer import Answer, CallRaised, WorkerDied
from sweeps.execution.process.payload import Payload
from sweeps.execution.worker import Order

_CHILD = "import sys; sys.path[:] = {path!r}; from sweeps.execution.process.child import main; main()"
_END_SECONDS = 5.0  # so long a process that has closed its pipe may take to be gone


class ProcessActor:
    """Starts a process, and calls the worker in it. All calls come from one thread.

    It is in a session of its own, so that a Ctrl-C reaches the sweep alone. When the sweep ends its pipe
    closes, and it ends, too.

    Args:
        name: Of the worker, such as "worker-03".
    """

    waits_for_place = False  # it has a process from the beginning

    def __init__(self, name: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # this very Python, with a program of our own
                [sys.executable, "-c", _CHILD.format(path=sys.path), str(theirs.fileno()), name],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"OMP_NUM_THREADS": "1", **os.environ},  # as Ray has it
                start_new_session=True,
            )
        self.connection = Connection(ours.detach())
        self._calls = 0
        self._pending: dict[int, Answer] = {}

    def load(self, payload: Payload, threads: int) -> Answer:
        return self._call("load", payload, threads)

    def train(self, orders: Sequence[Order], label: str) -> Answer:
        """Train jobs one after the other. The label is what a dashboard would call that."""
        return self._call("train", list(orders))

    def withdraw(self, numbers: Sequence[int]) -> Answer:
        return self._call("withdraw", list(numbers))

    def progress(self, after: int) -> Answer:
        return self._call("progress", after)

    def stop(self, number: int, why: str | None) -> None:
        self._call("stop", number, why)

    def leave(self) -> Answer:
        """End the process once it idles, after what its libraries do at exit; the answer fails then."""
        return self._call("leave")

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._end()

    def receive(self) -> None:
        """Take in the answers that have come."""
        try:
            while self._pending and self.connection.poll():
                call, good, value = self.connection.recv()
                answer = self._pending.pop(call)
                if good:
                    answer.give(value)
                else:
                    answer.fail(CallRaised(value))
        except (EOFError, OSError):
            self._end()

    def _call(self, method: str, *arguments: Any) -> Answer:
        self._calls += 1
        answer = self._pending[self._calls] = Answer(self)
        try:
            self.connection.send((self._calls, method, arguments))
        except OSError:
            self._end()
        except Exception as error:  # what cannot be pickled
            del self._pending[self._calls]
            answer.fail(CallRaised(str(error)))
        return answer

    def _end(self) -> None:
        """The process is gone, or closes its pipe to go: what was asked has no answer."""
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self.connection.close()
        why = _why(code)
        for answer in self._pending.values():
            answer.fail(WorkerDied(why))
        self._pending = {}


def _why(code: int) -> str:
    if code >= 0:
        return f"its process ended by itself, exit code {code}"
    try:
        return f"its process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"its process was ended by signal {-code}"
