"""Panda: one model, babysat. What a person asks is checked, decided, and handed to the scheduler."""

from sweeps.nudging.alarms.watch import AlarmWatch
from sweeps.nudging.asking import check_panda, deciding_by_log, parsed_values
from sweeps.nudging.deciding import Deciding, lineage
from sweeps.nudging.taking import REFUSED, Taking, in_words
from sweeps.nudging.values import Rules, changed, described, said

__all__ = [
    "REFUSED",
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
    "parsed_values",
    "said",
]
