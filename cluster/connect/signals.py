"""Signals while Ray starts: the handlers that a sweep has set stay, whatever Ray would put in their place."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray


@contextmanager
def own_handlers() -> Iterator[None]:
    """Around `ray.init`: SIGTERM reaches the handler that is set now; Ray's ends the process without a word.

    Where Ray was imported before `cluster`, which keeps a handler in C++ away, that one is in force until the
    end of this.
    """
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with replaced(ray._private.utils, "set_sigterm_handler", lambda handler: None):
            yield
    finally:
        if handler is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)


@contextmanager
def spared_from_hangup() -> Iterator[None]:
    """Processes started inside do not get a closing terminal's SIGHUP; the sweep ends them itself."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """While inside, this attribute of a module of Ray's has another value."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
