"""What users import: `sweeps` looks its names up here once one of them is used."""

from sweeps import analysis, events, plot, tracking
from sweeps.analysis.frames import concat
from sweeps.errors import AllTrialsFailed, BadInput, Interrupted, LogLost, WorkersLost
from sweeps.execution import Run
from sweeps.face import (
    adopt,
    nudge,
    panda,
    plan,
    refit,
    replay,
    replay_schedule,
    reproduce,
    resume,
    retune,
    run,
    stop,
    suggest,
)
from sweeps.reports import report
from sweeps.results import SweepResult, load
from sweeps.results.schedule import schedule_of
from sweeps.schedulers import (
    Asha,
    CoarseToFine,
    OptunaScheduler,
    PopulationSettings,
    PopulationTraining,
    RandomSearch,
    Scheduler,
    SobolSearch,
)
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
from sweeps.trial import Job, Outcome, Report

__all__ = [
    "AllTrialsFailed",
    "Asha",
    "BadInput",
    "Choice",
    "CoarseToFine",
    "Fixed",
    "IntUniform",
    "Interrupted",
    "Job",
    "LogIntUniform",
    "LogLost",
    "LogUniform",
    "OptunaScheduler",
    "Outcome",
    "PopulationSettings",
    "PopulationTraining",
    "RandomSearch",
    "Report",
    "ReverseLogUniform",
    "Run",
    "Scheduler",
    "SobolSearch",
    "Space",
    "SweepResult",
    "Uniform",
    "WorkersLost",
    "adopt",
    "analysis",
    "concat",
    "events",
    "load",
    "nudge",
    "panda",
    "plan",
    "plot",
    "refit",
    "replay",
    "replay_schedule",
    "report",
    "reproduce",
    "resume",
    "retune",
    "run",
    "schedule_of",
    "stop",
    "suggest",
    "tracking",
]
