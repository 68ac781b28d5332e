"""Where every random number of the trainer comes from: generators keyed by whole numbers.

There is no global state and no generator that is passed on: the draws of an epoch depend on its key
alone, not on what was drawn before, so training can stop and go on anywhere. The trial is in no key:
all trials of a sweep share their draws and differ by their hyperparameters alone (common random
numbers; Law, 2015, Simulation Modeling and Analysis, 5th edition, section 11.2).
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

import numpy as np

Key: TypeAlias = tuple[int, ...]


class Purpose(IntEnum):
    """What numbers are drawn for; keeps the streams of one seed apart."""

    WEIGHTS = 1  # key: layer, replica
    ORDER = 2  # key: epoch
    DROPOUT = 3  # key: replica (see trainer.draws)
    SPLIT = 4  # key: class
    AUGMENTATION = 5  # no key of its own (see trainer.draws)


def generator(seed: int, purpose: Purpose, *key: int) -> np.random.Generator:
    """The generator of a key. seed and key: whole numbers from 0 on."""
    return generator_of((seed, int(purpose), *key))


def generator_of(key: Key) -> np.random.Generator:
    """The generator of a whole key, which begins with the seed and the purpose."""
    return np.random.default_rng(key)
