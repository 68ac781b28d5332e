"""A worker's process as its pool talks to it."""

from __future__ import annotations

import pickle
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sweeps.execution.process.answer import Answer, CallRaised, WorkerDied
from sweeps.execution.process.payload import Payload
from sweeps.execution.process.spawn import spawn
from sweeps.execution.worker import Order

_END_SECONDS = 5.0  # so long a process that has closed its pipe may take to be gone


class ProcessActor:
    """Starts a process, and calls the worker in it. All calls come from one thread.

    Args:
        name: Of the worker, such as "worker-03".
        dumps: Pickles what it is sent.
        threads: How many its libraries may use.
    """

    waits_for_place = False  # it has a process from the beginning

    def __init__(self, name: str, dumps: Callable[[Any], bytes] = pickle.dumps, threads: int = 1) -> None:
        self._dumps = dumps
        self._process, self.connection = spawn("sweeps.execution.process.child", name, threads=threads)
        self._calls = 0
        self._pending: dict[int, Answer] = {}
        self._outbox: queue.SimpleQueue[tuple[int, str, bytes] | None] = queue.SimpleQueue()
        self._sender = threading.Thread(target=self._send, daemon=True)
        self._sender.start()
        self._threads = threads

    def load(self, payload: Payload) -> Answer:
        return self._call("load", payload, self._threads)

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
                    answer.give(pickle.loads(value))  # noqa: S301  # from our own child
                else:
                    answer.fail(CallRaised(pickle.loads(value)))  # noqa: S301
        except (EOFError, OSError):
            self._end()

    def _call(self, method: str, *arguments: Any) -> Answer:
        self._calls += 1
        answer = self._pending[self._calls] = Answer(self)
        try:
            sent = self._dumps(arguments)
        except Exception as error:  # whatever a class of the user's does when it is pickled
            del self._pending[self._calls]
            answer.fail(CallRaised(str(error)))
            return answer
        if self.connection.closed:
            self._end()
        self._outbox.put((self._calls, method, sent))
        return answer

    def _send(self) -> None:
        """Write calls into the pipe: the sweep never waits for a process that does not read for a while."""
        with suppress(OSError):  # it is gone, as whoever waits for its answers hears
            while (call := self._outbox.get()) is not None:
                self.connection.send(call)

    def _end(self) -> None:
        """The process is gone, or closes its pipe to go: what was asked has no answer."""
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._outbox.put(None)
        self._sender.join()  # what it writes now fails at once
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
