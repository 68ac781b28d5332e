"""The learning rate against the curve: jumps that are too large, and a standstill."""

from __future__ import annotations

import numpy as np

from sweeps.nudging.alarms.curve import Alarm, Curve, Values, swing_of

_WINDOW = 8  # epochs
_SWING = 0.08  # of the level: what an oscillation is off its trend
_ROUGH = (0.03, 0.04)  # of the level of the training and the validation loss: what jumps are
_FEW = 7  # epochs in which they are told
_SPOILED = 0.2  # of the loss at the start: what jumps above it has hardly learned anything
_STILL = 0.007  # of the level: less improvement than that in the window is none
_LEAST = 10  # epochs before a standstill can be told


def oscillation(curve: Curve) -> Alarm | None:
    """The training loss jumps up and down by more than it gains: the steps are too large."""
    if len(curve.train) < _WINDOW or not curve.whole:
        return None
    last = curve.train[-_WINDOW:]
    steps = np.diff(last)
    turns = int((steps[1:] * steps[:-1] < 0).sum())
    swing, level = swing_of(last), float(np.mean(last))
    gained = float(np.mean(last[: _WINDOW // 2]) - np.mean(last[_WINDOW // 2 :]))
    if turns < _WINDOW // 2 or swing < _SWING * level or gained > 2 * swing:
        return None
    reason = (
        f"in {_WINDOW} epochs the training loss turned {turns} times, by {swing / level:.0%} of its level"
    )
    return curve.alarm("oscillation", reason, {"learning_rate": "/3"})


def roughness(curve: Curve) -> Alarm | None:
    """The validation loss jumps by more than either loss gains, or both jump: steps are too large.

    Where hardly anything was learned by then, its very first steps have spoiled the model: begin anew.
    """
    if len(curve.train) < _FEW or not curve.whole:
        return None
    train, validation = curve.train[-_FEW:], curve.validation[-_FEW:]
    swings = [swing_of(values, 0.25) / float(values.mean()) for values in (train, validation)]
    if swings[1] < _ROUGH[1] or _gained(validation) > swings[1]:
        return None
    if swings[0] < _ROUGH[0] and _gained(train) > swings[1]:
        return None
    reason = f"in {_FEW} epochs the validation loss jumped by {swings[1]:.0%} of its level, and gained less"
    if curve.first == 1 and train[-1] > _SPOILED * curve.start and curve.left >= curve.promised / 2:
        reason += f"; the training loss is still {train[-1] / curve.start:.0%} of the first one"
        return curve.alarm("roughness", reason, {"learning_rate": "/10"}, 0)
    return curve.alarm("roughness", reason, {"learning_rate": "/3"})


def _gained(values: Values) -> float:
    """Of its level, by the medians of the halves."""
    half = len(values) // 2
    return float(np.median(values[:half]) - np.median(values[-half:])) / float(values.mean())


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
