"""What trials print: it passes on to where it went, and is kept for the trial whose turn it is.

Python's two standard streams alone are looked at: what a library writes past them, or a program that the
trainable starts, goes its own way. A process that trains several trials in turns says before each turn
whose it is, so that no two are mixed up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from sweeps.trial import Prints

MOST_PRINTED = 1 << 20  # letters of a job that are kept
_TOLD = 1 << 16  # letters that a report of a job in training brings along
_turn: Keeper | None = None


class Keeper(Protocol):
    """Keeps what is printed."""

    def add(self, text: str) -> None:
        """The next text."""


class Printed:
    """What a job has printed, up to a megabyte of it. `told` may be called from another thread."""

    __slots__ = ("_left", "_parts")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MOST_PRINTED

    def add(self, text: str) -> None:
        if self._left > 0:
            self._parts.append(text[: self._left])
        self._left -= len(text)  # below 0 where something was left out

    def told(self, over: bool) -> Prints | None:
        """All of it, or the end of it where the job goes on; None where there is nothing."""
        count = len(self._parts)
        if not count:
            return None
        text = "".join(self._parts[:count])
        if count > 1:
            self._parts[:count] = [text]
        first = 0 if over else max(len(text) - _TOLD, 0)
        return Prints(first, text[first:], cut=self._left < 0)


class PrintedTogether:
    """What is printed while several trials are trained as one: each of them is told, and whose it may be."""

    def __init__(self, keepers: Sequence[Printed], trials: Sequence[int]) -> None:
        self._keepers, self._trials = keepers, trials
        self._said = False

    def add(self, text: str) -> None:
        if not self._said and len(self._keepers) > 1:
            whose = ", ".join(map(str, self._trials))
            text, self._said = f"[trials {whose} are trained as one; one of them, or all:]\n{text}", True
        for keeper in self._keepers:
            keeper.add(text)


def give_turn(keeper: Keeper | None) -> Keeper | None:
    """Keep what is printed from here on there; returns whose turn it was."""
    global _turn
    before, _turn = _turn, keeper
    return before


@contextmanager
def heard_prints(echo: bool = True) -> Iterator[None]:
    """While inside, what is printed is kept for whose turn it is.

    echo: whether it goes where it went before, too.
    """
    kept = sys.stdout, sys.stderr
    hear_prints(echo)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = kept


def hear_prints(echo: bool = True) -> None:
    """The same from here on, for a process that does nothing but train."""
    sys.stdout, sys.stderr = (
        stream if stream is None else _Heard(stream, echo) for stream in (sys.stdout, sys.stderr)
    )


class _Heard:
    """A stream that tells whose turn it is of what is written."""

    def __init__(self, stream: TextIO, echo: bool) -> None:
        self._stream, self._echo = stream, echo

    def write(self, text: str) -> int:
        keeper = _turn
        if keeper is not None and isinstance(text, str):
            keeper.add(text)
            if not self._echo:
                return len(text)
        return self._stream.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
