"""Caviar: hyperparameter sweeps, coarse to fine, with every metric in plain tables."""

from sweeps.errors import AllTrialsFailed, BadInput, Interrupted, WorkersLost
from sweeps.execution import Run
from sweeps.face import run
from sweeps.scheduler import CoarseToFine, RandomSearch, Scheduler
from sweeps.space import (
    Choice,
    Fixed,
    IntUniform,
    LogIntUniform,
    LogUniform,
    ReverseLogUniform,
    Space,
    Uniform,
)
from sweeps.tables import SweepResult, load
from sweeps.trial import Job, Outcome, Report

__all__ = [
    "AllTrialsFailed",
    "BadInput",
    "Choice",
    "CoarseToFine",
    "Fixed",
    "IntUniform",
    "Interrupted",
    "Job",
    "LogIntUniform",
    "LogUniform",
    "Outcome",
    "RandomSearch",
    "Report",
    "ReverseLogUniform",
    "Run",
    "Scheduler",
    "Space",
    "SweepResult",
    "Uniform",
    "WorkersLost",
    "load",
    "run",
]
