"""Batch normalisation against torch's BatchNorm1d, and what it does to one example and to silent units."""

import numpy as np
import pytest

from tests.trainer.libraries import DEVICES, backend, host
from tests.trainer.reference import load_reference
from trainer.config import MLPConfig
from trainer.epoch.coefficients import Coefficients
from trainer.epoch.feed import Step
from trainer.heads import HEADS
from trainer.layers import batch_norm
from trainer.layers.activation import ACTIVATIONS
from trainer.member import Member
from trainer.network.network import Network
from trainer.network.shapes import param_shapes, statistic_shapes
from trainer.optimizers import OPTIMIZERS
from trainer.stack.learner import Learner, Penalties

REFERENCE = load_reference()
UNIT = 2.0**-53  # float64's rounding unit
# Sums of 32 examples, of products of two results below 10 in size, of such sums themselves.
TOLERANCE = 2 * 32 * 10 * 10 * UNIT


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE * max(1, np.abs(expected).max()))


def stacked(x):
    """torch's (m, features) or (features,) as the second of three models: (3, features, m or 1)."""
    columns = x.reshape(-1, x.shape[-1]).T
    return np.stack([columns[::-1] + 1, columns, -0.5 * columns])


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("batch", range(5))
def test_passes_are_torchs(batch, device):
    array = backend(device).array
    Z, dY, gamma, beta = (
        array(stacked(x))
        for x in (
            REFERENCE["bn_x"][batch],
            REFERENCE["bn_dy"][batch],
            REFERENCE["bn_gamma"],
            REFERENCE["bn_beta"],
        )
    )
    dgamma, dbeta = (array(np.full((3, 9, 1), np.nan)) for _ in range(2))
    Y, passed = batch_norm.forward(Z, gamma, beta, array(np.array([1e-3, 1e-5, 1.0])[:, None, None]))
    dZ = batch_norm.backward(dY, gamma, passed, dgamma, dbeta)
    for found, name in ((Y, "y"), (dZ, "dx")):
        close(host(found)[1].T, REFERENCE[f"bn_{name}"][batch])
    for found, name in ((dgamma, "dgamma"), (dbeta, "dbeta")):
        close(host(found)[1, :, 0], REFERENCE[f"bn_{name}"][batch])


def learner(device, betas):
    """Three models whose first layer passes its input on, and learns as good as nothing."""
    configs = [
        MLPConfig(
            hidden=(9,),
            optimizer="gradient_descent",
            learning_rate=1e-300,
            batch_norm_beta=beta,
            batch_norm_correction=False,
        )
        for beta in betas
    ]
    widths, array = (9, 9, 2), backend(device).array
    params, statistics = param_shapes(widths, batch_norm=True), statistic_shapes(widths, batch_norm=True)
    state = {name: np.zeros((3, *shape)) for name, shape in {**params, **statistics}.items()}
    state |= {"W1": np.tile(np.eye(9), (3, 1, 1)), "variance1": np.ones((3, 9, 1))}
    state = {name: array(x) for name, x in state.items()}
    network = Network(2, ACTIVATIONS["relu"], HEADS["softmax"], array(np.full((3, 1, 1), 1e-5)))
    penalties, optimizer = Penalties(False, False, False, False), OPTIMIZERS["gradient_descent"]
    table = Coefficients([Member(config) for config in configs], 32, np.float64)
    coefficients = dict(zip(table.names, array(table.table()[0]), strict=True))
    return Learner(network, optimizer, penalties, state, params, statistics, backend(device)), coefficients


def step(X, coefficients, array):
    T = array(np.tile([[1.0], [0.0]], (1, 1, len(X))))
    return Step([(slice(0, 3), array(X))], (), T, array(np.zeros((1, len(X)))), coefficients)


@pytest.mark.parametrize("device", DEVICES)
def test_running_statistics_and_predictions_are_torchs(device):
    array = backend(device).array
    trained, coefficients = learner(device, betas=[0.5, 0.9, 0.0])
    for batch, X in enumerate(REFERENCE["bn_x"]):
        trained.step(step(X, coefficients, array))
        state = trained.state()
        mean, variance = host(state["mean1"]), host(state["variance1"])
        close(mean[1, :, 0], REFERENCE["bn_running_mean"][batch])
        close(variance[1, :, 0], REFERENCE["bn_running_var"][batch])
        # Without memory: this batch's own.
        close(mean[2, :, 0], X.mean(axis=0))
        close(variance[2, :, 0], X.var(axis=0, ddof=1))
    Z, gamma, beta = (
        array(stacked(x)) for x in (REFERENCE["bn_x"][0], REFERENCE["bn_gamma"], REFERENCE["bn_beta"])
    )
    epsilon = array(np.full((3, 1, 1), 1e-5))
    Y = batch_norm.predict(Z, gamma, beta, state["mean1"], state["variance1"], epsilon)
    close(host(Y)[1].T, REFERENCE["bn_eval_y"])


def layer(m, seed=0):
    """Z, γ, β, mean, variance, ε of two models with three units."""
    rng = np.random.default_rng(seed)
    Z, gamma, beta, mean = (rng.normal(size=(2, 3, n)) for n in (m, 1, 1, 1))
    return Z, gamma, beta, mean, rng.random((2, 3, 1)), np.full((2, 1, 1), 1e-5)


def test_a_prediction_does_not_depend_on_the_other_examples():
    Z, *learnt = layer(8)
    together = batch_norm.predict(Z.copy(), *learnt)
    alone = [batch_norm.predict(Z[:, :, i : i + 1].copy(), *learnt) for i in range(8)]
    assert np.array_equal(np.concatenate(alone, axis=2), together)


@pytest.mark.parametrize("device", DEVICES)
def test_a_batch_of_one_example_is_beta(device):
    array = backend(device).array
    Z, gamma, beta, _, _, epsilon = map(array, layer(1))
    Y, passed = batch_norm.forward(Z, gamma, beta, epsilon)
    assert np.array_equal(host(Y), host(beta))
    dgamma, dbeta = array(np.full((2, 3, 1), np.nan)), array(np.full((2, 3, 1), np.nan))
    dZ = batch_norm.backward(array(np.ones((2, 3, 1))), gamma, passed, dgamma, dbeta)
    # β moves with dY; what the one example is normalised to cannot move at all.
    assert (host(dbeta) == 1).all()
    assert (host(dgamma) == 0).all()
    assert (host(dZ) == 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_unit_that_pads_stays_silent_with_gradients_of_zero(dtype):
    Z, gamma, beta, mean, variance, epsilon = (x.astype(dtype) for x in layer(5))
    for x in (Z, gamma, beta, mean, variance):
        x[0, 2] = 0
    epsilon[0] = 1e-30  # the least that a config may have
    predicted = batch_norm.predict(Z.copy(), gamma, beta, mean, variance, epsilon)
    Y, passed = batch_norm.forward(Z, gamma, beta, epsilon)
    dgamma, dbeta = np.full_like(gamma, np.nan), np.full_like(beta, np.nan)
    dY = np.ones_like(Y)
    dY[0, 2] = 0  # the next layer does not read it
    dZ = batch_norm.backward(dY, gamma, passed, dgamma, dbeta)
    for x in (predicted, Y, dZ, dgamma, dbeta):
        assert (x[0, 2] == 0).all()
        assert np.isfinite(x).all()
    assert (Y[0, :2] != 0).all()
    assert passed.mean[0, 2] == passed.variance[0, 2] == 0
