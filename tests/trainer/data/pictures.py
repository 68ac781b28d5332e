"""Folders of small pictures."""

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")

RNG = np.random.default_rng(0)


def fill(folder, classes=("cat", "dog"), each=6, shape=(4, 5), kind="png"):
    """Pictures in a folder for each class: the arrays by their paths."""
    arrays = {}
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(each):
            path = folder / name / f"{number}.{kind}"
            arrays[path] = RNG.integers(0, 256, shape, np.uint8)
            Image.fromarray(arrays[path]).save(path)
    return arrays
