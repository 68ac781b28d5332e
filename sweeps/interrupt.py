"""Ctrl-C and SIGTERM as a flag that the sweep loop reads between two steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopFlag:
    """Set by the first signal; the second ends the program the hard way."""

    def __init__(self) -> None:
        self.is_set = False

    def listen(self) -> None:
        """Have SIGINT and SIGTERM set the flag; outside the main thread Python allows no handlers."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                signal.signal(number, self.set)

    def __bool__(self) -> bool:
        return self.is_set

    def set(self, number: int, frame: FrameType | None) -> None:
        if self.is_set:
            raise KeyboardInterrupt
        self.is_set = True


@contextmanager
def stop_on_signal() -> Iterator[StopFlag]:
    """Turn SIGINT and SIGTERM into a `StopFlag` while inside; afterwards their handlers are as before."""
    flag = StopFlag()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    flag.listen()
    try:
        yield flag
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                signal.signal(number, handler)
