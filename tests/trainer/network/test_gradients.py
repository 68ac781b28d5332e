"""Backpropagation through whole networks against central differences, in float64."""

import numpy as np
import pytest

from tests.trainer.problems import masks_for, problem
from tests.trainer.pure import cost
from trainer.gradient_check import central_difference, gradient_check
from trainer.stack.layout import Layout
from trainer.stack.penalties import Penalties

# With h = 1e-5 and J near 4 an entry of a difference is off by 1e-16·J/h = 4e-11 from rounding and by
# h²·J‴/6, no more for a J‴ near 2, from its curvature: of the 25 entries that an array has at most, the
# error's norm is below 5 · 8e-11 = 4e-10. It is divided by twice a gradient's norm, which must not vanish.
TOLERANCE = 1e-7
SMALLEST_NORM = 4e-10 / 2 / TOLERANCE

L1, L2 = np.array([0.4, 0.0, 0.0]), np.array([0.7, 0.0, 3.0])
KINK = 1e-4  # |w| has a kink at 0, from which every weight is farther than a difference reaches


def with_penalties(grads, params, l1, l2, m):
    """As a stack adds them to gradients of these shapes."""
    layout = Layout({name: p.shape[1:] for name, p in params.items()})
    theta, gradient = layout.flatten(params), layout.flatten(grads)
    coefficients = {"l1": l1[:, None], "l2": l2[:, None]}
    penalties = Penalties(l1=True, l2=True, clip=False, decay=False)
    penalties.penalise(coefficients, m, theta, gradient, layout, np.zeros(len(l1)))
    return layout.views(gradient)


def lively(hidden, dropout, models, **kind):
    """The first problem, and its masks, of which no gradient vanishes, as those of dead relus do."""
    for seed in range(1000):
        case = problem(hidden, models=models, seed=seed, **kind)
        of_input, m = dropout == "input and hidden", len(case.X)
        masks = () if dropout == "none" else masks_for(hidden, models, m, of_input=of_input, seed=seed)
        norms = [np.sqrt(np.square(g).sum(axis=(1, 2))).min() for g in case.grads(masks).values()]
        least = min(np.abs(W).min() for name, W in case.params.items() if name.startswith("W"))
        if min(norms) > SMALLEST_NORM and least > KINK:
            return case, masks
    raise AssertionError("all gradients vanish")


def check(case, masks):
    """One model of the three has both penalties, one none, and one that of squares."""
    models = len(case.params["W1"])
    l1, l2 = L1[:models], L2[:models]
    grads = with_penalties(case.grads(masks), case.params, l1, l2, len(case.X))
    errors = gradient_check(
        lambda params: cost(case.network, params, case.inputs, case.T, l1, l2, masks), case.params, grads
    )
    assert set(errors) == set(case.params)
    for name, error in errors.items():
        assert error.shape == (models,)
        assert (error < TOLERANCE).all(), (name, error)


@pytest.mark.parametrize("models", [1, 3])
@pytest.mark.parametrize("hidden", [(4,), (3, 4), (4, 5, 4, 5)], ids=len)
@pytest.mark.parametrize("dropout", ["none", "hidden", "input and hidden"])
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
@pytest.mark.parametrize("head", ["softmax", "logistic", "linear"])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "sigmoid"])
def test_gradients_equal_central_differences(activation, head, batch_norm, dropout, hidden, models):
    check(*lively(hidden, dropout, models, activation=activation, head=head, batch_norm=batch_norm))


@pytest.mark.parametrize("models", [1, 3])
@pytest.mark.parametrize("dropout", ["none", "input and hidden"])
@pytest.mark.parametrize("head", ["softmax", "logistic", "linear"])
def test_gradients_without_hidden_layers_equal_central_differences(head, dropout, models):
    check(*lively((), dropout, models, head=head))


@pytest.mark.parametrize("head", ["softmax", "logistic"])
def test_gradients_by_smoothed_labels_equal_central_differences(head):
    smoothing, uniform = np.array([0.3, 0.0, 0.1])[:, None, None], {"softmax": 1 / 3, "logistic": 0.5}[head]
    check(*lively((4,), "none", 3, head=head, smoothing=smoothing, uniform=uniform))


@pytest.mark.parametrize("dropout", ["none", "input and hidden"])
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
@pytest.mark.parametrize("hidden", [(4,), (4, 4), (4, 4, 4, 4)], ids=len)
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_gradients_round_layers_equal_central_differences(activation, hidden, batch_norm, dropout):
    check(*lively(hidden, dropout, 3, activation=activation, batch_norm=batch_norm, skip=True))


def cost_of(case):
    return lambda params: cost(case.network, params, case.inputs, case.T)


def test_a_wrong_gradient_is_found_in_its_model_alone():
    case = problem((5,))
    grads = case.grads()
    grads["W2"][1] *= 1.001
    errors = gradient_check(cost_of(case), case.params, grads)
    # ‖1.001 g − g‖ / (1.001 ‖g‖ + ‖g‖), off by the differences' own error.
    assert errors["W2"][1] == pytest.approx(0.001 / 2.001, abs=TOLERANCE)
    assert (errors["W2"][[0, 2]] < TOLERANCE).all()
    assert all((errors[name] < TOLERANCE).all() for name in errors if name != "W2")


def test_differences_leave_the_params_alone():
    case = problem((5,), models=2)
    before = {name: p.copy() for name, p in case.params.items()}
    central_difference(cost_of(case), case.params, "W1")
    assert all(np.array_equal(before[name], case.params[name]) for name in case.params)


def test_vanishing_gradients_agree():
    zero = {"W1": np.zeros((2, 3, 3))}
    assert (gradient_check(lambda p: np.zeros(2), zero, zero)["W1"] == 0).all()


def test_float32_is_refused():
    params = {"W1": np.zeros((1, 2, 2), np.float32)}
    with pytest.raises(ValueError, match="W1 is float32"):
        gradient_check(lambda p: np.zeros(1), params, params)


@pytest.mark.parametrize("broken", ["gradient", "cost"])
def test_no_number_is_no_agreement(broken):
    params = {"W1": np.ones((2, 3, 1))}
    nan = {"W1": np.full((2, 3, 1), np.nan)}
    cost = (lambda p: np.full(2, np.nan)) if broken == "cost" else (lambda p: p["W1"].sum(axis=(1, 2)))
    assert np.isnan(gradient_check(cost, params, params if broken == "cost" else nan)["W1"]).all()
