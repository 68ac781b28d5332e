"""How well the model fits: better and better what it is trained on alone, or nothing well."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sweeps.nudging.alarms.curve import Alarm, Curve, jitter, swing_of

_RISE = 0.03  # of the validation loss above its least
_FALL = 0.03  # of the training loss meanwhile
_SINCE = 4  # epochs since the least, at least
_SMOOTH = 3  # epochs that are averaged
_UNLEARNED = 0.6  # of the loss at the start: what is above it has hardly been learned
_SLOW = 0.04  # of the level: less gain in the last epochs is slow
_GAP = 0.1  # between the losses
_JUMPS = 0.002  # of the level: noise of a training loss that learns nothing
_WINDOW = 6  # epochs in which variance is told
_APART = 0.6  # of the validation loss: a training loss beneath it is far from it
_HARDLY = 0.1  # of the level: less gain of the validation loss is hardly any
_SMOOTH_SWING = 0.03  # of the level: a training loss that jumps by more has another trouble, its steps
_DROPPED = 0.8  # the probability to keep a unit that is proposed
_LARGE = 1e-2  # of λ₂
_LEAST = 10  # epochs before underfitting can be told


def overfitting(curve: Curve) -> Alarm | None:
    """The validation loss rises while the training loss falls."""
    validation, train = curve.validation, curve.train
    if len(train) < _SINCE + _SMOOTH or not curve.whole:
        return None
    smooth = np.convolve(validation, np.ones(_SMOOTH) / _SMOOTH, "valid")
    least = int(np.argmin(smooth)) + _SMOOTH // 2
    since = len(train) - 1 - least
    rise = smooth[-1] - smooth.min()
    noise = jitter(validation) / math.sqrt(_SMOOTH)
    falls = train[-_SMOOTH:].mean() < (1 - _FALL) * train[max(least - 1, 0) : least + 2].mean()
    if since < _SINCE or rise < _RISE * abs(smooth.min()) + 3 * noise or not falls:
        return None
    reason = (
        f"the validation loss is {rise / smooth.min():.0%} above its least, while the training loss falls"
    )
    return curve.alarm("overfitting", reason, _more_regular(curve), curve.first + least)


def variance(curve: Curve) -> Alarm | None:
    """The training loss is far beneath the validation loss, which hardly falls: it is learned by heart."""
    if len(curve.train) < _WINDOW or not curve.whole:
        return None
    last, half = curve.validation[-_WINDOW:], _WINDOW // 2
    share = float(curve.train[-half:].mean() / last.mean())
    gained = float(np.median(last[:half]) - np.median(last[half:])) / float(np.median(last))
    jumps = swing_of(curve.train[-_WINDOW:]) > _SMOOTH_SWING * float(curve.train[-_WINDOW:].mean())
    if share > _APART or gained > _HARDLY or jumps or _is_regular(curve):
        return None
    reason = f"the training loss is {share:.0%} of the validation loss, which hardly falls"
    return curve.alarm("variance", reason, {"keep_probability": _DROPPED, "l2": _more_l2(curve)})


def underfitting(curve: Curve) -> Alarm | None:
    """Both losses are near each other and near where they began, and hardly move."""
    train, validation = curve.train, curve.validation
    if len(train) < _LEAST or not curve.whole or not math.isfinite(curve.start):
        return None
    now, before = float(train[-3:].mean()), float(train[-8:-5].mean())
    near = abs(float(validation[-3:].mean()) - now) < _GAP * now
    slow = before - now < _SLOW * now
    if now < _UNLEARNED * curve.start or not near or not slow:
        return None
    reason = f"after {curve.epoch} epochs the training loss is still {now / curve.start:.0%} of the first one"
    return curve.alarm("underfitting", reason, _less_regular(curve))


def _more_regular(curve: Curve) -> dict[str, Any]:
    """A stronger λ, and smaller steps, which settle where the validation loss was least."""
    return {"learning_rate": "/3", "l2": _more_l2(curve)}


def _more_l2(curve: Curve) -> str | float:
    held = curve.config.get("l2")
    return "*3" if isinstance(held, int | float) and held > 0 else 1e-3


def _is_regular(curve: Curve) -> bool:
    """Whether it has as much dropout as would be proposed, or a λ that is large."""
    keep, held = curve.config.get("keep_probability"), curve.config.get("l2")
    return (isinstance(keep, int | float) and keep <= _DROPPED) or (
        isinstance(held, int | float) and held >= _LARGE
    )


def _less_regular(curve: Curve) -> dict[str, Any]:
    """What holds the model back most, as its config says; else larger steps."""
    keep, held = curve.config.get("keep_probability"), curve.config.get("l2")
    if isinstance(keep, int | float) and keep < 0.9:
        return {"keep_probability": 1.0}
    if isinstance(held, int | float) and held >= _LARGE:
        return {"l2": "/10"}
    # What does not move learns too slowly; what jumps about where it began was thrown there by its steps.
    jumps = jitter(curve.train) > _JUMPS * float(curve.train.mean())
    return {"learning_rate": "/10" if jumps else "*3"}
