"""What the layers of a network show: units that are dead, gradients that vanish or explode on their way back.

They read `layer1_dead`, `layer1_gradient` and so on, which the built-in networks report for a panda, and any
trainable may: the share of a layer's units that no example of a fixed batch activates, and the norm of the
loss's gradient by a layer's weights, over the weights' own norm.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from sweeps.nudging.alarms.curve import Alarm, Curve

COLUMNS = re.compile(r"layer(\d+)_(dead|gradient)")
DEAD_UNITS = "dead units"

# On digits, the relu networks that learned best had 0.3 of a layer dead at most; those with more than half
# dead had a validation loss of 1.4 times theirs and more.
_DEAD = 0.5
_LASTS = 3  # epochs, since units at the edge come back
_REVIVED = 0.05  # of the units: so many fewer dead ones are a recovery

# In healthy networks it may differ by two orders of magnitude between layers (You, Gitman & Ginsburg, 2017).
_VANISHED = 1e-3
_STUCK = 5  # epochs: deep networks of sigmoids do leave their plateau, if they can, in the first few
_FALL = 0.02  # of the training loss in them: less is none
_UNLEARNED = 0.9  # of the first training loss

_EXPLODED, _WITHIN = (
    5.0,
    4,
)  # times the median, and the least in so many epochs: what comes before a loss leaps
_FALLS = 0.97  # of the training loss an epoch before: one that falls faster is on its way


def dead_units(curve: Curve) -> Alarm | None:
    """More than half of a layer is dead, and stays so. What is dead has no gradient: it is brought back only
    from a checkpoint before."""
    layers, shares = by_layer(curve, "dead")
    if shares.shape[1] < _LASTS:
        return None
    last = shares[:, -_LASTS:]
    lasting = (last > _DEAD).all(axis=1) & (last[:, -1] > last.max(axis=1) - _REVIVED)
    if not lasting.any():
        return None
    worst = int(np.argmax(np.where(lasting, last[:, -1], 0)))
    reason = f"{last[worst, -1]:.0%} of the units of layer {layers[worst]} answer to no example"
    alive = np.flatnonzero(shares[worst] <= _DEAD)
    if len(alive):
        return curve.alarm(DEAD_UNITS, reason, {"learning_rate": "/3"}, curve.first + int(alive[-1]))
    if curve.first > 1:  # it was so before the last change, and has been told
        return None
    return curve.alarm(DEAD_UNITS, f"{reason}, from the first epoch on; {_ANEW_DEAD}")


def vanishing(curve: Curve) -> Alarm | None:
    """The first layer's gradient is orders of magnitude below the last one's, and nothing is learned."""
    layers, gradients = by_layer(curve, "gradient")
    train = curve.train
    if len(layers) < 2 or len(train) < _STUCK or not curve.whole or _is_dead(curve):
        return None
    first, last = gradients[0, -_STUCK:], gradients[-1, -_STUCK:]
    learned = train[-1] < _UNLEARNED * curve.start or train[-1] < (1 - _FALL) * train[-_STUCK]
    if learned or not (first < _VANISHED * last).all():  # not where a number is missing
        return None
    times = f"{last[-1] / first[-1]:.1g} times" if first[-1] > 0 else "infinitely many times"
    reason = (
        f"the gradient of layer {layers[-1]} is {times} that of layer {layers[0]}, relative to the weights"
    )
    reason += f", and the loss does not fall; {_ANEW_VANISHED}"
    return curve.alarm("vanishing gradients", reason, {"learning_rate": "*3"})


def exploding(curve: Curve) -> Alarm | None:
    """The strongest layer's gradient has grown as never before, and the loss has ceased to fall.

    The strongest, since a layer whose gradient had vanished may well wake up.
    """
    layers, gradients = by_layer(curve, "gradient")
    if not len(layers) or len(curve.train) < 3 or not np.isfinite(curve.train[-1]):
        return None
    strongest = np.nan_to_num(gradients, nan=0.0, posinf=np.inf).max(axis=0)
    before, now = strongest[:-1], strongest[-1]
    least = max(len(before) - _WITHIN, 0) + int(np.argmin(before[-_WITHIN:]))
    grown = now > _EXPLODED * max(float(np.median(before)), before[least]) and now > before.max()
    if not grown or curve.train[-1] < _FALLS * curve.train[-2]:
        return None
    times = now / max(before[least], np.finfo(float).tiny)
    reason = f"the gradient of layer {layers[int(np.argmax(gradients[:, -1]))]} is {times:.0f} times"
    reason += f" what the strongest one was at epoch {curve.first + least}, and the loss has ceased to fall"
    return curve.alarm("exploding gradients", reason, {"learning_rate": "/3"}, curve.first + least)


def by_layer(curve: Curve, kind: str) -> tuple[list[int], NDArray[np.float64]]:
    """The numbers of the layers that report a kind, in order, and their values, (layers, epochs)."""
    found = {
        int(match[1]): name
        for name in curve.layers
        if (match := COLUMNS.fullmatch(name)) and match[2] == kind
    }
    layers = sorted(found)
    values = [curve.layers[found[layer]] for layer in layers]
    return layers, np.array(values).reshape(len(layers), len(curve.train))


def _is_dead(curve: Curve) -> bool:
    """Whether units that are dead keep the gradient from the layers before."""
    _, shares = by_layer(curve, "dead")
    return bool(shares.size and (shares[:, -1] > _DEAD).any())


_ANEW_DEAD = "a new start with a smaller rate, or activation=leaky_relu, avoids it"
_ANEW_VANISHED = "else a new start with batch_norm=true, activation=relu or another initialisation"
