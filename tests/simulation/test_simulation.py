"""Sweeps simulated with faults keep every promise; `python -m tests.simulation` runs more of them."""

import pytest

from tests.simulation.run import simulate

FOUND = (39, 58)  # a sweep was called complete though the full disk had not taken its end


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(first, marks=pytest.mark.slow) for first in range(8, 40, 8))]
)
def test_sweeps_keep_their_promises_whatever_fails(first):
    for seed in range(first, first + 8):
        simulate(seed)


@pytest.mark.parametrize("seed", FOUND)
def test_what_was_found_stays_mended(seed):
    simulate(seed)
