"""The key `retune` of a spec, which `caviar retune` writes: whose winner is tried again, at what cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sweeps.errors import BadInput, choices

_FIX = "leave it out: `caviar retune runs/old` writes it"


@dataclass(frozen=True)
class Retuning:
    """What a sweep that tries an earlier winner again knows of the earlier one.

    of: the earlier sweep's folder. elites: how many of the first configs in start_with are its best, the
    winner first. seeds: on how many fresh seeds a rival is held against the winner at most. epochs: what the
    check is to cost; it may cost more where a rival is ahead. noise: the standard deviation over seeds of one
    training, as the earlier finals had it; 0 where there were none. spread: one and a half deviations of the
    earlier best; a smaller lead than that, any further search would bring. growth: how far losses fell from
    rung to rung in the earlier sweep, see `sweeps.schedulers.retune.growth`. old_epochs: what the earlier
    sweep cost. after: how many epochs a search may cost where the winner has lost, and extend: whether its
    ranges may grow. search: whether the check is over, and that search goes on.

    Raises `BadInput` on numbers that cannot be.
    """

    of: str
    elites: int
    seeds: int = 5
    epochs: int = 1
    noise: float = 0.0
    spread: float = 0.0
    growth: Sequence[Sequence[float]] = ()
    old_epochs: int = 0
    after: int = 0
    extend: bool = False
    search: bool = False

    def __post_init__(self) -> None:
        for name, least in (("elites", 1), ("seeds", 3), ("epochs", 1), ("old_epochs", 0), ("after", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise BadInput(name, value, f"must be a whole number from {least} on", _FIX)
        for name, number in (("noise", self.noise), ("spread", self.spread)):
            if not isinstance(number, int | float) or not (math.isfinite(number) and number >= 0):
                raise BadInput(name, number, "must be a number from 0 on", _FIX)

    def to_yaml(self) -> dict[str, Any]:
        """The form a spec file holds; `as_retuning` reads it back."""
        return {**vars(self), "growth": [list(step) for step in self.growth]}


def as_retuning(form: Any) -> Retuning | None:
    """From a spec's form. Raises `BadInput` with places such as ``retune.seeds``."""
    if form is None or isinstance(form, Retuning):
        return form
    if not isinstance(form, Mapping) or not {"of", "elites"} <= {*form}:
        raise BadInput("retune", form, "is not what `caviar retune` writes", _FIX)
    names = [field.name for field in fields(Retuning)]
    for key, value in form.items():
        if key not in names:
            rule = "stands under a key that retune does not have"
            raise BadInput(f"retune.{key}", value, rule, choices(names, str(key)))
    try:
        return Retuning(**form)
    except BadInput as error:
        raise error.within("retune") from None
