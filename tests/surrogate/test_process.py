"""The Gaussian process: its slopes, its matrices, and what it makes of what it has seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.space import Space
from sweeps.surrogate import Features, Process

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


def sample(space, count, seed, rungs=3):
    """Features and rungs of random points, with some points had at two rungs, and random targets."""
    rng = np.random.default_rng(seed)
    points = rng.random((count, len(space.searched)))
    points[count // 2 :] = points[: count - count // 2]
    features = Features(space)
    return features, features.of(points), rng.integers(rungs, size=count), rng.standard_normal(count)


def constants(kernel, seed):
    return np.random.default_rng(seed).uniform(kernel.low, kernel.high)


def matrix_of(process, x, rungs):
    kernel, theta = process._kernel, process._theta
    return kernel.with_slopes(theta, kernel.warp(theta, x), rungs)[0]


@pytest.mark.parametrize("space", [SPACE, PLANE, NOTHING], ids=["mixed", "plane", "nothing"])
@pytest.mark.parametrize("seed", range(4))
def test_the_gradient_is_the_slope_of_the_cost(space, seed):
    features, *data = sample(space, 24, seed)
    process = Process(features)
    theta = constants(process._kernel, seed)
    theta[process._kernel._noise] = np.log(0.01)
    cost, gradient = process._cost(theta, *data)

    def slope(i, h):
        step = h * np.eye(len(theta))[i]
        return (process._cost(theta + step, *data)[0] - process._cost(theta - step, *data)[0]) / (2 * h)

    process._theta = theta
    h = 1e-4
    # The cost's rounding is the solve's, cond · ε; what central differences leave out is of order h²,
    # so twice the step leaves out four times as much: the two tell how much.
    rounding = EPS * np.linalg.cond(matrix_of(process, data[0], data[1])) * (abs(cost) + 1e2) / h
    for i in range(len(theta)):
        near, far = slope(i, h), slope(i, 2 * h)
        assert abs(gradient[i] - near) <= abs(far - near) + rounding


@given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
def test_the_kernel_is_symmetric_and_positive_definite(seed, count):
    features, x, rungs, _ = sample(SPACE, count, seed)
    process = Process(features)
    process._theta = theta = constants(process._kernel, seed)
    kernel = process._kernel
    matrix = matrix_of(process, x, rungs)
    np.testing.assert_array_equal(matrix, matrix.T)
    # Each entry is off by its own rounding and by that of the squared distance times the slope in it, at
    # most 1.5 · amplitude; an eigenvalue by no more than n such entries.
    longest = (kernel.warp(theta, x).values ** 2).sum(axis=1).max()
    entry = EPS * (8 + 1.5 * 4 * longest * x.shape[1]) * kernel.variance(theta)
    assert np.linalg.eigvalsh(matrix).min() >= kernel.noise(theta) - 4 * count * entry


@pytest.mark.parametrize("space", [SPACE, PLANE])
def test_between_and_with_slopes_are_the_same_kernel(space):
    features, x, rungs, _ = sample(space, 20, seed=0)
    process = Process(features)
    kernel, theta = process._kernel, process._theta
    warped = kernel.warp(theta, x)
    same = kernel.between(theta, warped.values, rungs, warped.values, rungs)
    with_noise = same + kernel.noise(theta) * np.eye(len(x))
    # The same few operations in another order.
    np.testing.assert_allclose(with_noise, kernel.with_slopes(theta, warped, rungs)[0], rtol=8 * EPS)


@pytest.mark.parametrize("seed", range(3))
def test_what_was_seen_is_foreseen_up_to_the_noise(seed):
    """mean - y = -σ² K⁻¹ y, and since σ² K⁻¹ ≤ 1 its length is at most √(σ² yᵀ K⁻¹ y)."""
    features, x, _, y = sample(PLANE, 20, seed)
    x, y, rungs = x[:10], y[:10], np.zeros(10, dtype=np.int64)
    process = Process(features)
    process._theta[process._kernel._noise] = np.log(1e-4)
    process.see(x, rungs, y, learn=False)
    bound = np.sqrt(1e-4 * y @ np.linalg.solve(matrix_of(process, x, rungs), y))
    assert bound < 0.2 * np.linalg.norm(y), "it says something"
    foreseen = process.foresee(x, 0)
    assert np.linalg.norm(foreseen.mean - y) <= bound
    np.testing.assert_allclose(foreseen.mean, process.mean(x, 0), rtol=0, atol=0)
    assert (foreseen.deviation <= np.sqrt(1e-4)).all(), "more certain than one look"


@pytest.mark.parametrize("space", [SPACE, PLANE, NOTHING], ids=["mixed", "plane", "nothing"])
def test_to_pretend_is_to_see_what_was_expected(space):
    features, x, rungs, y = sample(space, 30, seed=1)
    new = features.of(np.random.default_rng(2).random((12, len(space.searched))))
    process = Process(features)
    process.see(x, rungs, y, learn=False)
    foreseen = process.foresee(new, 2)
    mean = foreseen.mean.copy()
    for i in (3, 7, 3):
        foreseen.pretend(i)
        x, rungs, y = np.vstack([x, new[i]]), np.append(rungs, 2), np.append(y, mean[i])
    process.see(x, rungs, y, learn=False)
    really = process.foresee(new, 2)
    # Both solve with this matrix, whose rounding is its condition number's; n terms in each sum.
    slack = len(x) * EPS * np.linalg.cond(matrix_of(process, x, rungs))
    assert slack < 1e-8
    np.testing.assert_array_equal(foreseen.mean, mean)
    np.testing.assert_allclose(really.mean, mean, rtol=0, atol=slack)
    np.testing.assert_allclose(really.deviation**2, foreseen.deviation**2, rtol=0, atol=slack)
