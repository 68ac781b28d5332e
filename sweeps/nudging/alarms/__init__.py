"""Alarms: what a learning curve shows before its trainer sees it, each with a reason and a proposed nudge."""

from collections.abc import Collection

from sweeps.nudging.alarms.curve import Alarm, Curve
from sweeps.nudging.alarms.divergence import divergence
from sweeps.nudging.alarms.fit import overfitting, underfitting
from sweeps.nudging.alarms.layers import DEAD_UNITS, dead_units, exploding, vanishing
from sweeps.nudging.alarms.pace import oscillation, plateau

ALARMS = (divergence, exploding, dead_units, vanishing, oscillation, overfitting, underfitting, plateau)
"""In the order of their weight: of several at one epoch, the first is told."""


def alarm_of(curve: Curve, told: Collection[str] = ()) -> Alarm | None:
    """The alarm that a curve gives at its last epoch; None where there is no reason for one.

    told: the kinds that were told. Units stay dead, and once this is known, there may be more to say.
    """
    rings = (each for each in ALARMS if not (each is dead_units and DEAD_UNITS in told))
    return next((found for each in rings if (found := each(curve)) is not None), None)


__all__ = ["ALARMS", "Alarm", "Curve", "alarm_of", "dead_units", "divergence", "exploding", "oscillation"]
__all__ += ["overfitting", "plateau", "underfitting", "vanishing"]
