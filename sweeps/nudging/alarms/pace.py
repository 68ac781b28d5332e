"""The learning rate against the curve: jumps that are too large, and a standstill."""

from __future__ import annotations

import numpy as np

from sweeps.nudging.alarms.curve import Alarm, Curve, Values

_WINDOW = 8  # epochs
_SWING = 0.08  # of the level: what an oscillation is off its trend
_STILL = 0.007  # of the level: less improvement than that in the window is none
_LEAST = 10  # epochs before a standstill can be told


def oscillation(curve: Curve) -> Alarm | None:
    """The training loss jumps up and down by more than it gains: the steps are too large."""
    if len(curve.train) < _WINDOW or not curve.whole:
        return None
    last = curve.train[-_WINDOW:]
    steps = np.diff(last)
    turns = int((steps[1:] * steps[:-1] < 0).sum())
    # Half of what an epoch is off its neighbours; one spike makes three of six large, and is no swing.
    off = np.abs(last[1:-1] - (last[:-2] + last[2:]) / 2) / 2
    swing, level = float(np.quantile(off, 0.4)), float(np.mean(last))
    gained = float(np.mean(last[: _WINDOW // 2]) - np.mean(last[_WINDOW // 2 :]))
    if turns < _WINDOW // 2 or swing < _SWING * level or gained > 2 * swing:
        return None
    reason = (
        f"in {_WINDOW} epochs the training loss turned {turns} times, by {swing / level:.0%} of its level"
    )
    return curve.alarm("oscillation", reason, {"learning_rate": "/3"})


def plateau(curve: Curve) -> Alarm | None:
    """Neither loss has improved for a while."""
    count = len(curve.train)
    window = max(_WINDOW, count // 4)
    if count < max(_LEAST, window + 2) or not curve.whole:
        return None
    if _swings(curve.train[-window:]) or not (
        _is_still(curve.train, window) and _is_still(curve.validation, window)
    ):
        return None
    reason = f"neither loss has improved by {_STILL:.1%} in {window} epochs"
    return curve.alarm("plateau", reason, {"learning_rate": "/3"})


def _swings(values: Values) -> bool:
    """Whether it jumps, which is another trouble."""
    return float(np.std(values)) > _SWING / 2 * abs(float(np.mean(values)))


def _is_still(values: Values, window: int) -> bool:
    """Whether a window's second half is no better than its first, by their medians, which a spike leaves."""
    last = values[-window:]
    half = window // 2
    gained = float(np.median(last[:half]) - np.median(last[-half:]))
    return gained < _STILL * abs(float(np.median(last)))
