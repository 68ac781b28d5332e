"""Ctrl-C, SIGTERM, SIGHUP and SIGUSR1 as a flag that the sweep loop reads between two steps."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | None
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1")  # the last is how batch systems warn of a job's end
_SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
_CLOSING_SECONDS = 5.0
_before: dict[int, Handler] = {}  # the handlers that a sweep has replaced; forked children get them back
_first: list[int] = []  # the first signal that stopped a sweep


class StopFlag:
    """Set by the first signal; the second ends the sweep at once, in the middle of a step.

    Either way the tables are closed then. A signal in that phase is passed over, for some seconds; one after
    that ends the phase, too.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._closing_since: float | None = None

    def __bool__(self) -> bool:
        return self._is_set

    def listen(self) -> None:
        """Have the signals set the flag; outside the main thread Python allows no handlers.

        A SIGHUP that is ignored, as `nohup` has it, stays so; a SIGUSR1 that somebody handles is theirs.
        """
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if _is_ours(number, _before.get(number)):
                    signal.signal(number, self.set)

    def set(self, number: int, frame: FrameType | None) -> None:
        if not self._is_set:
            self._is_set = True
            _first[:] = [number]
        elif self._closing_since is None or time.monotonic() > self._closing_since + _CLOSING_SECONDS:
            self.closing()
            raise KeyboardInterrupt

    def closing(self) -> None:
        """The sweep is over and its tables are being closed, which a signal shall not disturb."""
        self._closing_since = time.monotonic()


def _is_ours(number: int, before: Handler) -> bool:
    """Whether a signal that was handled so before is to stop a sweep."""
    if number == getattr(signal, "SIGUSR1", None):
        return before == signal.SIG_DFL
    return number == signal.SIGINT or before is not signal.SIG_IGN


@contextmanager
def stop_on_signal() -> Iterator[StopFlag]:
    """Turn these signals into a `StopFlag` while inside; then their handlers are as before."""
    flag = StopFlag()
    outer = dict(_before)
    _before.update({number: signal.getsignal(number) for number in _SIGNALS})
    flag.listen()
    try:
        yield flag
    finally:
        _restore(_before)
        _before.clear()
        _before.update(outer)


def exit_code() -> int:
    """What a shell expects of a program that a signal has stopped: 130 after Ctrl-C, 143 after SIGTERM."""
    return 128 + (_first[0] if _first else signal.SIGINT)


def end_without_a_word(number: int, frame: FrameType | None) -> None:
    """A handler for the time before there is anything to lose."""
    os.write(2, b"caviar: interrupted\n")
    os._exit(128 + number)


def reset_in_children(handlers: Mapping[int, Handler]) -> None:
    """Give these handlers to every child that is forked from now on, in place of this process's own.

    A pool ends its children by SIGTERM: a handler that they inherited would pass it over, and the pool wait
    for ever.
    """
    _before.update(handlers)


def _restore(handlers: Mapping[int, Handler]) -> None:
    if threading.current_thread() is threading.main_thread():
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _hold_signals() -> None:
    """A signal that reaches a child before its handlers are reset would be lost: it waits for them."""
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, _before)


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


def _reset_child() -> None:
    # Ray's own handler shuts Ray down, which a child of the process that started it can only wait for.
    rays = {number for number, handler in _before.items() if _module_of(handler).startswith("ray.")}
    _restore({number: signal.SIG_DFL if number in rays else handler for number, handler in _before.items()})
    _release_signals()


def _module_of(handler: Handler) -> str:
    return str(getattr(handler, "__module__", ""))


_forking = threading.local()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold_signals, after_in_parent=_release_signals, after_in_child=_reset_child)
