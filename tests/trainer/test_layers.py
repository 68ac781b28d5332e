"""Initial weights, activations, dropout, the loss and the parameters' layout."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trainer.loss import cross_entropy, cross_entropy_gradient

from trainer.layers.activation import ACTIVATIONS
from trainer.layers.dropout import draw_masks
from trainer.network.initialise import he, initial_params, xavier
from trainer.network.network import Network
from trainer.stack.layout import Layout


@pytest.mark.parametrize(("initialiser", "kept"), [(he, True), (xavier, False)])
def test_he_keeps_the_scale_of_relu_activations(initialiser, kept):
    width, depth = 512, 12
    params = initial_params((width,) * (depth + 1), initialiser, models=1, seed=1, dtype=np.float64)
    network = Network((width,) * (depth + 1), ACTIVATIONS["relu"])
    X = np.random.default_rng(2).normal(size=(1, width))
    square = np.square(network.forward(params, X).logits).mean() / (2 * np.square(X).mean())
    # A layer multiplies the mean square by 1 with a relative variance of (E relu⁴/(E relu²)² − 1)/n
    # = 5/n; five standard deviations of their product. Xavier halves it at each relu.
    bound = 5 * math.sqrt(5 * depth / width)
    assert (abs(math.log(square)) < bound) == kept


def test_initial_weights_are_the_same_for_all_models_and_dtypes():
    arguments = {"models": 3, "seed": 5}
    double = initial_params((4, 3, 2), he, dtype=np.float64, **arguments)
    single = initial_params((4, 3, 2), he, dtype=np.float32, **arguments)
    assert {name: p.shape for name, p in single.items()} == {
        "W1": (3, 3, 4),
        "b1": (3, 3, 1),
        "W2": (3, 2, 3),
        "b2": (3, 2, 1),
    }
    for name, p in single.items():
        assert p.dtype == np.float32
        assert np.array_equal(p, double[name].astype(np.float32))
        assert (p == p[:1]).all()
    assert (single["b1"] == 0).all()
    assert not np.array_equal(double["W2"][0, :, :2], double["W1"][0, :2, :2])


@pytest.mark.parametrize(("initialiser", "variance"), [(he, 2 / 300), (xavier, 2 / 500)])
def test_weight_variance(initialiser, variance):
    W = initial_params((300, 200), initialiser, models=1, seed=0, dtype=np.float64)["W1"]
    # The variance of n Gaussians has the relative deviation √(2/n); five of them.
    assert W.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / W.size))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_zero_at_zero(name):
    assert ACTIVATIONS[name].forward(np.zeros((1, 1, 1)))[0, 0, 0] == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_keeps_the_expectation(dtype):
    keep = np.array([0.25, 0.6, 1.0])
    (mask,) = draw_masks(keep, [400], 100, seed=0, epoch=0, batch=0, dtype=dtype)
    assert mask.shape == (3, 400, 100)
    assert mask.dtype == dtype
    for p, of_model in zip(keep, mask, strict=True):
        # An entry is 1/p with probability p: variance (1 − p)/p. Five deviations; the entries of
        # p = 1 are 1 exactly.
        deviation = math.sqrt((1 - p) / p / of_model.size)
        assert abs(of_model.mean(dtype=np.float64) - 1) <= 5 * deviation
        assert set(np.unique(of_model)) <= {dtype(0), 1 / dtype(p)}


def test_dropout_draws_are_common_to_models_and_widths():
    draw = {"m": 7, "seed": 1, "epoch": 2, "batch": 3, "dtype": np.float32}
    wide = draw_masks(np.array([0.3, 0.8]), [16, 9], **draw)
    narrow = draw_masks(np.array([0.3]), [5, 4], **draw)
    assert np.array_equal(wide[0][:1, :5], narrow[0])
    assert np.array_equal(wide[1][:1, :4], narrow[1])
    # What the model of lower p keeps is kept by the other too.
    assert not ((wide[0][0] > 0) & (wide[0][1] == 0)).any()


@pytest.mark.parametrize("other", [{"seed": 2}, {"epoch": 3}, {"batch": 4}])
def test_dropout_draws_differ_between_keys(other):
    draw = {"m": 7, "seed": 1, "epoch": 2, "batch": 3, "dtype": np.float32}
    one = draw_masks(np.array([0.5]), [16, 16], **draw)
    assert not np.array_equal(one[0], draw_masks(np.array([0.5]), [16], **{**draw, **other})[0])
    assert not np.array_equal(one[0], one[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_of_large_logits(dtype):
    Z = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]], dtype)[None]
    # The right class by far, the wrong one by far (its loss is the gap), and a tie.
    loss = cross_entropy(Z, np.array([0, 0, 1]))
    np.testing.assert_allclose(loss, [[0.0, 2e4, math.log(2)]], rtol=1e-6)
    gradient = cross_entropy_gradient(Z, np.array([0, 0, 1]))
    np.testing.assert_allclose(gradient[0].T * 3, [[0, 0], [-1, 1], [0.5, -0.5]], atol=1e-6)


@given(st.integers(1, 4), st.integers(2, 5), st.integers(1, 6), st.floats(-1e4, 1e4), st.integers(0, 99))
def test_cross_entropy_laws(models, classes, m, shift, seed):
    rng = np.random.default_rng(seed)
    Z, y = rng.normal(size=(models, classes, m)) * 5, rng.integers(0, classes, m)
    loss = cross_entropy(Z, y)
    assert (loss >= 0).all()
    # A common shift changes nothing but the last bits of numbers near 1e4: 2e-12 each.
    np.testing.assert_allclose(cross_entropy(Z + shift, y), loss, atol=1e-11)
    # Probabilities sum to one, so each column of the gradient sums to zero.
    np.testing.assert_allclose(cross_entropy_gradient(Z, y).sum(axis=1), 0, atol=1e-15)


@given(st.integers(1, 3), st.lists(st.integers(1, 5), min_size=2, max_size=4))
def test_layout_round_trip(models, widths):
    params = initial_params(tuple(widths), he, models=models, seed=0, dtype=np.float32)
    layout = Layout({name: p.shape[1:] for name, p in params.items()})
    flat = layout.flatten(params)
    assert flat.shape == (models, sum(p[0].size for p in params.values()))
    views = layout.views(flat)
    assert all(np.array_equal(views[name], params[name]) for name in params)
    flat += 1
    assert all(np.array_equal(views[name], params[name] + 1) for name in params)
