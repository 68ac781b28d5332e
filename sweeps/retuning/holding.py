"""The space of a retune: that of the earlier sweep, so wide that the earlier winner lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput, shown
from sweeps.space import Choice, Config, Distribution, Fixed, Numeric, Space


def holding(space: Space, winner: Config, of: Path) -> tuple[Space, str]:
    """The space with what the winner has: a range that grew has given it, or choices were narrowed since.

    Args:
        space: The earlier sweep's, as it was last.
        winner: The earlier winner's config.
        of: The earlier sweep's folder, for the error.

    Returns:
        The space, and what is to be said of values that were left out of it on purpose; "" where none was.

    Raises:
        BadInput: No values make the winner a config of the space: it has other hyperparameters.
    """
    forms, left_out = space.to_yaml(), []
    for name, distribution, value in _outside(space, winner):
        forms[name] = _with(distribution, forms[name], value)
        if not isinstance(distribution, Numeric):
            left_out.append(f"{name}: {shown(value)}")
    wide = Space(forms)
    if wide.own(winner) is None:
        rule = "has a winner that is no config of the space it has now, and so cannot be tried again"
        fix = "start a sweep in that space on the new data: caviar run; its hyperparameters have changed"
        raise BadInput("run directory", str(of), rule, fix)
    if not left_out:
        return wide, ""
    what = ", ".join(left_out)
    return wide, f"the old winner lies outside the space as it was last, by {what}; it is tried all the same"


def _outside(space: Space, winner: Config) -> Iterator[tuple[str, Distribution, Any]]:
    for name, distribution in space.distributions.items():
        if name in winner and winner[name] not in distribution:
            yield name, distribution, winner[name]


def _with(distribution: Distribution, form: Any, value: Any) -> Any:
    """A distribution's form with a value more."""
    if isinstance(distribution, Numeric) and isinstance(value, int | float):
        ends = [min(distribution.low, value), max(distribution.high, value)]
        return {**form, distribution.kind: ends}
    if isinstance(distribution, Choice):
        return {**form, distribution.kind: [*form[distribution.kind], value]}
    if isinstance(distribution, Fixed):
        rest = {key: form[key] for key in ("when", "before") if isinstance(form, dict) and key in form}
        return {"choice": [distribution.value, value], **rest}
    return form
