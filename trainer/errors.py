"""The errors a user meets: what was written where, the rule it breaks, and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

_LONGEST_VALUE = 80
_CLOSE, _LIKE = 0.6, 0.4  # ratios of equal letters: a slip of the pen, and something alike
_LONGEST_NAME = 60
_LONGEST_PLACE = 120


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
        place = f"{in_words(self.key, most=_LONGEST_PLACE)}: " if self.key else ""
        return f"{place}{shown(self.value)} {self.rule}" + (f"\n  fix: {self.fix}" if self.fix else "")

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception pickles its positional arguments alone; these may have been given by name.
        return type(self), (self.key, self.value, self.rule, self.fix)


class DataError(InputError):
    """The data cannot be loaded, or cannot be learnt from."""


class ConfigError(InputError):
    """A config that cannot be trained."""


class Unusable(ValueError):
    """Data that cannot be used, said by a stage that does not know where a spec names them.

    `trainer.load_data` turns it into a `DataError`, which does.

    Args:
        rule: What is wrong, as a clause that follows the name of the file or of the column.
        fix: What to do about it.
        about: Whether the labels are to blame, or the source as a whole.
    """

    def __init__(self, rule: str, fix: str, about: Literal["source", "labels"] = "source") -> None:
        super().__init__(rule, fix, about)
        self.rule, self.fix, self.about = rule, fix, about


def choices(valid: Iterable[object], given: object = None, most: int = 10) -> str:
    """A clause that lists what is valid, the nearest to what was given first.

    Of more than `most` names only these are shown: those that are near, then the first.

    >>> choices(["adam", "rmsprop"], "adm")
    'did you mean adam? Valid: adam, rmsprop'
    >>> choices(["gene_1", "gene_2", "gene_3", "label"], "lable", most=2)
    'did you mean label? Valid: label, gene_1 and 2 more'
    >>> choices(["Zip", "Label"], "LABEL")
    'did you mean Label? Valid: Zip, Label'
    """
    names = [str(name) for name in valid]
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


def in_words(text: object, most: int = _LONGEST_NAME) -> str:
    """A name or a library's message as part of a sentence: on one line, not too long, without escapes.

    Quoted where its ends or its characters would not be seen.

    >>> print(in_words("label"), in_words(" label"), in_words("x" * 9, most=4))
    label ' label' xxx…
    """
    words = str(text)
    plain = words.isprintable() and words == words.strip() and words
    if len(words) > most:
        words = words[: most - 1] + "…"
    return words if plain else repr(words)


def message(error: BaseException) -> str:
    """What a library says is wrong, on one line: its first 200 characters.

    >>> message(ValueError("torn\\n  at byte 7"))
    'torn at byte 7'
    """
    return in_words(" ".join(str(error).split()) or type(error).__name__, most=200)


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
