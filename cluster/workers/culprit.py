"""Names the part of a trainable or its data that cannot be sent to a worker."""

from __future__ import annotations

from typing import Any

from ray import cloudpickle

from sweeps.execution.trainables.contents import contents

_DEEPEST = 8


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
