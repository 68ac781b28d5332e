"""What a sweep does where its user says nothing: for spec files, `sweeps.run` and the template alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sweeps.spec.finalists import Finalists
from sweeps.spec.limits import Limits
from sweeps.spec.objective import ObjectiveRule
from sweeps.spec.resources import Resources


@dataclass(frozen=True)
class Defaults:
    """A default for each key of a spec that has one; `SweepSpec` says what the keys mean.

    Examples:
        >>> DEFAULTS.trials, DEFAULTS.finalists
        (64, Finalists(top=3, seeds=3))
    """

    name: str = "sweep"
    trainable: str = "mlp"
    metric: str = "val_loss"
    mode: Literal["min", "max"] = "min"
    trials: int = 64
    epochs: int = 27
    finalists: Finalists = Finalists()  # noqa: RUF009 - frozen
    objective: ObjectiveRule = ObjectiveRule()  # noqa: RUF009 - frozen
    limits: Limits = Limits()  # noqa: RUF009 - frozen
    retries: int = 0
    seed: int = 0
    scheduler: str = "coarse_to_fine"
    extend: bool = False
    deterministic: bool = False
    workers: int | None = None  # as many as fit
    resources: Resources = Resources()  # noqa: RUF009 - frozen
    device: str = "cpu"


DEFAULTS = Defaults()
