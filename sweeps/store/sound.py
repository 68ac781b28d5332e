"""Whether an event that was read from a log can be one: types and sizes that every reader may rely on.

A checksum shows damage, and no more: whoever hands a folder on can write any number into it. A count that no
report can have would be a loop or an array of that length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sweeps.events import Event, JobReported, Nudged
from sweeps.nudges import WHATS, Nudge, Pending
from sweeps.observation import Observation
from sweeps.trial import Change, Job, Outcome, Region, Round

Check: TypeAlias = Callable[[Any], bool]

_LARGEST = 2**53  # what any reader of JSON keeps exactly
_LATEST = 1e11  # seconds since 1970: the year 5138
_MOST_EPOCHS = 1_000_000  # in one report that has no metrics at all, which its length would show


def find_fault(event: Event) -> str | None:
    """What an event cannot be, in words; None where it can be."""
    fault = _fault(event)
    if fault is None and isinstance(event, Nudged):
        return _fault_of_nudge(event.nudge)
    if fault is None and isinstance(event, JobReported):
        return _miscounted(event)
    return fault


def _miscounted(event: JobReported) -> str | None:
    lengths = {len(column) for column in event.rows.values()}
    if lengths - {event.count} or (not lengths and event.count > _MOST_EPOCHS):
        return f"count {event.count} is not how many epochs it has"
    return (
        f"count {event.count} is more than its {event.epochs} epochs" if event.count > event.epochs else None
    )


def _is_pending(given: Any) -> bool:
    return isinstance(given, Pending) and _fault(given) is None


def _fault_of_nudge(nudge: Nudge) -> str | None:
    for name, value in vars(nudge).items():
        check = _or_none(_whole) if name in ("branch", "epoch", "of") else _CHECKS[name]
        if not check(value):
            return f"its {name} cannot be that"
    return None


def _fault(thing: object) -> str | None:
    for name, value in vars(thing).items():
        if not _CHECKS[name](value):
            return f"its {name} cannot be that"
    return None


def _is_sound(*kinds: type) -> Check:
    return lambda given: isinstance(given, kinds) and _fault(given) is None


def _all(check: Check) -> Check:
    return lambda given: isinstance(given, list | tuple) and all(map(check, given))


def _or_none(check: Check) -> Check:
    return lambda given: given is None or check(given)


def _whole(given: Any) -> bool:
    return type(given) is int and 0 <= given <= _LARGEST


def _seed(given: Any) -> bool:
    return type(given) is int and abs(given) < 2**63


def _number(given: Any) -> bool:
    return type(given) is float or (type(given) is int and abs(given) <= _LARGEST)


def _seconds(given: Any) -> bool:
    return _number(given) and 0 <= given <= _LATEST


def _text(given: Any) -> bool:
    return isinstance(given, str)


def _config(given: Any) -> bool:
    return isinstance(given, dict) and all(map(_value, given.values()))


def _value(given: Any) -> bool:
    if isinstance(given, list | tuple):
        return all(map(_value, given))
    return given is None or isinstance(given, str | bool | int | float)


def _earlier(given: Any) -> bool:
    return len(given) == 2 and _whole(given[0]) and (given[1] is None or _number(given[1]))


def _parent(given: Any) -> bool:
    return isinstance(given, tuple) and len(given) == 2 and all(map(_whole, given))


def _rows(given: Any) -> bool:
    return isinstance(given, Mapping) and all(map(_column, given.values()))


def _column(given: Any) -> bool:
    if not isinstance(given, list | tuple):
        return False
    kinds = set(map(type, given)) - {float, type(None)}
    return not kinds or (kinds == {int} and all(map(_or_none(_number), given)))


_CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(("trial", "epoch", "epochs", "count", "capacity", "start", "index"), _whole),
    **dict.fromkeys(("pid", "attempt", "first_round", "elites"), _whole),
    **dict.fromkeys(("time", "seconds", "started"), _seconds),
    **dict.fromkeys(("objective", "recent", "low", "high"), _or_none(_number)),
    **dict.fromkeys(("host", "code", "data", "folder", "spec", "why", "worker", "how", "text"), _text),
    **dict.fromkeys(("hyperparameter", "reason", "author"), _text),
    **dict.fromkeys(("best_epoch", "repeats", "replaces", "stop"), _or_none(_whole)),
    "round": lambda given: _whole(given) or _is_sound(Round)(given),
    "error": _or_none(_text),
    "seed": _or_none(_seed),
    **dict.fromkeys(("finals", "measured"), lambda given: isinstance(given, bool)),
    "outcome": lambda given: isinstance(given, Outcome),
    "versions": lambda given: isinstance(given, dict) and all(map(_text, given.values())),
    **dict.fromkeys(("config", "before"), _config),
    "nudge": lambda given: isinstance(given, Nudge),
    "what": lambda given: given in WHATS,
    "name": _text,
    "refused": _or_none(_text),
    "pending": _or_none(_is_pending),
    **dict.fromkeys(("paused", "left"), lambda given: isinstance(given, bool)),
    "notes": _all(lambda note: len(note) == 2 and all(map(_text, note))),
    "forks": _all(lambda nudge: isinstance(nudge, Nudge) and _fault_of_nudge(nudge) is None),
    "parent": _or_none(_parent),
    "change": _or_none(_is_sound(Change)),
    "worth": lambda given: isinstance(given, dict) and all(map(_number, given.values())),
    "rows": _rows,
    "jobs": _all(_is_sound(Job)),
    "observed": _all(_is_sound(Observation)),
    "earlier": _all(_earlier),
    "regions": _all(_is_sound(Region)),
}
