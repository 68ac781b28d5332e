"""The program of a worker's process: answers the calls that come over a pipe, until nobody is there."""

from __future__ import annotations

import atexit
import os
import pickle
import queue
import sys
import threading
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection

from sweeps.execution.process.payload import Payload
from sweeps.execution.trainables.printed import hear_prints
from sweeps.execution.worker import Loaded, Worker

_TURNS = ("load", "train", "leave")  # one after the other, by the main thread; all else at once


class Child:
    """Reads calls in a thread, so that a worker in training can be asked how it stands.

    Answers are sent by another one: whoever reads never waits for the sweep to take an answer, since the
    sweep may be waiting just then for a call of its own to be read.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection, self._worker = connection, Worker(name)
        self._turns: queue.SimpleQueue[tuple[int, str, bytes]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[int, bool, bytes] | None] = queue.SimpleQueue()

    def run(self) -> None:
        """Until it is to leave."""
        threading.Thread(target=self._read, daemon=True).start()
        writer = threading.Thread(target=self._write, daemon=True)
        writer.start()
        while (turn := self._turns.get())[1] != "leave":
            self._answer(*turn)
        self._answers.put(None)
        writer.join()

    def load(self, payload: Payload, threads: int) -> Loaded:
        return self._worker.load("this machine", payload.opened, payload.rest, threads)

    def _read(self) -> None:
        try:
            while True:
                call, method, arguments = self._connection.recv()
                if method in _TURNS:
                    self._turns.put((call, method, arguments))
                else:
                    self._answer(call, method, arguments)
        except (EOFError, OSError):  # the sweep is gone, and nobody wants what is in training
            os._exit(0)

    def _write(self) -> None:
        with suppress(OSError):  # as above; the reader hears of it, too
            while (answer := self._answers.get()) is not None:
                self._connection.send(answer)

    def _answer(self, call: int, method: str, arguments: bytes) -> None:
        owner = self if method == "load" else self._worker
        try:
            value = getattr(owner, method)(*pickle.loads(arguments))  # noqa: S301  # from our own parent
            answer = call, True, pickle.dumps(value, protocol=5)
        except BaseException:
            answer = call, False, pickle.dumps(traceback.format_exc())
        self._answers.put(answer)


def main() -> None:
    """Serve the pipe that was handed down; the program's arguments are its number and the worker's name."""
    connection = Connection(int(sys.argv[1]))
    hear_prints()
    Child(connection, sys.argv[2]).run()
    atexit._run_exitfuncs()  # libraries remove their files; threads of the user's are not waited for
    os._exit(0)


if __name__ == "__main__":
    main()
