"""Schedules: the learning rate of one model over its updates."""

from trainer.schedules.build import SCHEDULES, build_schedule
from trainer.schedules.cosine import Cosine
from trainer.schedules.exponential import Exponential, Step
from trainer.schedules.inverse_sqrt import InverseSqrtEpoch, InverseSqrtStep
from trainer.schedules.inverse_time import InverseTime
from trainer.schedules.schedule import Constant, Schedule
from trainer.schedules.warmup import WarmUp

__all__ = [
    "SCHEDULES",
    "Constant",
    "Cosine",
    "Exponential",
    "InverseSqrtEpoch",
    "InverseSqrtStep",
    "InverseTime",
    "Schedule",
    "Step",
    "WarmUp",
    "build_schedule",
]
