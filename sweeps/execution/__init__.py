"""Execution: trainables, one job in training, and the executors' seam."""

from sweeps.execution.executor import Executor
from sweeps.execution.importing import import_path, import_trainable
from sweeps.execution.job_run import DIVERGED, RESERVED, JobRun, Workload
from sweeps.execution.serial import SerialExecutor
from sweeps.execution.trainable import Run, Trainable, has_epochs

__all__ = [
    "DIVERGED",
    "RESERVED",
    "Executor",
    "JobRun",
    "Run",
    "SerialExecutor",
    "Trainable",
    "Workload",
    "has_epochs",
    "import_path",
    "import_trainable",
]
