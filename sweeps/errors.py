"""The errors a user meets, each with the place, the value, the rule and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_LONGEST_VALUE = 80


@dataclass(eq=False)
class BadInput(ValueError):
    """Something the user wrote cannot be used; nothing was started.

    place: dotted path of what was wrong, such as ``space.learning_rate.log``.
    value: what was written there.
    rule: the rule it breaks, as a clause that follows the value.
    fix: what to do about it.
    """

    place: str
    value: Any
    rule: str
    fix: str = ""

    def within(self, parent: str) -> BadInput:
        """The same error seen from one level further out."""
        place = f"{parent}.{self.place}" if self.place else parent
        return BadInput(place, self.value, self.rule, self.fix)

    def __str__(self) -> str:
        missing = self.value is None and self.rule.startswith("is missing")
        shown = "" if missing else f"{_shorten(repr(self.value))} "
        lines = [f"{self.place}: {shown}{self.rule}"]
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class AllTrialsFailed(RuntimeError):
    """Every trial of the first round raised; carries the first traceback."""


class WorkersLost(RuntimeError):
    """No worker could be started, or they keep dying before they train anything."""


class Interrupted(KeyboardInterrupt):
    """The user stopped the sweep; what had finished is on disk."""

    def __init__(self, message: str = "interrupted; what had finished is on disk") -> None:
        super().__init__(message)


def choices(valid: Iterable[str], given: str | None = None) -> str:
    """A clause that lists what is valid, the nearest to what was given first.

    >>> choices(["adam", "momentum"], "adm")
    'did you mean adam? Valid: adam, momentum'
    """
    names = sorted(map(str, valid))
    near = difflib.get_close_matches(str(given), names, n=1) if given else []
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{hint}Valid: {', '.join(names)}"


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
