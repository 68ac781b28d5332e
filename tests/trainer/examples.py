"""Small problems that tests train on."""

import numpy as np

from trainer import Dataset
from trainer.data.scaling import Scaling


def blobs(m=90, features=6, classes=3, seed=0):
    """Gaussian clouds around one centre per class, a third of them in each split."""
    rng = np.random.default_rng(seed)
    y = np.arange(3 * m) % classes
    x = (rng.normal(size=(classes, features))[y] * 2 + rng.normal(size=(3 * m, features))).astype(np.float32)
    order = rng.permutation(3 * m).reshape(3, m)
    parts = [array for rows in order for array in (x[rows], y[rows])]
    return Dataset(*parts, tuple("abcdefgh"[:classes]))


def line(m=90, features=6, seed=0, unit=7.0):
    """A quantity that is a linear function of the features, with a little noise; a third in each split."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3 * m, features)).astype(np.float32)
    y = x @ rng.normal(size=features) / np.sqrt(features) + 0.1 * rng.normal(size=3 * m)
    parts = [array for rows in np.arange(3 * m).reshape(3, m) for array in (x[rows], y[rows])]
    return Dataset(*parts, (), unit=unit)


def bytes_data(read_only=False):
    """Classes by the brightest of eight bytes."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (270, 8), np.uint8)
    y = x[:, :3].argmax(axis=1).astype(np.int64)
    parts = [part for at in (0, 90, 180) for part in (x[at : at + 90], y[at : at + 90])]
    for part in parts:
        part.flags.writeable = not read_only
    scaling = Scaling(np.full(8, 1 / 100, np.float32), np.linspace(-1, 0, 8, dtype=np.float32))
    return Dataset(*parts, ("a", "b", "c"), scaling=scaling)


class Job:
    """A run that keeps the last state saved, as the sweep's own does."""

    def __init__(self, data, epochs, start=0, checkpoint=None, seed=0, device="cpu"):
        self.data, self.epochs, self.start, self.seed, self.device = data, epochs, start, seed, device
        self.checkpoint, self.saved, self.saves = checkpoint, None, 0

    def restore(self):
        return self.checkpoint

    def save(self, state):
        self.saved, self.saves = state, self.saves + 1
