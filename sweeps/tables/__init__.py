"""Tables: the run directory, written as the sweep runs and read back at any time."""

from sweeps.tables.best import Best
from sweeps.tables.checkpoints import Checkpoints
from sweeps.tables.result import SweepResult, load
from sweeps.tables.run_directory import RunDirectory, claimed
from sweeps.tables.summary import BestSummary, FinalistSummary, RegionSummary, Summary, summarize
from sweeps.tables.trials import TrialRow

__all__ = [
    "Best",
    "BestSummary",
    "Checkpoints",
    "FinalistSummary",
    "RegionSummary",
    "RunDirectory",
    "Summary",
    "SweepResult",
    "TrialRow",
    "claimed",
    "load",
    "summarize",
]
