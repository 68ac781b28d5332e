"""Results: a sweep read back from its folder, during the run, after a crash, or at the end."""

from sweeps.results.best import Best
from sweeps.results.result import SweepResult, load
from sweeps.results.summary import BestSummary, FinalistSummary, RegionSummary, Summary, summarize

__all__ = [
    "Best",
    "BestSummary",
    "FinalistSummary",
    "RegionSummary",
    "Summary",
    "SweepResult",
    "load",
    "summarize",
]
