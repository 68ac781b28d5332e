"""What the process learns of hyperparameters and rungs."""

import numpy as np
import pytest

from sweeps.space import Space
from sweeps.surrogate import NEW, Features, Inputs, Process
from sweeps.surrogate.likelihood import Likelihood

SPACE = Space({"x": {"uniform": [0, 1]}, "y": {"uniform": [0, 1]}})


def learned(points, rungs, targets, trials=None):
    """A process that has looked for its constants until they stay; all results of trials of their own."""
    trials = np.arange(len(targets)) if trials is None else trials
    features = Features(SPACE)
    process = Process(features, int(rungs.max()) + 1)
    for _ in range(5):
        process.fit(Inputs(features.of(points), rungs, trials), targets, learn=True)
    return process


def mean(process, points):
    """Of new trials at the lowest rung."""
    return process.mean(
        Inputs(Features(SPACE).of(points), np.zeros(len(points), dtype=np.int64), np.full(len(points), NEW))
    )


def constants(process):
    """Of the kernel, of the configs' chain and of the luck's."""
    return process._covariance.split(process._theta)[:2]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("relevant", [0, 1])
def test_what_does_not_matter_is_learned_not_to(seed, relevant):
    """By a long lengthscale, or by a bend that squeezes all of the coordinate but an end into one place."""
    points = np.random.default_rng(seed).random((40, 2))
    process = learned(points, np.zeros(40, dtype=np.int64), np.sin(6 * points[:, relevant]))
    lines = np.full((2, 50, 2), 0.5)
    for j in range(2):
        lines[j, :, j] = np.linspace(0.05, 0.95, 50)
    spread = [np.ptp(mean(process, line)) for line in lines]
    assert spread[1 - relevant] < 0.1 * spread[relevant]


CLIMBED = 25


def at_two_rungs(early, late, rng):
    """What is learned of 30 trials of 15 configs, 25 of which have climbed a rung; and the features of all.

    early, late: values of configs with coordinates x and y there.
    """
    trials = np.concatenate([np.arange(30), np.arange(CLIMBED)])
    rungs = np.repeat([0, 1], [30, CLIMBED])
    points = np.tile(rng.random((15, 2)), (2, 1))
    targets = np.concatenate([early(*points.T), late(*points.T)[:CLIMBED]])
    return learned(points[trials], rungs, targets, trials), Features(SPACE).of(points)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("late", "low", "high"),
    [
        (lambda x, y: np.sin(6 * x) + 0.3, 0.95, 1),
        (lambda x, y: np.sin(9 * y + 1), -0.7, 0.7),
        (lambda x, y: -np.sin(6 * x), -1, -0.7),
    ],
    ids=["the same", "unlike", "the opposite"],
)
def test_a_step_says_how_much_of_a_rung_the_next_keeps(seed, late, low, high):
    process, _ = at_two_rungs(lambda x, y: np.sin(6 * x), late, np.random.default_rng(seed))
    _, (configs, _) = constants(process)
    assert low < np.tanh(configs[-1]) < high


@pytest.mark.parametrize("seed", range(3))
def test_a_trial_that_keeps_its_luck_is_foreseen_and_a_new_one_is_not(seed):
    rng = np.random.default_rng(seed)
    luck, other = rng.standard_normal((2, 30))
    kept, x = at_two_rungs(lambda x, y: x + luck, lambda x, y: x + luck + 1, rng)
    anew, y = at_two_rungs(lambda x, y: x + luck, lambda x, y: x + other + 1, rng)
    waiting = np.arange(CLIMBED, 30)
    second = np.ones(len(waiting), dtype=np.int64)
    new = np.full(len(waiting), NEW)
    foreseen = kept.posterior(Inputs(x[waiting], second, waiting))
    assert np.abs(foreseen.mean - (x[waiting, 0] + luck[waiting] + 1)).max() < 0.3
    assert foreseen.deviation.max() < 0.3
    assert kept.posterior(Inputs(x[waiting], second, new)).deviation.min() > 0.5
    assert anew.posterior(Inputs(y[waiting], second, waiting)).deviation.min() > 0.5


@pytest.mark.parametrize("seed", range(3))
def test_each_rung_has_its_own_luck(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.standard_normal((2, 30)) * [[0.5], [0.02]]
    process, x = at_two_rungs(lambda x, y: x + first, lambda x, y: x + second, rng)
    new = np.full(30, NEW)
    at_first, at_second = (
        process.posterior(Inputs(x, np.full(30, rung), new)).deviation.mean() for rung in (0, 1)
    )
    assert at_first > 2 * at_second


def test_a_better_fit_costs_less():
    rng = np.random.default_rng(0)
    points, rungs = rng.random((30, 2)), rng.integers(3, size=30)
    targets = points[:, 0] + rng.standard_normal(30) / 10
    process = learned(points, rungs, targets)
    inputs = Inputs(Features(SPACE).of(points), rungs, np.arange(30))
    covariance = process._covariance
    assert (
        Likelihood(covariance, inputs, targets)(process._theta)[0]
        < Likelihood(covariance, inputs, targets)(covariance.centre)[0]
    )
    assert (covariance.low <= process._theta).all()
    assert (process._theta <= covariance.high).all()


def test_equal_results_of_one_point_do_no_harm():
    points = np.full((40, 2), 0.5)
    process = learned(points, np.zeros(40, dtype=np.int64), np.zeros(40))
    assert np.isfinite(process._theta).all()
    assert mean(process, points[:1]) == 0
