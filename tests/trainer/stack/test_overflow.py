"""What overflows is no warning to whoever trains, and their own error state stays as it is."""

import dataclasses
import warnings

import numpy as np
import pytest

from tests.trainer.examples import blobs
from trainer import MLPConfig, Stack, train_stack


@pytest.mark.parametrize(
    "own",
    [
        {"learning_rate": 1e250},
        {"learning_rate": 1e250, "weight_decay": 1e100},
        {"initialisation": "normal", "initial_scale": 1e308},
        {"initialisation": "normal", "initial_scale": 1e100, "batch_norm": True},
        {"learning_rate": 1e250, "decay_k": 1e100, "schedule": "inverse_sqrt_step"},
        {"l2": 1e300},
        {"clip_norm": 1e300, "learning_rate": 1e30},
        {"clip_norm": 1e-300},
    ],
    ids=str,
)
def test_numbers_that_float32_cannot_hold_give_no_warning(own):
    stack = Stack(blobs(), seed=1)
    member = stack.enter(MLPConfig(**own))
    other = stack.enter(dataclasses.replace(MLPConfig(), batch_norm=member.config.batch_norm))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stack.checkpoint(member)
        stack.leave(other)
        stack.train_epoch()


def test_the_callers_error_state_is_its_own():
    before = np.geterr()
    for _ in train_stack([MLPConfig(), MLPConfig(learning_rate=1e250)], blobs(), epochs=2):
        assert np.geterr() == before
