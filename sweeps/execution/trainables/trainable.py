"""Trainables: what a user writes, how its reports are drawn, epoch by epoch, and its exceptions as text."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from sweeps.execution.trainables.pack import Metrics, Packing, alone
from sweeps.execution.trainables.push import NOTHING_RETURNED, not_heard, pushed, reports
from sweeps.execution.trainables.run import Run
from sweeps.execution.trainables.seeding import seed_globals
from sweeps.space import Config
from sweeps.trial import Row

Generating: TypeAlias = Callable[[Config, Run], Iterator[Metrics | float | None] | Metrics | float]
Trainable: TypeAlias = Generating | Packing

RESERVED = ("trial", "epoch")  # columns of the metrics table


def prepare(train: Trainable, device: str) -> None:
    """Let a trainable that has `prepare(device)` do what is to be done once a process, before its first job.

    What it loads is there before the threads of BLAS are limited. Raises whatever it raises.
    """
    hook = getattr(train, "prepare", None)
    if hook is not None:
        hook(device)


def has_epochs(train: Trainable) -> bool:
    """Whether the trainable reports after each epoch, or is a function of one."""
    return not callable(train) or is_generator(train) or reports(train)


def is_generator(train: Generating) -> bool:
    """Whether the trainable is a generator, which yields its metrics."""
    plain = inspect.unwrap(train)
    return inspect.isgeneratorfunction(plain) or inspect.isgeneratorfunction(type(plain).__call__)


def _yielding(train: Trainable) -> Generating:
    """The trainable as a function that yields its metrics, or returns those of its only epoch."""
    if not callable(train):
        return partial(alone, train)
    return partial(pushed, train) if not is_generator(train) and reports(train) else train


class _End:
    """What a trainable that has ended gives instead of metrics."""


_END = _End()


class Epochs:
    """The epochs of a trainable that has been called, one row of metrics each.

    Args:
        train: The trainable. It is called with the first `next_row`; one that has packs alone, as a pack
            of this one.
        config: Handed to it as a copy, which it may change.
        run: Handed to it.
        metric: The name of a bare number that is reported.

    Attributes:
        seconds: What an epoch took before it was asked for: nothing.
    """

    seconds = 0.0

    def __init__(self, train: Trainable, config: Config, run: Run, metric: str) -> None:
        self._train = _yielding(train)
        self._config, self._run, self._metric = config, run, metric
        self._generator: Iterator[Metrics | float | None] | None = None

    def next_row(self) -> Row | None:
        """The metrics of the next epoch, an empty row where it has none; None once the trainable has ended.

        Raises whatever the trainable raises, TypeError and ValueError on what is no metric.
        """
        if self._generator is None:
            return self._first_row()
        reported = next(self._generator, _END)
        if isinstance(reported, _End):
            return None
        return as_row({} if reported is None else reported, self._metric)

    def run_out(self) -> bool:
        """Let what stands after the last `yield` run; False where the trainable reports a further epoch.

        Raises whatever the trainable raises.
        """
        return self._generator is None or isinstance(next(self._generator, _END), _End)

    def close(self) -> None:
        """Let the trainable's `finally` run, where it is waiting at a `yield`. Raises what it raises then."""
        if self._generator is not None and hasattr(self._generator, "close"):
            self._generator.close()

    def _first_row(self) -> Row | None:
        seed_globals(self._run.seed, self._run.start)
        self._run._listener = not_heard
        given = self._train(deepcopy(self._config), self._run)
        if not isinstance(given, Iterator):
            self._generator = iter(())
            if given is None:
                raise TypeError(NOTHING_RETURNED)
            return as_row(given, self._metric)
        if not is_generator(self._train):
            raise TypeError(
                "the trainable returns a generator: write it as one, with `yield from` in its own body"
            )
        self._generator = given
        return self.next_row()


def as_row(reported: Metrics | float, metric: str) -> Row:
    """One epoch's metrics as plain floats; a bare number is the sweep's metric.

    Raises:
        ValueError: A name that a metric cannot have.
        TypeError: A value that is no number.
    """
    if not isinstance(reported, Mapping):
        reported = {metric: reported}
    for name in reported:
        if not isinstance(name, str) or name in RESERVED:
            raise ValueError(f"{name!r} cannot name a metric: it must be text, and not one of {RESERVED}")
    return {name: _as_float(name, value) for name, value in reported.items()}


def _as_float(name: str, value: Any) -> float:
    if type(value) is float:  # as it nearly always is
        return value
    try:
        plain = value.item() if hasattr(value, "item") else value
        if isinstance(plain, str | bytes | bytearray):  # `float` would read the number in them
            raise TypeError
        return float(plain)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"the metric {name!r} must be a number, not {type(value).__name__}: {value!r}"
        ) from None


def traceback_text(error: BaseException) -> str:
    """The traceback from the user's own frame on, as text that any table can hold.

    Where none of the frames is the user's, it is we who complain, and the message says all.
    """
    frames = error.__traceback__
    while frames is not None and _is_ours(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames)).rstrip()
    return text.encode("utf-8", "backslashreplace").decode()


_EXECUTION = Path(__file__).parent.parent


def _is_ours(filename: str) -> bool:
    return Path(filename).is_relative_to(_EXECUTION)
