"""Questions about a sweep, answered from its tables: one a file, each with figures and with `words`.

The questions are those of Google's Deep Learning Tuning Playbook (Godbole, Dahl, Gilmer, Shallue & Nado,
2023). Each function takes a `SweepResult`, be it running, over or without a single trial, and draws nothing.
"""

from sweeps.analysis.compare import Comparison, compare, ecdf_of, labels_of
from sweeps.analysis.forest import Ablation, Effects, Importance, ablation, effects, importance
from sweeps.analysis.next_step import NextStep, Step, next_step
from sweeps.analysis.on_ends import OnEnd
from sweeps.analysis.progress import Progress, progress
from sweeps.analysis.ranges import Edge, Ranges, elites_of, ranges
from sweeps.analysis.rungs import Rungs, rungs
from sweeps.analysis.search import Search, curves_of, objectives, sampled, search_of
from sweeps.analysis.split import Split
from sweeps.analysis.stop_or_go import StopOrGo, stop_or_go
from sweeps.analysis.surrogate_trust import SurrogateTrust, surrogate_trust
from sweeps.analysis.training_length import TrainingLength, training_length
from sweeps.analysis.waste import Waste, waste

__all__ = [
    "Ablation",
    "Comparison",
    "Edge",
    "Effects",
    "Importance",
    "NextStep",
    "OnEnd",
    "Progress",
    "Ranges",
    "Rungs",
    "Search",
    "Split",
    "Step",
    "StopOrGo",
    "SurrogateTrust",
    "TrainingLength",
    "Waste",
    "ablation",
    "compare",
    "curves_of",
    "ecdf_of",
    "effects",
    "elites_of",
    "importance",
    "labels_of",
    "next_step",
    "objectives",
    "progress",
    "ranges",
    "rungs",
    "sampled",
    "search_of",
    "stop_or_go",
    "surrogate_trust",
    "training_length",
    "waste",
]
