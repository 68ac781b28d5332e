"""Backpropagation against central differences, in float64."""

import numpy as np
import pytest

from trainer.gradient_check import central_difference, gradient_check
from trainer.layers.activation import ACTIVATIONS
from trainer.layers.dropout import draw_masks
from trainer.network.initialise import he, initial_params
from trainer.network.network import Network

# With h = 1e-5 and J below 20 a difference is off by 1e-16·J/h = 2e-10 from rounding and by h²·J‴/6,
# about 1e-11 for J‴ near 1, from its curvature. The gradients' norms here are above 1e-2.
TOLERANCE = 1e-7

L2 = [0.0, 0.7, 3.0]
KEEP = [0.8, 0.5, 1.0]


def problem(hidden, activation, models, m=5, seed=3):
    widths = (4, *hidden, 3)
    rng = np.random.default_rng(seed)
    params = initial_params(widths, he, models=models, seed=seed, dtype=np.float64)
    # Models that differ, and biases away from zero, where a relu has its kink.
    params = {name: p + 0.3 * rng.normal(size=p.shape) for name, p in params.items()}
    X, y = rng.normal(size=(m, 4)), rng.integers(0, 3, m)
    return Network(widths, ACTIVATIONS[activation]), params, X, y


@pytest.mark.parametrize("models", [1, 3])
@pytest.mark.parametrize("hidden", [(), (7,), (5, 6), (4, 3, 5, 4)])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("regularised", ["plain", "l2", "dropout", "both"])
def test_gradients_equal_central_differences(models, hidden, activation, regularised):
    network, params, X, y = problem(hidden, activation, models)
    l2 = np.array(L2[-models:]) if regularised in ("l2", "both") else None
    masks = ()
    if regularised in ("dropout", "both"):
        keep = np.array(KEEP[:models])
        masks = draw_masks(keep, hidden, len(y), seed=0, epoch=1, batch=2, dtype=np.float64)
    grads = network.backward(params, network.forward(params, X, masks), y, l2)
    errors = gradient_check(lambda p: network.cost(p, X, y, l2, masks), params, grads)
    assert set(errors) == set(params)
    for name, error in errors.items():
        assert error.shape == (models,)
        assert (error < TOLERANCE).all(), (name, error)


def test_a_wrong_gradient_is_found_in_its_model_alone():
    network, params, X, y = problem((5,), "tanh", 3)
    grads = network.backward(params, network.forward(params, X), y)
    grads["W2"][1] *= 1.001
    errors = gradient_check(lambda p: network.cost(p, X, y), params, grads)
    # ‖1.001 g − g‖ / (1.001 ‖g‖ + ‖g‖)
    assert errors["W2"][1] == pytest.approx(0.001 / 2.001, rel=1e-4)
    assert (errors["W2"][[0, 2]] < TOLERANCE).all()


def test_differences_leave_the_params_alone():
    network, params, X, y = problem((5,), "tanh", 2)
    before = {name: p.copy() for name, p in params.items()}
    central_difference(lambda p: network.cost(p, X, y), params, "W1")
    assert all(np.array_equal(before[name], params[name]) for name in params)


def test_vanishing_gradients_agree():
    zero = {"W1": np.zeros((2, 3, 3))}
    assert (gradient_check(lambda p: np.zeros(2), zero, zero)["W1"] == 0).all()


def test_float32_is_refused():
    params = {"W1": np.zeros((1, 2, 2), np.float32)}
    with pytest.raises(ValueError, match="float64"):
        gradient_check(lambda p: np.zeros(1), params, params)


def test_the_penalty_spares_biases_and_counts_the_minibatch():
    network, params, X, y = problem((5,), "relu", 2)
    l2 = np.array([0.5, 2.0])
    plain = network.backward(params, network.forward(params, X), y)
    penalised = network.backward(params, network.forward(params, X), y, l2)
    for name in params:
        share = penalised[name] - plain[name]
        expected = l2[:, None, None] / len(y) * params[name] if name.startswith("W") else 0
        # One rounding of a sum of numbers below 100.
        np.testing.assert_allclose(share, expected, rtol=0, atol=1e-13)
    extra = network.cost(params, X, y, l2) - network.cost(params, X, y)
    squares = sum(np.square(params[name]).sum((1, 2)) for name in ("W1", "W2"))
    np.testing.assert_allclose(extra, l2 / (2 * len(y)) * squares, rtol=1e-12)
