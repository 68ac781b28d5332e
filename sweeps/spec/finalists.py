"""The key `finalists` of a spec: how many of the best configs are trained again, and on how many seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sweeps.errors import BadInput, choices

_MOST_SEEDS = 1000
_FIX = "write finalists: {top: 3, seeds: 3}, finalists: 5 for the best five, or finalists: false for none"


@dataclass(frozen=True)
class Finalists:
    """top: how many configs are trained again, 0 for none. seeds: on how many fresh seeds each is.

    Raises `BadInput` on anything but whole numbers, from 0 and from 1 on.
    """

    top: int = 3
    seeds: int = 3

    def __post_init__(self) -> None:
        _check_count("top", self.top, least=0)
        _check_count("seeds", self.seeds, least=1)
        if self.seeds > _MOST_SEEDS:
            raise BadInput("seeds", self.seeds, f"must be {_MOST_SEEDS} at most", _FIX)

    def to_yaml(self) -> Any:
        """The form a spec file holds; `as_finalists` reads it back."""
        return vars(self) if self.top else False


def as_finalists(form: Any) -> Finalists:
    """From ``{top: 3, seeds: 3}``, either of them alone, a number of configs, 0 for none, true or false.

    Raises `BadInput` with places such as ``finalists.top``.
    """
    if isinstance(form, Finalists):
        return form
    if isinstance(form, bool):
        return Finalists() if form else Finalists(top=0)
    if isinstance(form, int) and form >= 0:
        return Finalists(top=form)
    if not isinstance(form, Mapping):
        rule = "is neither a number of configs, nor top and seeds, nor true or false"
        raise BadInput("finalists", form, rule, _FIX)
    try:
        return Finalists(**_known(form))
    except BadInput as error:
        raise error.within("finalists") from None


def _known(form: Mapping[Any, Any]) -> dict[str, Any]:
    names = [field.name for field in fields(Finalists)]
    for key, value in form.items():
        if key not in names:
            rule = "stands under a key that finalists do not have"
            raise BadInput(str(key), value, rule, choices(names, str(key)))
    if form.get("top") == 0 and type(form["top"]) is int:
        raise BadInput("top", 0, "must be a whole number from 1 on", "write finalists: false for none")
    return dict(form)


def _check_count(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadInput(name, value, f"must be a whole number from {least} on", _FIX)
