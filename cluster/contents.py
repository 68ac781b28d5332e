"""What a trainable or its data consist of: to name the part of them that cannot be sent to a worker."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from ray import cloudpickle

_DEEPEST = 8
_WIDEST = 1000


def culprit(thing: Any) -> str:
    """Names the innermost part of what cannot be pickled, and the way to it.

    Example:
        For a function `train` that uses a module's lock: "the global 'guard' of train is a lock".
    """
    place, part = "", thing
    seen: set[int] = set()
    for _ in range(_DEEPEST):
        seen.add(id(part))
        found = next(((how, p) for how, p in contents(part) if id(p) not in seen and not _travels(p)), None)
        if found is None:
            break
        how, part = found
        place = f"{how} of {place}" if place else how
    return f"{place} of {_name(thing)} is {_kind(part)}" if place else f"it is {_kind(part)}"


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


def _travels(thing: Any) -> bool:
    try:
        cloudpickle.dumps(thing)  # type: ignore[no-untyped-call]
    except Exception:  # whatever a class of the user's does when it is pickled
        return False
    return True


def _name(thing: Any) -> str:
    return getattr(thing, "__qualname__", None) or f"the {type(thing).__name__}"


def _kind(thing: Any) -> str:
    """Its type in words, with the module where that helps: "a lock", "a sqlite3.Connection"."""
    kind = type(thing)
    name = (
        kind.__qualname__
        if kind.__module__ in ("builtins", "_thread")
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    return f"a{'n' if name[:1].lower() in 'aeiou' else ''} {name}"
