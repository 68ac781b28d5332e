"""Small images that tests train on."""

import numpy as np

from trainer import Dataset


def images(m=24, shape=(6, 6), classes=3, seed=0, unit=1.0):
    """Bright squares whose place tells the class, or, with classes=0, whose brightness is the quantity."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3 * m, *shape)).astype(np.float32) * 0.3
    y = np.arange(3 * m) % max(classes, 2)
    for image, label in zip(x, y, strict=True):
        image[2 * label % shape[0] :, : 2 + label][:2] += 2
    mean = x.reshape(3 * m, -1).mean(axis=1).astype(np.float64)
    target = y if classes else (mean - mean.mean()) / mean.std()
    order = rng.permutation(3 * m).reshape(3, m)
    rows = np.ascontiguousarray(x.reshape(3 * m, -1))
    parts = [array for part in order for array in (rows[part], target[part])]
    return Dataset(*parts, tuple("abcdef"[:classes]), shape=shape, unit=unit)
