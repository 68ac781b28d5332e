"""The errors a user meets, each with the place, the value, the rule and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_LONGEST_VALUE = 80
_CLOSE, _LIKE = 0.6, 0.4  # ratios of equal letters: a slip of the pen, and something alike
_LONGEST_NAME = 60
_LONGEST_PLACE = 120
_OF_NOTHING = ("is missing", "changes nothing", "was refused")  # rules of what has no value


@dataclass(eq=False)
class BadInput(ValueError):
    """Something the user wrote cannot be used; nothing was started.

    Attributes:
        place: The dotted path of what was wrong, such as ``space.learning_rate.log``.
        value: What was written there.
        rule: The rule it breaks, as a clause that follows the value.
        fix: What to do about it.

    Examples:
        >>> print(BadInput("trials", 0, "must be 1 or more", "write trials: 64"))
        trials: 0 must be 1 or more
          fix: write trials: 64
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
        nothing = self.value is None and self.rule.startswith(_OF_NOTHING)
        value = "" if nothing else f"{shown(self.value)} "
        place = f"{in_words(self.place, most=_LONGEST_PLACE)}: " if self.place else ""
        return f"{place}{value}{self.rule}" + (f"\n  fix: {self.fix}" if self.fix else "")

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception pickles its positional arguments alone; these may have been given by name.
        return type(self), (self.place, self.value, self.rule, self.fix)


class AllTrialsFailed(RuntimeError):
    """Every trial of the first round raised; carries the first traceback."""


class WorkersLost(RuntimeError):
    """No worker could be started, or they keep dying before they train anything."""


class LogLost(Exception):
    """The log, or in the end the tables, could not be written for too long; the sweep can be resumed."""


class Interrupted(KeyboardInterrupt):
    """The user stopped the sweep; what had finished is on disk."""

    def __init__(self, message: str = "interrupted; what had finished is on disk") -> None:
        super().__init__(message)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of it: where the sweep was just then says nothing."""
        return [f"{type(self).__name__}: {self}"]


def choices(valid: Iterable[object], given: object = None, most: int = 10) -> str:
    """A clause that lists what is valid in order, the nearest to what was given first.

    Of more than `most` names only these are shown: those that are near, then the first.

    Args:
        valid: The names.
        given: What was written instead.
        most: How many names to show.

    Returns:
        A clause for the fix of a `BadInput`.

    Examples:
        >>> choices(["momentum", "adam"], "adm")
        'did you mean adam? Valid: adam, momentum'
        >>> choices(["x3", "x2", "x1", "label"], "lable", most=2)
        'did you mean label? Valid: label, x1 and 2 more'
    """
    names = sorted(map(str, valid))
    near = _nearest(names, given, most)
    close = near and _nearest(near[:1], given, 1, _CLOSE)
    hint = f"did you mean {in_words(near[0])}? " if close else ""
    if len(names) > most:
        names = [*dict.fromkeys(near), *(name for name in names if name not in near)]
    return f"{hint}Valid: {shortened(names, most)}"


def _nearest(names: Iterable[str], given: object, most: int, cutoff: float = _LIKE) -> list[str]:
    """Of these names those that are like what was given, in whatever case, the nearest first."""
    if given is None:
        return []
    folded: dict[str, list[str]] = {}
    for name in names:
        folded.setdefault(name.casefold(), []).append(name)
    found = difflib.get_close_matches(str(given).casefold(), folded, n=most, cutoff=cutoff)
    return [name for each in found for name in folded[each]]


def shortened(items: Iterable[object], most: int = 5) -> str:
    """The first few items in words.

    >>> shortened("abcd", most=2)
    'a, b and 2 more'
    """
    names = [str(item) for item in items]
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(in_words, names[:most])) + rest


def last_line(error: str | None) -> str:
    """The last line that is not empty, which in a traceback says what was raised; "" where there is none."""
    return next((line.strip() for line in reversed((error or "").splitlines()) if line.strip()), "")


def in_words(text: object, most: int = _LONGEST_NAME) -> str:
    """A name as part of a sentence: on one line, not too long, without escapes.

    Quoted where its ends or its characters would not be seen.

    >>> print(in_words("label"), in_words(" label"), in_words("x" * 9, most=4))
    label ' label' xxx…
    """
    words = str(text)
    plain = words.isprintable() and words == words.strip() and words
    if len(words) > most:
        words = words[: most - 1] + "…"
    return words if plain else repr(words)


def shown(value: object) -> str:
    """A value as a user would recognise it: on one line, its first 80 characters, without escapes.

    >>> print(shown(range(3)), shown("x" * 5000))
    range(0, 3) 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = f"<{type(value).__name__}>"
    text = text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
