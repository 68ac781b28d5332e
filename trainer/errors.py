"""The errors a user meets: what was written where, the rule it breaks, and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_LONGEST_VALUE = 80


@dataclass(eq=False)
class InputError(ValueError):
    """Something that was asked for cannot be used.

    key: the name of the option that is wrong, such as "path"; "" for the whole.
    value: what was given.
    rule: the rule it breaks, as a clause that follows the value.
    fix: what to do about it.
    """

    key: str
    value: Any
    rule: str
    fix: str = ""

    def __str__(self) -> str:
        shown = repr(self.value)
        if len(shown) > _LONGEST_VALUE:
            shown = shown[: _LONGEST_VALUE - 1] + "…"
        place = f"{self.key}: " if self.key else ""
        return f"{place}{shown} {self.rule}" + (f"\n  fix: {self.fix}" if self.fix else "")

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception pickles its positional arguments alone; these may have been given by name.
        return type(self), (self.key, self.value, self.rule, self.fix)


class DataError(InputError):
    """The data cannot be loaded, or cannot be learnt from."""


class ConfigError(InputError):
    """A config that cannot be trained."""


def choices(valid: Iterable[object], given: object = None) -> str:
    """A clause that lists what is valid, the nearest to what was given first.

    >>> choices(["adam", "rmsprop"], "adm")
    'did you mean adam? Valid: adam, rmsprop'
    """
    names = [str(name) for name in valid]
    near = difflib.get_close_matches(str(given), names, n=1) if given is not None else []
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{hint}Valid: {', '.join(names)}"


def shortened(items: Iterable[object], most: int = 5) -> str:
    """The first few items in words.

    >>> shortened("abcd", most=2)
    'a, b and 2 more'
    """
    names = [str(item) for item in items]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
