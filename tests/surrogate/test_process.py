"""The Gaussian process: its slopes, its matrices, and what it makes of what it has seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.space import Space
from sweeps.surrogate import NEW, Features, Inputs, Posterior, Process
from sweeps.surrogate.covariance import Known
from sweeps.surrogate.likelihood import JITTER, Likelihood

EPS = np.finfo(np.float64).eps
SPACE = Space(
    {
        "rate": {"log": [1e-5, 1]},
        "kind": {"choice": ["a", "b", "c"]},
        "size": {"int": [1, 9], "when": {"kind": "a"}},
        "batch": {"choice": [16, 32, 64], "ordered": True},
    }
)
PLANE = Space({"x": {"uniform": [0, 1]}, "y": {"uniform": [0, 1]}})
NOTHING = Space({"x": 1})
RUNGS = 3


def sample(space, count, seed, at=RUNGS, sweeps=1):
    """Inputs and random targets: half as many trials as results, each at one rung only once, in turns of
    so many sweeps."""
    rng = np.random.default_rng(seed)
    points = rng.random((count, len(space.searched)))
    places = [(trial, rung) for trial in range(count) for rung in range(at)]
    picked = rng.permutation(len(places[: max(count, count // 2 * at)]))[:count]
    trials, rungs = np.array([places[k] for k in picked], dtype=np.int64).T
    features = Features(space)
    inputs = Inputs(features.of(points[trials]), rungs, trials, trials % sweeps)
    return features, inputs, rng.standard_normal(len(trials))


def constants(process, seed):
    covariance = process._covariance
    return np.random.default_rng(seed).uniform(covariance.low, covariance.high)


def matrix_of(process, inputs):
    """The covariance of results among themselves."""
    return Likelihood(process._covariance, inputs, np.zeros(len(inputs))).matrix(process._theta).copy()


@pytest.mark.parametrize("space", [SPACE, PLANE, NOTHING], ids=["mixed", "plane", "nothing"])
@pytest.mark.parametrize(("rungs", "sweeps"), [(1, 1), (RUNGS, 1), (1, 2), (RUNGS, 3)])
@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_the_slope_of_the_cost(space, rungs, sweeps, seed):
    features, *data = sample(space, 24, seed, at=rungs, sweeps=sweeps)
    process = Process(features, rungs, sweeps - 1)
    centre, width = process._covariance.centre, process._covariance.width
    process._theta = theta = centre + width * np.random.default_rng(seed).uniform(-1, 1, len(centre))
    likelihood = Likelihood(process._covariance, *data)
    cost, gradient = likelihood(theta)

    def slope(i, h):
        step = h * np.eye(len(theta))[i]
        return (likelihood(theta + step)[0] - likelihood(theta - step)[0]) / (2 * h)

    h = 1e-4
    # The cost's rounding is the solve's, cond · ε; what central differences leave out is of order h²,
    # so twice the step leaves out four times as much: the two tell how much.
    rounding = EPS * np.linalg.cond(matrix_of(process, data[0])) * (abs(cost) + 1e2) / h
    assert rounding < 1e-2 * abs(gradient).max()
    for i in range(len(theta)):
        near, far = slope(i, h), slope(i, 2 * h)
        assert abs(gradient[i] - near) <= abs(far - near) + rounding


@given(seed=st.integers(0, 2**32), count=st.integers(1, 40), sweeps=st.integers(1, 4))
def test_the_covariance_is_symmetric_and_positive(seed, count, sweeps):
    features, inputs, _ = sample(SPACE, count, seed, sweeps=sweeps)
    process = Process(features, RUNGS, sweeps - 1)
    process._theta = theta = constants(process, seed)
    matrix = matrix_of(process, inputs)
    # Each entry is off by its own rounding and by that of the squared distance times the slope in it, at
    # most 1.5 · variance; an eigenvalue by no more than n such entries.
    known = Known(process._covariance, theta)
    x = known.warped(inputs).features
    entry = EPS * (8 + 1.5 * 4 * (x**2).sum(axis=1).max() * x.shape[1])
    entry *= known.variance(inputs).max()
    np.testing.assert_allclose(matrix, matrix.T, rtol=0, atol=2 * entry)
    assert np.linalg.eigvalsh(matrix).min() >= -4 * count * entry


@pytest.mark.parametrize("space", [SPACE, PLANE])
@pytest.mark.parametrize("sweeps", [1, 3])
def test_known_and_looked_for_the_covariance_is_the_same(space, sweeps):
    features, inputs, _ = sample(space, 20, seed=0, sweeps=sweeps)
    process = Process(features, RUNGS, sweeps - 1)
    process._theta = constants(process, 0)
    known = Known(process._covariance, process._theta)
    warped = known.warped(inputs)
    alike = matrix_of(process, inputs)
    # The same few operations in another order, and a little more on the diagonal.
    np.testing.assert_allclose(known.between(warped, warped) + JITTER * np.eye(20), alike, rtol=8 * EPS)
    # A point's distance from itself is what rounding leaves of the sums of its squares.
    far = 8 + 6 * (warped.features**2).sum(axis=1).max()
    np.testing.assert_allclose(np.diag(alike) - JITTER, known.variance(inputs), rtol=far * EPS)


@pytest.mark.parametrize("seed", range(3))
def test_what_was_seen_is_foreseen_up_to_the_luck(seed):
    """mean - y = -σ² K⁻¹ y, and since σ² K⁻¹ ≤ 1 its length is at most √(σ² yᵀ K⁻¹ y)."""
    features, inputs, y = sample(PLANE, 10, seed, at=1)
    process = Process(features, 1)
    luck = 1e-4
    process._theta = np.concatenate([process._covariance.centre[:-2], [np.log(luck), 0.0]])
    process.fit(inputs, y, learn=False)
    bound = np.sqrt(luck * y @ np.linalg.solve(matrix_of(process, inputs), y)) + 1e-6
    assert bound < 0.2 * np.linalg.norm(y), "it says something"
    again = Inputs(inputs.features, inputs.rungs, np.full(len(y), NEW))
    foreseen = process.posterior(again)
    assert np.linalg.norm(foreseen.mean - y) <= bound
    np.testing.assert_allclose(foreseen.mean, process.mean(again), rtol=0, atol=0)
    assert (foreseen.deviation <= np.sqrt(2 * luck) + 1e-6).all(), "its own luck, and less of what was seen"
    same = process.posterior(inputs)
    np.testing.assert_allclose(same.mean, y, atol=1e-6 * np.linalg.norm(y))  # the jitter, times K⁻¹ y
    assert (same.deviation < 1e-3).all(), "a trial keeps its luck"


@pytest.mark.parametrize("space", [SPACE, PLANE, NOTHING], ids=["mixed", "plane", "nothing"])
def test_to_fantasize_is_to_see_what_was_expected(space):
    features, inputs, y = sample(space, 30, seed=1)
    points = np.random.default_rng(2).random((12, len(space.searched)))
    new = Inputs(features.of(points), np.full(12, RUNGS - 1), np.full(12, NEW))
    process = Process(features, RUNGS)
    process.fit(inputs, y, learn=False)
    foreseen = process.posterior(new)
    mean = foreseen.mean.copy()
    for trial, i in enumerate((3, 7, 3), start=100):
        foreseen.fantasize(i)
        inputs += Inputs(new.features[[i]], new.rungs[[i]], np.array([trial]))
        y = np.append(y, mean[i])
    process.fit(inputs, y, learn=False)
    really = process.posterior(new)
    # Both solve with this matrix, whose rounding is its condition number's; n terms in each sum. The
    # jitter, 1e-8 of what was seen three times, is not pretended.
    slack = len(y) * EPS * np.linalg.cond(matrix_of(process, inputs)) + 1e-7
    assert slack < 1e-6
    np.testing.assert_array_equal(foreseen.mean, mean)
    np.testing.assert_allclose(really.mean, mean, rtol=0, atol=slack * np.linalg.norm(y))
    np.testing.assert_allclose(really.deviation**2, foreseen.deviation**2, rtol=0, atol=slack)


def test_what_is_expected_of_busy_trials_is_pretended_of_them():
    features, inputs, y = sample(PLANE, 30, seed=1)
    busy = Inputs(inputs.features[:2], np.full(2, RUNGS - 1), np.array([100, 101]))
    points = np.random.default_rng(2).random((6, 2))
    new = Inputs(features.of(points), np.full(6, RUNGS - 1), np.full(6, NEW))
    process = Process(features, RUNGS)
    process.fit(inputs, y, learn=False)
    pretended = process.posterior(busy + new)
    pretended.fantasize(0)
    pretended.fantasize(1)
    process.fantasize(busy)
    expected = process.posterior(new)
    np.testing.assert_allclose(expected.mean, pretended.mean[2:], rtol=0, atol=1e-9)
    np.testing.assert_allclose(expected.deviation, pretended.deviation[2:], rtol=0, atol=1e-6)


@given(parts=st.lists(st.integers(0, 8), min_size=1, max_size=5), seed=st.integers(0, 2**32))
def test_what_is_seen_bit_by_bit_is_what_is_seen_at_once(parts, seed):
    features, inputs, y = sample(SPACE, 1 + sum(parts), seed)
    points = np.random.default_rng(seed).random((5, len(SPACE.searched)))
    new = Inputs(features.of(points), np.full(5, RUNGS - 1), np.full(5, NEW))
    slowly, at_once = Process(features, RUNGS), Process(features, RUNGS)
    for end in 1 + np.cumsum([0, *parts]):
        slowly.fit(inputs[:end], y[:end], learn=False)
    at_once.fit(inputs, y, learn=False)
    there, here = slowly.posterior(new), at_once.posterior(new)
    slack = len(y) * EPS * np.linalg.cond(matrix_of(at_once, inputs)) * 10
    assert slack < 1e-6
    np.testing.assert_allclose(there.mean, here.mean, rtol=0, atol=slack * np.linalg.norm(y))
    np.testing.assert_allclose(there.deviation**2, here.deviation**2, rtol=0, atol=slack)
    np.testing.assert_allclose(
        there.nearest, here.nearest, rtol=0, atol=1e-6
    )  # the root of what rounding leaves


@pytest.mark.parametrize("change", ["results", "order", "constants"])
def test_nothing_is_kept_of_what_is_no_longer_so(change):
    features, inputs, y = sample(SPACE, 12, seed=3)
    process, fresh = Process(features, RUNGS), Process(features, RUNGS)
    process.fit(inputs, y, learn=False)
    if change == "constants":
        process._theta = fresh._theta = constants(process, 1)
    else:
        which = np.arange(11) if change == "results" else np.arange(12)[::-1]
        inputs, y = inputs[which], y[which]
    for each in (process, fresh):
        each.fit(inputs, y, learn=False)
    np.testing.assert_array_equal(process.mean(inputs), fresh.mean(inputs))


@pytest.mark.parametrize("parts", [[7], [0, 7], [3, 4], [1, 5, 1]])
def test_the_points_of_several_are_as_those_of_one(parts):
    features, inputs, y = sample(SPACE, 20, seed=4)
    points = np.random.default_rng(5).random((7, len(SPACE.searched)))
    new = Inputs(features.of(points), np.full(7, RUNGS - 1), np.full(7, NEW))
    process = Process(features, RUNGS)
    process.fit(inputs, y, learn=False)
    ends = np.cumsum(parts)
    pieces = [process.posterior(new[end - count : end]) for count, end in zip(parts, ends, strict=True)]
    together, whole = Posterior.of_all(pieces), process.posterior(new)
    for each in (together, whole):
        each.fantasize(5)
        each.keep(np.array([6, 2]))
        each.fantasize(0)
    slack = len(y) * EPS * np.linalg.cond(matrix_of(process, inputs)) * 10
    np.testing.assert_allclose(together.mean, whole.mean, rtol=0, atol=slack * np.linalg.norm(y))
    np.testing.assert_allclose(together.deviation**2, whole.deviation**2, rtol=0, atol=slack)
    np.testing.assert_array_equal(together.distance(1), whole.distance(1))
