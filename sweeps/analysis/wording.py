"""Answers in words, and figures as part of a sentence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from html import escape

from sweeps.errors import in_words
from sweeps.space import Choice, Distribution, Fixed, Numeric


class Answer(ABC):
    """The answer to a question about a sweep: printed, it is its words."""

    @property
    @abstractmethod
    def words(self) -> str:
        """One or two plain sentences with figures."""

    def __str__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def percent(share: float) -> str:
    """A share in whole percents.

    >>> percent(0.256), percent(0.004), percent(0), percent(0.999)
    ('26 %', 'under 1 %', '0 %', '99.9 %')
    """
    if 0 < share < 0.005:
        return "under 1 %"
    return f"{100 * share:.1f} %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def and_list(names: Sequence[object]) -> str:
    """Names in a row.

    >>> and_list(["a", "b", "c"]), and_list(["a"])
    ('a, b and c', 'a')
    """
    said = [in_words(name, most=80) for name in names]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}" if said else ""


def values_in_words(kind: Distribution) -> str:
    """What a hyperparameter may be, without its scale.

    >>> from sweeps.space import Choice, LogIntUniform, LogUniform
    >>> values_in_words(LogUniform(1e-5, 1)), values_in_words(LogIntUniform(16, 256, step=8))
    ('1e-05 … 1', '16 … 256 in steps of 8')
    >>> values_in_words(Choice(["relu", None]))
    'relu, none'
    """
    if isinstance(kind, Fixed):
        return in_words(kind.value, most=80)
    if isinstance(kind, Choice):
        return ", ".join("none" if value is None else in_words(value, most=30) for value in kind.values)
    if not isinstance(kind, Numeric):
        return kind.kind
    step = f" in steps of {kind.step:g}" if kind.step not in (None, 1) else ""
    return f"{kind.low:.6g} … {kind.high:.6g}{step}"


def count(number: int, one: str, more: str) -> str:
    """A number and the word that goes with it.

    >>> count(1, "trial", "trials"), count(1200, "trial", "trials")
    ('1 trial', '1,200 trials')
    """
    return f"{number:,} {one if number == 1 else more}"
