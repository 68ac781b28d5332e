"""Optimizers against the papers' rules, written out in plain Python for one number."""

import numpy as np
import pytest

from tests.trainer.papers import CORRECTABLE, RULES, descend, gradients, hyperparameters
from tests.trainer.pure import init, update
from trainer.optimizers import OPTIMIZERS, Adam, GradientDescent, Momentum, RMSprop, build_optimizer


def assert_follows(name, steps, models, **changed):
    """A stack of models, three units each, goes where the paper's rule takes every unit by itself."""
    vectors = hyperparameters(name, models, **changed)
    theta, path = np.random.default_rng(1).normal(size=(models, 3, 1)), gradients(steps, models, 3, 1)
    found, state = descend(build_optimizer(name, vectors), theta, path)
    assert np.array_equal(state.t, [steps] * models)
    for model in range(models):
        of_model = {key: float(vector[model]) for key, vector in vectors.items()}
        for unit in range(3):
            g = path[:, model, unit, 0].tolist()
            expected = RULES[name](float(theta[model, unit, 0]), g, **of_model)
            # Some ten roundings a step, of numbers no larger than all steps' together.
            largest = 10 + 10 * np.abs(g).sum()
            assert found[model, unit, 0] == pytest.approx(expected, abs=steps * 10 * largest * 1.2e-16)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("steps", [1, 2, 30])
def test_follows_the_paper(name, steps):
    assert_follows(name, steps, 2, learning_rate=[0.1, 0.3])


@pytest.mark.parametrize("name", CORRECTABLE)
def test_models_with_and_without_bias_correction_share_a_stack(name):
    assert_follows(name, 30, 3, bias_correction=[0, 1, 0], learning_rate=[0.1, 0.1, 0.2])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_without_memory_an_explosion_leaves_nothing_behind(name):
    beta = {"momentum": [0, 0.7], "beta1": [0, 0.8], "beta2": [0, 0.95]}
    assert_follows(name, 30, 2, **beta)
    optimizer = build_optimizer(name, hyperparameters(name, 2, **beta, epsilon=1e-12))
    g = np.array([[1e-3], [1e-3]])
    params = {"W1": np.zeros((2, 1))}
    state = init(optimizer, params)
    _, state = update(optimizer, {"W1": 1e12 * g}, state, params)
    updates, state = update(optimizer, {"W1": g}, state, params)
    assert np.isfinite(updates["W1"]).all()
    # The model without memory knows the last gradient alone, to the last bit.
    for moment in state.moments.values():
        assert moment["W1"][0, 0] in (1e-3, 1e-3 * 1e-3)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("epsilon", [1e-8, 1e-300])
def test_a_gradient_that_was_always_zero_moves_nothing(name, dtype, epsilon):
    optimizer = build_optimizer(name, hyperparameters(name, epsilon=epsilon, weight_decay=0))
    found, _ = descend(optimizer, np.ones((1, 2), dtype), np.zeros((5, 1, 2), dtype))
    assert (found == 1).all()


def test_closed_forms_under_a_constant_gradient():
    g, steps = np.full((10, 1, 1), 2.0), 10
    zero = np.zeros((1, 1))
    one = np.ones(1)
    # v_t = (1 − βᵗ) g, kept as the sum of which it is the average: v/(1 − β).
    momentum, state = descend(Momentum(one, 0.5 * one), zero, g)
    assert state.moments["v"]["W1"][0, 0] == pytest.approx((1 - 0.5**steps) * 2 / 0.5)
    assert momentum[0, 0] == pytest.approx(-2 * sum(1 - 0.5**t for t in range(1, steps + 1)))
    assert descend(Momentum(one, 0.5 * one, bias_correction=one), zero, g)[0][0, 0] == pytest.approx(-20)
    # m̂ = g and v̂ = g²: each step is α g/(|g| + ε).
    adam, _ = descend(Adam(one, 0.9 * one, 0.999 * one, 0.5 * one), zero, g)
    assert adam[0, 0] == pytest.approx(-steps * 2 / 2.5)
    # S₁ = (1 − β) g²
    rmsprop, _ = descend(RMSprop(one, 0.75 * one, 1.0 * one), zero, g[:1])
    assert rmsprop[0, 0] == pytest.approx(-2 / (0.5 * 2 + 1))
    assert descend(GradientDescent(0.25 * one), zero, g)[0][0, 0] == pytest.approx(-steps * 0.5)
