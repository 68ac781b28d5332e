"""Curves that are made to show a trouble, or none; half of them were kept apart while alarms were tuned.

Each has a training loss, a validation loss and a gradient's norm over 40 epochs, and the epoch by which its
alarm must have come, None where it is healthy.
"""

from typing import NamedTuple

import numpy as np

EPOCHS = 40


class Made(NamedTuple):
    name: str
    kind: str | None
    by: int | None
    rows: list


def made(seed):
    """Twenty curves: ten healthy ones, and two of each trouble."""
    rng = np.random.default_rng(seed)
    return [*(_healthy(rng, k) for k in range(10)), *(_trouble(rng, k) for k in range(10))]


def made_for_the_rate(seed):
    """Twelve more that healthy ones are held against: four each too slow, too rough, learned by heart."""
    rng = np.random.default_rng([seed, 1])
    return [each(rng) for each in (_slow, _rough, _by_heart) for _ in range(4)]


def _slow(rng):
    falls = rng.uniform(0.8, 2.5) * np.exp(-rng.uniform(0.06, 0.2) * np.arange(EPOCHS))
    return _made(rng, "slow", "slow", 7, falls, falls * rng.uniform(1.0, 1.2), noise=0.003)


def _rough(rng):
    train, t, at = _base(rng), np.arange(EPOCHS), int(rng.integers(8, 20))
    level = np.where(t < at, train, train[at] * 0.99 ** (t - at))
    jumps = 1 + rng.uniform(0.1, 0.4) * np.where(t % 2, 1, -1) * (t >= at)
    return _made(rng, "rough", "roughness", at + 10, level, level * 1.2 * jumps)


def _by_heart(rng):
    train, t, at = _base(rng, 0.0), np.arange(EPOCHS), int(rng.integers(8, 20))
    validation = np.where(t < at, train, train[at])
    falls = np.minimum(train, train[at]) * np.exp(-np.maximum(t - at, 0) * rng.uniform(0.08, 0.15))
    return _made(rng, "by heart", "variance", at + 12, falls, validation * 1.1)


def _base(rng, floor=None):
    """A loss that falls as a power of the epoch towards its floor."""
    t = np.arange(1, EPOCHS + 1)
    floor = rng.uniform(0.0, 0.15) if floor is None else floor
    return floor + rng.uniform(0.8, 2.0) * t ** -rng.uniform(0.6, 1.1)


def _made(rng, name, kind, by, train, validation, gradient=None, noise=None):
    noise = rng.uniform(0.003, 0.02) if noise is None else noise
    train = train * np.exp(rng.normal(size=EPOCHS) * noise / 2)
    validation = validation * np.exp(rng.normal(size=EPOCHS) * noise)
    gradient = 0.3 + train if gradient is None else gradient
    names = ("train_loss", "val_loss", "gradient_norm")
    table = zip(train, validation, gradient, strict=True)
    return Made(name, kind, by, [dict(zip(names, map(float, each), strict=True)) for each in table])


def _healthy(rng, k):
    train = _base(rng)
    validation = train + rng.uniform(0.0, 0.3) * (1 - np.exp(-np.arange(EPOCHS) / 15)) * train[-1]
    if k == 1:  # a spike of one epoch
        train, validation = train.copy(), validation.copy()
        train[15] *= 1.4
        validation[15] *= 1.5
    if k == 2:  # the learning rate falls late
        validation = validation * np.where(np.arange(EPOCHS) > 25, 0.8, 1.0)
        train = train * np.where(np.arange(EPOCHS) > 25, 0.8, 1.0)
    if k == 3:  # noisy validation
        return _made(rng, "noisy", None, None, train, validation, noise=0.05)
    if k == 4:  # a slow start, as with a warmup
        train = np.concatenate([np.linspace(train[0], train[0] * 0.9, 4), train[:-4]])
        validation = train * 1.05
    if k == 5:  # dropout: the training loss is above
        train, validation = validation * 1.2, train
    return _made(rng, f"healthy {k}", None, None, train, validation)


def _trouble(rng, k):
    train = _base(rng)
    t, at = np.arange(EPOCHS), int(rng.integers(10, 20))
    after = np.maximum(t - at, 0)
    if k in (0, 1):  # diverges: doubles every few epochs
        factor = np.exp(after * rng.uniform(0.15, 0.5))
        grad = (0.3 + train) * factor**1.5
        return _made(rng, "diverges", "divergence", at + 5, train * factor, train * factor * 1.1, grad)
    if k in (2, 3):  # stands still
        flat = np.where(t < at, train, train[at])
        return _made(rng, "stands still", "plateau", at + 16, flat, flat * 1.1)
    if k in (4, 5):  # oscillates
        swing = 1 + rng.uniform(0.15, 0.5) * np.where(t % 2, 1, -1) * (t >= at)
        level = np.where(t < at, train, train[at] + 0 * t)
        return _made(rng, "oscillates", "oscillation", at + 10, level * swing, level * swing * 1.1)
    if k in (6, 7):  # overfits
        validation = train[at] + np.where(t < at, train - train[at], 0) + after * rng.uniform(0.01, 0.03)
        falling = np.minimum(train, train[at]) * np.exp(-after * 0.06)
        return _made(rng, "overfits", "overfitting", at + 12, falling, validation * 1.1)
    start = rng.uniform(1.0, 2.3)  # underfits
    slow = start * (rng.uniform(0.7, 0.9) + 0.1 * np.exp(-t / 4))
    return _made(rng, "underfits", "underfitting", 20, slow, slow * 1.02, noise=0.005)
