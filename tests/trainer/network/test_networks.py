"""Whole networks: against torch's, shared and cohorts' inputs, and the penalty of their weights."""

import numpy as np
import pytest

from tests.trainer.libraries import DEVICES, backend, host
from tests.trainer.problems import masks_for, problem
from tests.trainer.pure import cost
from tests.trainer.reference import load_reference
from trainer.config import MLPConfig
from trainer.epoch.coefficients import Coefficients
from trainer.epoch.feed import Step
from trainer.heads import HEADS
from trainer.layers.activation import ACTIVATIONS
from trainer.member import Member
from trainer.network.network import Network
from trainer.network.shapes import param_shapes
from trainer.optimizers import OPTIMIZERS
from trainer.stack.learner import Learner, Penalties

REFERENCE = load_reference()
UNIT = 2.0**-53  # float64's rounding unit
# Three products forward and three back, sums of at most 64 terms each; the terms of a sum are up to ten times
# as large as the largest result.
TOLERANCE = 6 * 64 * UNIT * 10


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE * np.abs(expected).max())


def reference_params(activation, prefix=""):
    """torch's layers 0 … 2 multiply from the right; ours, 1 … 3, from the left."""
    arrays = {
        f"{kind}{layer + 1}": REFERENCE[f"mlp_{activation}_{prefix}{kind}{layer}"]
        for kind in "Wb"
        for layer in range(3)
    }
    return {name: x.T if name.startswith("W") else x[:, None] for name, x in arrays.items()}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_loss_and_gradients_are_torchs_whoever_is_beside(activation, device):
    array = backend(device).array
    params = {name: array(np.stack([0.5 * p, p, -p])) for name, p in reference_params(activation).items()}
    T = array(np.eye(10)[REFERENCE["xent_labels"]].T[None])
    inputs = [(slice(0, 3), array(REFERENCE[f"mlp_{activation}_X"]))]
    network = Network(3, ACTIVATIONS[activation], HEADS["softmax"])
    close(host(cost(network, params, inputs, T)[1]), REFERENCE[f"mlp_{activation}_loss"])
    grads = {name: array(np.full(p.shape, np.nan)) for name, p in params.items()}
    network.backward(params, network.forward(params, inputs), T, grads)
    for name, expected in reference_params(activation, "d").items():
        close(host(grads[name][1]), expected)


def only(case, model, X, T):
    """One model of a problem, by itself on its own examples."""
    epsilon = case.network.epsilon
    here = slice(model, model + 1)
    network = Network(
        case.network.depth,
        case.network.activation,
        case.network.head,
        None if epsilon is None else epsilon[here],
    )
    return case._replace(network=network, params={name: p[here] for name, p in case.params.items()}, X=X, T=T)


@pytest.mark.parametrize("dropout", [False, True], ids=["all", "input dropout"])
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
@pytest.mark.parametrize("hidden", [(), (4, 5)], ids=len)
def test_cohorts_compute_what_each_model_does_alone(hidden, batch_norm, dropout):
    case, other = (problem(hidden, batch_norm=batch_norm, seed=seed) for seed in (3, 8))
    X, T = [case.X, case.X, other.X], [case.T, case.T, other.T]
    masks = masks_for(hidden, 3, 6, of_input=True) if dropout else ()
    inputs = [(slice(0, 2), case.X), (slice(2, 3), other.X)]
    grads = {name: np.full_like(p, np.nan) for name, p in case.params.items()}
    passed = case.network.forward(case.params, inputs, masks)
    case.network.backward(case.params, passed, np.concatenate(T), grads)
    J = cost(case.network, case.params, inputs, np.concatenate(T), masks=masks)
    for model in range(3):
        alone = only(case, model, X[model], T[model])
        own = [mask[model : model + 1] for mask in masks]
        close(J[model], cost(alone.network, alone.params, alone.inputs, alone.T, masks=own)[0])
        for name, expected in alone.grads(own).items():
            close(grads[name][model], expected[0])


def test_the_penalty_is_of_weights_alone_and_counts_the_minibatch():
    case, l2 = problem((4, 5), batch_norm=True), np.array([0.5, 0.0, 2.0])
    plain = cost(case.network, case.params, case.inputs, case.T)
    extra = cost(case.network, case.params, case.inputs, case.T, l2=l2) - plain
    squares = sum(np.square(case.params[f"W{layer}"]).sum((1, 2)) for layer in (1, 2, 3))
    # A sum of fewer than 64 squares, and the rounding of a cost that is no larger.
    np.testing.assert_allclose(
        extra, l2 / (2 * len(case.X)) * squares, rtol=0, atol=64 * UNIT * squares.max()
    )
    assert extra[1] == 0


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
def test_a_step_descends_the_penalised_cost(batch_norm):
    case, l2, alpha = problem((4, 5), batch_norm=batch_norm), [0.5, 0.0, 2.0], 0.125
    moved = learnt_in_one_step(case, l2, alpha, batch_norm)
    for name, gradient in case.grads().items():
        share = np.array(l2)[:, None, None] / len(case.X) * case.params[name] if name.startswith("W") else 0
        expected = case.params[name] - alpha * (gradient + share)
        # Three roundings of numbers below 8.
        np.testing.assert_allclose(moved[name], expected, rtol=0, atol=3 * 8 * UNIT)


def learnt_in_one_step(case, l2, alpha, batch_norm):
    """The params after a step of gradient descent by the learner of a stack."""
    configs = [
        MLPConfig(hidden=(4, 5), optimizer="gradient_descent", learning_rate=alpha, l2=each) for each in l2
    ]
    coefficients = Coefficients([Member(config) for config in configs], 32, np.float64)
    shapes = param_shapes((3, 4, 5, 3), batch_norm)
    statistics = {f"{kind}{n}": (w, 1) for kind in ("mean", "variance") for n, w in ((1, 4), (2, 5))}
    statistics = statistics if batch_norm else {}
    state = {**case.params, **{name: np.ones((3, *shape)) for name, shape in statistics.items()}}
    penalties = Penalties(l1=False, l2=True, decay=False, clip=False)
    optimizer = OPTIMIZERS["gradient_descent"]
    learner = Learner(case.network, optimizer, penalties, state, shapes, statistics, backend("cpu"))
    at_first = dict(zip(coefficients.names, coefficients.table()[0], strict=True))
    learner.step(Step(case.inputs, (), case.T, np.zeros((1, 6)), at_first))
    return learner.state()
