"""Divergence that is coming: the training loss climbs away from where it was, or the gradient does."""

from __future__ import annotations

import numpy as np

from sweeps.nudging.alarms.curve import Alarm, Curve, jitter

_CLIMB = 1.25  # times its least, in two epochs of rise …
_LEAP = 4.0  # … or so many times in one
_GRADIENT = 4.0  # times its median, while the loss rises
_NOISES = 5.0  # that the climb is above the curve's own noise


def divergence(curve: Curve) -> Alarm | None:
    """The training loss rises in a way that noise does not explain.

    Of the training data, since a validation loss that rises alone is overfitting.
    """
    train = curve.train
    if len(train) < 3:
        return None
    if not np.isfinite(train[-1]):
        return _alarm(curve, "the loss is no finite number")
    least = int(np.nanargmin(train))
    climb, rise = train[-1] / max(train[least], 1e-12), train[-1] - train[-2]
    if least == len(train) - 1 or train[-1] - train[least] <= _NOISES * jitter(train[: least + 1]):
        return None
    twice = rise > 0 and train[-2] > train[-3] and climb > _CLIMB
    said = f"the training loss is {climb:.3g} times its least, of epoch {curve.first + least}"
    if twice or climb > _LEAP:
        return _alarm(curve, f"{said}, and rises", least)
    if len(curve.gradient) >= 3 and rise > 0 and climb > 1.1:
        times = curve.gradient[-1] / max(float(np.median(curve.gradient)), 1e-12)
        if times > _GRADIENT:
            return _alarm(curve, f"{said}, and the gradient {times:.3g} times its median", least)
    return None


def _alarm(curve: Curve, reason: str, least: int | None = None) -> Alarm:
    rollback = None if least is None else curve.first + least
    return curve.alarm("divergence", reason, {"learning_rate": "/3"}, rollback)
