"""Optimizers against the papers' rules, written out in plain Python for one number."""

import math

import numpy as np
import pytest

from trainer.errors import ConfigError
from trainer.optimizers import OPTIMIZERS, Adam, GradientDescent, Momentum, RMSprop, build_optimizer
from trainer.schedules import Constant, InverseTimeDecay

ALPHA, MOMENTUM, BETA1, BETA2, EPSILON = 0.1, 0.7, 0.8, 0.95, 1e-3


def by_gradient_descent(theta, gradients, a=ALPHA):
    for g in gradients:
        theta -= a * g
    return theta


def by_momentum(theta, gradients, a=ALPHA, b=MOMENTUM):
    v = 0.0
    for g in gradients:
        v = b * v + (1 - b) * g
        theta -= a * v
    return theta


def by_rmsprop(theta, gradients, a=ALPHA, b=BETA2, e=EPSILON):
    s = 0.0
    for g in gradients:
        s = b * s + (1 - b) * g**2
        theta -= a * g / (math.sqrt(s) + e)
    return theta


def by_adam(theta, gradients, a=ALPHA, b1=BETA1, b2=BETA2, e=EPSILON):
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        theta -= a * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + e)
    return theta


REFERENCES = {
    "gradient_descent": by_gradient_descent,
    "momentum": by_momentum,
    "rmsprop": by_rmsprop,
    "adam": by_adam,
}


def hyperparameters(models=1, alphas=None):
    numbers = {
        "learning_rate": ALPHA,
        "momentum": MOMENTUM,
        "beta1": BETA1,
        "beta2": BETA2,
        "epsilon": EPSILON,
    }
    vectors = {name: np.full(models, value) for name, value in numbers.items()}
    return vectors if alphas is None else {**vectors, "learning_rate": np.array(alphas)}


def descend(optimizer, theta, gradients):
    """The params after all gradients, an array (steps, K, …), were followed."""
    params = {"W1": theta.copy()}
    state = optimizer.init(params)
    for g in gradients:
        updates, state = optimizer.update({"W1": g}, state, params)
        params = {"W1": params["W1"] + updates["W1"]}
    return params["W1"], state


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("steps", [1, 2, 30])
def test_follows_the_paper(name, steps):
    rng = np.random.default_rng(0)
    theta = rng.normal(size=(2, 3, 1))
    gradients = rng.normal(size=(steps, 2, 3, 1)) * np.exp(rng.uniform(-6, 2, size=(steps, 1, 1, 1)))
    gradients[steps // 2] = 0.0  # a step without a gradient
    optimizer = build_optimizer(name, hyperparameters(alphas=[ALPHA, 3 * ALPHA]))
    found, state = descend(optimizer, theta, gradients)
    assert state.t == steps
    for model, alpha in enumerate([ALPHA, 3 * ALPHA]):
        for unit in range(3):
            path = [float(g) for g in gradients[:, model, unit, 0]]
            expected = REFERENCES[name](float(theta[model, unit, 0]), path, a=alpha)
            # Some ten roundings a step, of numbers below 10.
            assert found[model, unit, 0] == pytest.approx(expected, abs=steps * 10 * 10 * 1.2e-16)


def test_closed_forms_under_a_constant_gradient():
    g, steps = np.full((10, 1, 1), 2.0), 10
    zero = np.zeros((1, 1))
    one = np.ones(1)
    # v_t = (1 − βᵗ) g
    momentum, state = descend(Momentum(one, 0.5 * one), zero, g)
    assert state.moments["v"]["W1"][0, 0] == pytest.approx((1 - 0.5**steps) * 2)
    assert momentum[0, 0] == pytest.approx(-2 * sum(1 - 0.5**t for t in range(1, steps + 1)))
    # m̂ = g and v̂ = g²: each step is α g/(|g| + ε).
    adam, _ = descend(Adam(one, 0.9 * one, 0.999 * one, 0.5 * one), zero, g)
    assert adam[0, 0] == pytest.approx(-steps * 2 / 2.5)
    # S₁ = (1 − β) g²
    rmsprop, _ = descend(RMSprop(one, 0.75 * one, 1.0 * one), zero, g[:1])
    assert rmsprop[0, 0] == pytest.approx(-2 / (0.5 * 2 + 1))
    assert descend(GradientDescent(0.25 * one), zero, g)[0][0, 0] == pytest.approx(-steps * 0.5)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_update_changes_no_argument_and_keeps_the_dtype(name, dtype):
    optimizer = build_optimizer(name, hyperparameters(2))
    params = {"W1": np.ones((2, 3, 4), dtype), "b1": np.ones((2, 3, 1), dtype)}
    grads = {name: 2 * p for name, p in params.items()}
    _, state = optimizer.update(grads, optimizer.init(params), params)
    for array in [
        *params.values(),
        *grads.values(),
        *(x for of in state.moments.values() for x in of.values()),
    ]:
        array.flags.writeable = False
    updates, later = optimizer.update(grads, state, params)
    assert state.t == 1
    assert later.t == 2
    assert {name: (u.shape, u.dtype) for name, u in updates.items()} == {
        name: (p.shape, p.dtype) for name, p in params.items()
    }
    assert set(later.moments) == set(optimizer.symbols)


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(
        ConfigError, match=r"did you mean adam\? Valid: gradient_descent, momentum, rmsprop, adam"
    ):
        build_optimizer("adma", hyperparameters())


def test_schedules():
    alpha, decay = np.array([0.1, 0.2]), np.array([0.0, 1.0])
    assert np.array_equal(Constant(alpha)(7), alpha)
    schedule = InverseTimeDecay(alpha, decay)
    assert np.array_equal(schedule(0), alpha)
    np.testing.assert_allclose(schedule(3), [0.1, 0.05])
    optimizer = GradientDescent(alpha)
    assert np.array_equal(optimizer.at(schedule(3)).learning_rate, schedule(3))
    assert optimizer.learning_rate is alpha
