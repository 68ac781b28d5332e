"""Chances: nothing is wrong, and another learning rate would use the epochs that are left better."""

from __future__ import annotations

import math

import numpy as np

from sweeps.nudging.alarms.curve import Alarm, Curve, Values

_EPOCHS = 5  # at least, whose falls are held against each other
_STEADY = 0.6  # of the largest fall: at a good rate the last ones are much smaller
_QUICK = 0.5  # of the loss's logarithm in an epoch: no rate needs to be faster
_VERY_SLOW = 0.2  # of the same
_UNLEARNED = 0.3  # of the loss at the start: beneath it the first phase is over
_FITTED = 0.7  # of the validation loss: beneath it a larger rate would learn by heart
_LAST = 0.2  # of the promised epochs are the last ones
_WAIT = 4  # epochs between two coolings
_FALLS = 0.03  # of the level: a validation loss that gains more in six epochs goes on without help


def slow(curve: Curve) -> Alarm | None:
    """Both losses fall from epoch to epoch at one pace, with most of the way to go: take larger steps.

    At a good rate the first epochs go most of the way, and each falls less than the one before.
    """
    if len(curve.train) < _EPOCHS or not curve.whole or curve.epoch <= _number(curve, "warmup"):
        return None
    far = curve.train[-1] >= _UNLEARNED * curve.start  # not so where the start is not known
    if not far or curve.train[-1] < _FITTED * curve.validation[-1]:
        return None
    paces = [_steady_pace(values) for values in (curve.train, curve.validation)]
    if not all(0 < pace < _QUICK for pace in paces):
        return None
    rate = _number(curve, "learning_rate")
    factor = next((times for times in _factors(paces[0]) if rate * times < curve.given_up), None)
    if factor is None:
        return None
    reason = f"the training loss falls by {1 - math.exp(-paces[0]):.0%} in each epoch and does not slow down"
    return curve.alarm("slow", reason, {"learning_rate": f"*{factor}"})


def cool_down(curve: Curve) -> Alarm | None:
    """The last of the promised epochs, and the validation loss stands still or jumps: let it settle."""
    if not 0 < curve.left <= _LAST * curve.promised or len(curve.train) < _WAIT or not curve.whole:
        return None
    last = curve.validation[-6:]
    half = len(last) // 2
    if np.median(last[:half]) - np.median(last[-half:]) > _FALLS * abs(np.median(last)):
        return None
    reason = f"{curve.left} of {curve.promised} epochs are left, and the validation loss no longer falls"
    return curve.alarm("cool down", reason, {"learning_rate": "/3"})


def _factors(pace: float) -> tuple[int, ...]:
    """What to try, the largest first: the pace grows about as the rate does."""
    return (10, 3) if pace < _VERY_SLOW else (3,)


def _steady_pace(values: Values) -> float:
    """How much the logarithm falls in an epoch now; 0 where it does not always, or less and less."""
    if values.min() <= 0:
        return 0.0
    falls = -np.diff(np.log(values))
    last = falls[-2:].mean()
    return float(last) if falls.min() > 0 and last >= _STEADY * falls.max() else 0.0


def _number(curve: Curve, name: str) -> float:
    held = curve.config.get(name)
    return float(held) if isinstance(held, int | float) else 0.0
