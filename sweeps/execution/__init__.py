"""Execution: trainables, one job in training, and the executors' seam."""

from sweeps.execution.divergence import DIVERGED
from sweeps.execution.executor import Executor, Lost
from sweeps.execution.job_run import NEVER_RESTORES, Habits, JobRun, Workload
from sweeps.execution.packing.group import key_of
from sweeps.execution.packing.turns import Turns
from sweeps.execution.serial import SerialExecutor, pickled
from sweeps.execution.threads import limited_threads
from sweeps.execution.trainables.command import Command
from sweeps.execution.trainables.importing import import_path, import_trainable
from sweeps.execution.trainables.pack import Pack, Packing, packs
from sweeps.execution.trainables.run import Run
from sweeps.execution.trainables.trainable import RESERVED, Trainable, has_epochs, prepare, traceback_text

__all__ = [
    "DIVERGED",
    "NEVER_RESTORES",
    "RESERVED",
    "Command",
    "Executor",
    "Habits",
    "JobRun",
    "Lost",
    "Pack",
    "Packing",
    "Run",
    "SerialExecutor",
    "Trainable",
    "Turns",
    "Workload",
    "has_epochs",
    "import_path",
    "import_trainable",
    "key_of",
    "limited_threads",
    "packs",
    "pickled",
    "prepare",
    "traceback_text",
]
