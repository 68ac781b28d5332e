"""Push-style trainables: plain functions that call `run.report` from a loop that a framework owns."""

from __future__ import annotations

import contextvars
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import CodeType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sweeps.execution.threads import limited_as_before
from sweeps.execution.trainables.contents import contents
from sweeps.execution.trainables.pack import Metrics
from sweeps.execution.trainables.run import Run, Stop
from sweeps.space import Config

NOTHING_RETURNED = "the trainable returned None: has it forgotten its `return`?"
_INTEGRATIONS = "sweeps.integrations"
_known: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


def not_heard(metrics: object) -> bool:
    """What `run.report` comes to in a trainable that is not called as push-style."""
    raise RuntimeError(
        "run.report was called where nobody saw it coming: a generator yields its metrics instead, "
        "and to a function that reports somewhere deep inside, write `train.reports = True` below it"
    )


class _End(NamedTuple):
    """That the function has ended."""

    value: Any = None
    error: BaseException | None = None


class _Row(NamedTuple):
    """That it has reported."""

    metrics: Metrics | float


def pushed(train: Callable[[Config, Run], Any], config: Config, run: Run) -> Iterator[Metrics | float]:
    """A generator of what a function reports.

    The function runs in a thread of its own, and only while the generator's caller waits for it: between
    two reports it stands still in `run.report`, as a generator does at its `yield`. Where the generator is
    closed, the report says that training is to end, and the close waits until the function has.
    """
    call = _Call(train, config, run)
    said, reported = call.begin(), False
    while isinstance(said, _Row):
        reported = True
        try:
            yield said.metrics
        except GeneratorExit:
            said = call.answer(False)
            break
        said = call.answer(True)
    assert isinstance(said, _End)  # noqa: S101
    if said.error is not None:
        raise said.error
    if not reported:
        if said.value is None:
            raise TypeError(f"{NOTHING_RETURNED} Or has it never come to report?")
        yield said.value


class _Call:
    """A function's call in its thread; one of the two threads waits for the other at any time."""

    def __init__(self, train: Callable[[Config, Run], Any], config: Config, run: Run) -> None:
        self._train, self._config, self._run = train, config, run
        self._said: SimpleQueue[_Row | _End] = SimpleQueue()
        self._answers: SimpleQueue[bool] = SimpleQueue()
        self._goes_on = True
        run._listener = self._hear

    def begin(self) -> _Row | _End:
        """Call the function; what it says first."""
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._call,), name="trainable", daemon=True).start()
        return self._wait()

    def answer(self, goes_on: bool) -> _Row | _End:
        """Let it go on, or end; what it says next."""
        self._answers.put(goes_on)
        return self._wait()

    def _wait(self) -> _Row | _End:
        try:
            return self._said.get()
        except BaseException:  # Ctrl-C, or the end of a try: nobody waits for the function any more
            self._goes_on = False
            self._answers.put(False)
            raise

    def _call(self) -> None:
        try:
            with limited_as_before():
                self._said.put(_End(self._train(self._config, self._run)))
        except Stop:
            self._said.put(_End())
        except BaseException as error:
            self._said.put(_End(error=error))

    def _hear(self, metrics: Metrics | float) -> bool:
        if self._goes_on:
            self._said.put(_Row(metrics))
            self._goes_on = self._answers.get()
        return self._goes_on


def reports(train: object) -> bool:
    """Whether a plain function calls `run.report`, itself or in what it calls of its own package.

    Its attribute `reports` says so, too. Otherwise it is read off its code: a call of something named
    `report`, or the use of anything in `sweeps.integrations`.
    """
    while isinstance(train, functools.partial):
        train = train.func
    said = getattr(train, "reports", None)
    if isinstance(said, bool):
        return said
    try:
        if train not in _known:
            _known[train] = _reports(train, _package(train), set())
        return _known[train]
    except TypeError:  # of a class without weak references, or whose objects cannot be compared
        return _reports(train, _package(train), set())


def _reports(thing: Any, package: str, seen: set[int]) -> bool:
    seen.add(id(thing))
    if not (inspect.isroutine(thing) or isinstance(thing, type)):
        thing = type(thing).__call__  # of a callable object
    code = getattr(inspect.unwrap(thing) if inspect.isfunction(thing) else thing, "__code__", None)
    if code is not None and _names_a_report(code):
        return True
    for _, part in contents(thing):
        if not callable(part):
            continue
        if _package(part, whole=True).startswith(_INTEGRATIONS):
            return True
        if id(part) not in seen and _package(part) == package and _reports(part, package, seen):
            return True
    return False


def _names_a_report(code: CodeType) -> bool:
    if "report" in code.co_names or any(name.startswith(_INTEGRATIONS) for name in code.co_names):
        return True
    return any(_names_a_report(each) for each in code.co_consts if isinstance(each, CodeType))


def _package(thing: Any, whole: bool = False) -> str:
    """Of the module that a function or a class is from."""
    module = str(getattr(thing, "__module__", None) or type(thing).__module__)
    return module if whole else module.partition(".")[0]
