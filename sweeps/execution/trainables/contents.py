"""What a trainable or its data consist of."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

_WIDEST = 1000


def contents(thing: Any) -> Iterator[tuple[str, Any]]:
    """The parts of an object, each with its name in it."""
    if isinstance(thing, functools.partial):
        yield "the function", thing.func
        yield from ((f"argument {i}", value) for i, value in enumerate(thing.args))
        yield from ((f"the argument {name!r}", value) for name, value in thing.keywords.items())
    elif inspect.ismethod(thing):
        yield "the object", thing.__self__
        yield "the function", thing.__func__
    elif inspect.isfunction(thing):
        yield from _contents_of_function(thing)
    elif isinstance(thing, Mapping):
        yield from ((f"[{key!r}]", value) for key, value in list(thing.items())[:_WIDEST])
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from ((f"[{i}]", value) for i, value in enumerate(list(thing)[:_WIDEST]))
    elif isinstance(thing, type):
        yield from (
            (f"the attribute {name!r}", value) for name, value in vars(thing).items() if callable(value)
        )
    elif not isinstance(thing, ModuleType):
        yield from (
            (f"the attribute {name!r}", value) for name, value in getattr(thing, "__dict__", {}).items()
        )
        slots = getattr(type(thing), "__slots__", ())
        for name in [slots] if isinstance(slots, str) else slots:
            if hasattr(thing, name):
                yield f"the attribute {name!r}", getattr(thing, name)


def _contents_of_function(function: Any) -> Iterator[tuple[str, Any]]:
    try:
        used = inspect.getclosurevars(function)
    except (TypeError, ValueError):  # a closure with a cell that is empty still
        return
    yield from ((f"the variable {name!r}", value) for name, value in used.nonlocals.items())
    yield from ((f"the global {name!r}", value) for name, value in used.globals.items())
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    yield from (("a default", value) for value in defaults)
