"""The key `objective` of a spec: which of its epochs a trial is compared by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from sweeps.errors import BadInput, choices

Kind: TypeAlias = Literal["best", "last", "mean_of_last"]

_MEAN: Kind = "mean_of_last"
_FIX = "write objective: best, objective: last, or objective: {mean_of_last: 3}"


@dataclass(frozen=True)
class ObjectiveRule:
    """How a trial's objective comes from the metric's values, one per epoch.

    Attributes:
        kind: "best" for the best value so far, "last" for the last epoch's, "mean_of_last" for the mean of
            the last `k` epochs, which a single lucky epoch does not win.
        k: over how many epochs the mean is; 1 for the other kinds.

    Raises:
        BadInput: on another kind, or a `k` that is no whole number from 1 on.

    Examples:
        >>> ObjectiveRule("mean_of_last", 2).to_yaml()
        {'mean_of_last': 2}
    """

    kind: Kind = "best"
    k: int = 1

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise BadInput("kind", self.kind, "is no rule for an objective", choices(get_args(Kind)))
        if isinstance(self.k, bool) or not isinstance(self.k, int) or self.k < 1:
            raise BadInput(self.kind, self.k, "must be a whole number of epochs, from 1 on", _FIX)
        if self.kind != _MEAN and self.k != 1:
            raise BadInput(self.kind, self.k, "is of one epoch", "write mean_of_last for a mean over several")

    def to_yaml(self) -> Any:
        """The form a spec file holds; `as_objective` reads it back."""
        return {_MEAN: self.k} if self.kind == _MEAN else self.kind


def as_objective(form: Any) -> ObjectiveRule:
    """The rule from ``best``, ``last`` or ``{mean_of_last: k}``.

    Raises:
        BadInput: with places such as ``objective.mean_of_last``.
    """
    if isinstance(form, ObjectiveRule):
        return form
    if form == _MEAN:
        raise BadInput("objective", form, "does not say of how many epochs", _FIX)
    if form in ("best", "last"):
        return ObjectiveRule(form)
    if isinstance(form, Mapping) and list(form) == [_MEAN]:
        try:
            return ObjectiveRule(_MEAN, form[_MEAN])
        except BadInput as error:
            raise error.within("objective") from None
    word = form if isinstance(form, str) else next(iter(form), None) if isinstance(form, Mapping) else None
    fix = f"{choices(get_args(Kind), word)}; {_FIX}" if isinstance(word, str) else _FIX
    raise BadInput("objective", form, "is no rule for an objective", fix)
