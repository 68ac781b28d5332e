"""Alarms: what a learning curve shows before its trainer sees it, each with a reason and a proposed nudge."""

from sweeps.nudging.alarms.curve import Alarm, Curve
from sweeps.nudging.alarms.divergence import divergence
from sweeps.nudging.alarms.fit import overfitting, underfitting
from sweeps.nudging.alarms.pace import oscillation, plateau

ALARMS = (divergence, oscillation, overfitting, underfitting, plateau)
"""In the order of their weight: of several at one epoch, the first is told."""


def alarm_of(curve: Curve) -> Alarm | None:
    """The alarm that a curve gives at its last epoch; None where there is no reason for one."""
    return next((found for each in ALARMS if (found := each(curve)) is not None), None)


__all__ = ["ALARMS", "Alarm", "Curve", "alarm_of", "divergence", "oscillation", "overfitting", "plateau"]
__all__ += ["underfitting"]
