"""The schedules by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from trainer.errors import ConfigError, choices
from trainer.schedules.cosine import Cosine
from trainer.schedules.exponential import Exponential, Step
from trainer.schedules.inverse_sqrt import InverseSqrtEpoch, InverseSqrtStep
from trainer.schedules.inverse_time import InverseTime
from trainer.schedules.schedule import Constant, Schedule
from trainer.schedules.warmup import WarmUp

SCHEDULES: Mapping[str, type[Schedule]] = {
    "constant": Constant,
    "inverse_time": InverseTime,
    "exponential": Exponential,
    "inverse_sqrt_epoch": InverseSqrtEpoch,
    "inverse_sqrt_step": InverseSqrtStep,
    "step": Step,
    "cosine": Cosine,
}


def build_schedule(name: str, hyperparameters: Mapping[str, float]) -> Schedule:
    """The named schedule of one model, under a warm-up where `warmup` is above 0.

    hyperparameters: by field name; those it has no use for are ignored, and `warmup` (epochs) may be
    missing. Raises `ConfigError` on an unknown name.
    """
    if name not in SCHEDULES:
        raise ConfigError("schedule", name, "is not a schedule", choices(SCHEDULES, name))
    kind = SCHEDULES[name]
    schedule = kind(**{field.name: hyperparameters[field.name] for field in fields(kind)})
    warmup = hyperparameters.get("warmup", 0)
    return WarmUp(schedule, warmup) if warmup > 0 else schedule
