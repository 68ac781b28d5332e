"""What the process learns of hyperparameters and rungs."""

import numpy as np
import pytest

from sweeps.space import Space
from sweeps.surrogate import Features, Process

SPACE = Space({"x": {"uniform": [0, 1]}, "y": {"uniform": [0, 1]}})


def learned(points, rungs, targets):
    """A process that has looked for its constants until they stay."""
    features = Features(SPACE)
    process = Process(features)
    for _ in range(5):
        process.see(features.of(points), rungs, targets, learn=True)
    return process


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("relevant", [0, 1])
def test_what_does_not_matter_gets_the_longer_lengthscale(seed, relevant):
    points = np.random.default_rng(seed).random((40, 2))
    process = learned(points, np.zeros(40, dtype=np.int64), np.sin(6 * points[:, relevant]))
    scales = process._theta[process._kernel._scales]
    assert scales[1 - relevant] > scales[relevant]
    # The bend takes part: at its bounds it squeezes all of a coordinate but an end into one place.
    lines = np.full((2, 50, 2), 0.5)
    for j in range(2):
        lines[j, :, j] = np.linspace(0.05, 0.95, 50)
    spread = [np.ptp(process.mean(Features(SPACE).of(line), 0)) for line in lines]
    assert spread[1 - relevant] < 0.1 * spread[relevant]


@pytest.mark.parametrize("seed", range(3))
def test_rho_says_how_much_of_a_rung_the_next_keeps(seed):
    rng = np.random.default_rng(seed)
    points = np.tile(rng.random((30, 2)), (2, 1))
    rungs = np.repeat([0, 1], 30)
    early = np.sin(6 * points[:30, 0])
    unlike = np.sin(9 * points[:30, 1] + 1)
    all_said, nothing_said = (
        learned(points, rungs, np.concatenate([early, late])) for late in (early + 0.3, unlike)
    )
    kernel = all_said._kernel
    low, high = (process._theta[kernel._rho] for process in (nothing_said, all_said))
    # The prior's centre lies between, and a deviation of it (1, in the logit) on either side.
    assert low < kernel.centre[kernel._rho] - 1
    assert high > kernel.centre[kernel._rho] + 1


def test_a_better_fit_costs_less():
    rng = np.random.default_rng(0)
    points, rungs = rng.random((30, 2)), rng.integers(3, size=30)
    targets = points[:, 0] + rng.standard_normal(30) / 10
    process = learned(points, rungs, targets)
    data = Features(SPACE).of(points), rungs, targets
    assert process._cost(process._theta, *data)[0] < process._cost(process._kernel.centre, *data)[0]
    assert (process._kernel.low <= process._theta).all()
    assert (process._theta <= process._kernel.high).all()


def test_equal_results_of_one_point_do_no_harm():
    points = np.full((40, 2), 0.5)
    process = learned(points, np.zeros(40, dtype=np.int64), np.zeros(40))
    assert np.isfinite(process._theta).all()
    assert process.mean(Features(SPACE).of(points[:1]), 0) == 0
