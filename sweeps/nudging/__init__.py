"""Panda: one model, babysat. What a person asks is checked, decided, and handed to the scheduler."""

from sweeps.nudging.alarms.watch import AlarmWatch
from sweeps.nudging.asking import check_panda, deciding_by_log, parsed_values
from sweeps.nudging.deciding import Deciding, lineage
from sweeps.nudging.standing import observed_branches
from sweeps.nudging.taking import Taking, in_words, refusal
from sweeps.nudging.values import Rules, changed, described, said

__all__ = [
    "AlarmWatch",
    "Deciding",
    "Rules",
    "Taking",
    "changed",
    "check_panda",
    "deciding_by_log",
    "described",
    "in_words",
    "lineage",
    "observed_branches",
    "parsed_values",
    "refusal",
    "said",
]
