"""Alarms: what a learning curve shows before its trainer sees it, each with a reason and a proposed nudge."""

from sweeps.nudging.alarms.chances import cool_down, slow
from sweeps.nudging.alarms.curve import Alarm, Curve
from sweeps.nudging.alarms.divergence import divergence
from sweeps.nudging.alarms.fit import overfitting, underfitting, variance
from sweeps.nudging.alarms.pace import oscillation, plateau, roughness

ALARMS = (
    *(divergence, oscillation, overfitting, roughness, variance, underfitting, plateau),
    *(slow, cool_down),
)
"""In the order of their weight: of several at one epoch, the first is told."""


def alarm_of(curve: Curve) -> Alarm | None:
    """The alarm that a curve gives at its last epoch; None where there is no reason for one."""
    return next((found for each in ALARMS if (found := each(curve)) is not None), None)


__all__ = ["ALARMS", "Alarm", "Curve", "alarm_of", "cool_down", "divergence", "oscillation", "overfitting"]
__all__ += ["plateau", "roughness", "slow", "underfitting", "variance"]
