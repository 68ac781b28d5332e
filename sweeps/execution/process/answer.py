"""What comes of a call to a worker in another process."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any, Protocol


class WorkerDied(Exception):
    """The worker's process has ended before it could answer.

    Attributes:
        why: In one line.
    """

    def __init__(self, text: str, why: str = "") -> None:
        super().__init__(text)
        self.why = why or text


class CallRaised(Exception):
    """The call has raised; the worker lives."""


class Source(Protocol):
    """Where answers come from."""

    connection: Connection

    def receive(self) -> None:
        """Take in the answers that have come."""


class Answer:
    """Comes later: the value of a call, or the exception that it has ended with.

    Args:
        source: Who gives it; None for one that never comes.

    Attributes:
        done: Whether it has come.
    """

    def __init__(self, source: Source | None = None) -> None:
        self.source, self.done = source, False
        self._value: Any = None
        self._error: Exception | None = None

    def give(self, value: Any) -> None:
        self.done, self._value = True, value

    def fail(self, error: Exception) -> None:
        self.done, self._error = True, error

    def take(self) -> Any:
        """The value. Raises `WorkerDied`, or `CallRaised` with a traceback as its text."""
        if self._error is not None:
            raise self._error
        return self._value
