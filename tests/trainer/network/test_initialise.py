"""Initial weights: what each initialisation is for, and whose draws are whose."""

import math

import numpy as np
import pytest

from tests.trainer.problems import targets
from tests.trainer.pure import cost
from trainer.config import MLPConfig
from trainer.heads import HEADS
from trainer.layers.activation import ACTIVATIONS
from trainer.layers.initialisers import INITIALISERS
from trainer.network.initialise import initial_params, initial_state
from trainer.network.network import Network
from trainer.network.shapes import param_shapes, statistic_shapes


def drawn(widths, seed=0, **config):
    """The parameters of one model."""
    hidden = tuple(widths[1:-1])
    return initial_params(MLPConfig(hidden=hidden, **config), tuple(widths), seed)


def stack(params):
    return {name: p[None].copy() for name, p in params.items()}


def trained(params, activation, steps=20, alpha=0.5):
    """After steps of gradient descent on 8 examples of 3 classes."""
    rng, params = np.random.default_rng(0), stack(params)
    network = Network(3, ACTIVATIONS[activation], HEADS["softmax"])
    inputs, T = [(slice(0, 1), rng.normal(size=(8, 3)))], targets("softmax", 8, rng)
    for _ in range(steps):
        grads = {name: np.full_like(p, np.nan) for name, p in params.items()}
        network.backward(params, network.forward(params, inputs), T, grads)
        params = {name: p - alpha * grads[name] for name, p in params.items()}
    return {name: p[0] for name, p in params.items()}


def unlike(W):
    """How far the weights of a layer's units are apart."""
    return np.ptp(W, axis=0).max()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_zeros_never_break_the_symmetry(activation):
    start = drawn((3, 5, 5, 3), initialisation="zeros")
    assert all((p == 0).all() for p in start.values())
    params = trained(start, activation)
    # Alike but for the order in which a product sums at most 8 terms below 1, in 20 steps.
    assert unlike(params["W1"]) <= 20 * 8 * 2.0**-53
    assert unlike(params["W2"]) <= 20 * 8 * 2.0**-53
    assert unlike(trained(drawn((3, 5, 5, 3)), activation)["W1"]) > 0.1
    assert (params["b3"] != 0).all()
    # A sigmoid puts out ½ where it learns nothing, so all its layers move, as one unit each.
    assert (params["W1"] != 0).all() == (activation == "sigmoid")


def initial_loss(**config):
    """Of 100 examples of ones and minus ones, 20 features, through 500 relus into 10 classes."""
    rng, params = np.random.default_rng(1), stack(drawn((20, 500, 10), **config))
    X, T = rng.choice([-1.0, 1.0], size=(100, 20)), np.eye(10)[rng.integers(0, 10, 100)].T[None]
    network = Network(2, ACTIVATIONS["relu"], HEADS["softmax"])
    return cost(network, params, [(slice(0, 1), X)], T)[0]


def test_too_large_a_scale_begins_with_a_huge_loss():
    # An example's hidden layer has a squared norm of 500 · ½ · σ² · 20 with a relative deviation of
    # √(5/500) = 0.1, so half of it at least; its outputs, given that, are ten Gaussians of deviation
    # s = σ·norm. A loss is at least the largest of them less the target's. Over random targets that is how
    # far the largest is above their mean: 1.5 s on average, and less than 0.1 s only where all ten deviate
    # by 0.3 s or less, which is a matter of 5 in 10,000 even if the examples were all one.
    scale = 10
    s = scale * math.sqrt(0.5 * 500 * 0.5 * scale**2 * 20)
    assert 0.1 * s > 200 * math.log(10)
    assert initial_loss(initialisation="normal", initial_scale=scale) > 0.1 * s


def test_he_begins_near_the_loss_of_knowing_nothing():
    # Outputs have the variance s² = 2: on average log Σ exp is at most log 10 + s²/2. A class's output
    # counts for or against its examples: their mean deviates by s at the most.
    assert initial_loss(initialisation="he") < math.log(10) + 1 + 5 * math.sqrt(2 / 10)


@pytest.mark.parametrize("initialisation", ["he", "xavier", "normal"])
def test_he_alone_keeps_the_scale_through_twenty_relus(initialisation):
    width, depth = 400, 20
    widths = (width,) * (depth + 1) + (2,)
    network = Network(depth + 1, ACTIVATIONS["relu"], HEADS["softmax"])
    X = np.random.default_rng(2).normal(size=(1, width))
    params = stack(drawn(widths, initialisation=initialisation, initial_scale=0.01))
    passed = network.forward(params, [(slice(0, 1), X)])
    kept = math.log(np.square(passed.before[depth]).mean() / np.square(X).mean())
    # A layer multiplies the second moment by n σ²/2 on average: by 1 with He. Its relative variance is
    # (E relu⁴/(E relu²)² − 1)/n = 5/n, so the logarithm of twenty has the mean −½ · 20 · 5/n and the
    # variance 20 · 5/n: five deviations.
    expected = {"he": 0, "xavier": depth * math.log(1 / 2), "normal": depth * math.log(width * 1e-4 / 2)}
    spread = depth * 5 / width
    bound = spread / 2 + 5 * math.sqrt(spread)
    assert abs(kept - expected[initialisation]) < bound
    assert (abs(kept) < bound) == (initialisation == "he")


@pytest.mark.parametrize("initialisation", INITIALISERS)
def test_weight_variance_of_each_layer(initialisation):
    widths = (300, 200, 100)
    params = drawn(widths, initialisation=initialisation, initial_scale=0.3)
    for layer, (n_in, n_out) in enumerate([(300, 200), (200, 100)], start=1):
        W = params[f"W{layer}"]
        assert W.shape == (n_out, n_in)
        variance = {
            "he": 2 / n_in,
            "xavier": 1 / n_in,
            "glorot": 2 / (n_in + n_out),
            "normal": 0.09,
            "zeros": 0,
        }[initialisation]
        # The variance of n Gaussians has the relative deviation √(2/n), and their mean σ/√n; five each.
        assert W.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / W.size))
        assert abs(W.mean()) <= 5 * math.sqrt(variance / W.size)


def test_draws_are_of_the_seed_the_layer_and_the_replica():
    one, again = drawn((4, 4, 4, 4)), drawn((4, 4, 4, 4))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    for other in (drawn((4, 4, 4, 4), seed=1), drawn((4, 4, 4, 4), replica=1)):
        assert not any(np.isin(one[f"W{layer}"], other[f"W{layer}"]).any() for layer in (1, 2, 3))
    assert not np.isin(one["W1"], one["W2"]).any()


def test_models_share_their_draws_whatever_else_they_are():
    he, normal = drawn((4, 5, 3)), drawn((4, 5, 3), initialisation="normal", initial_scale=2.0)
    # A rounding of the product in each.
    np.testing.assert_allclose(he["W1"] * math.sqrt(4 / 2) * 2, normal["W1"], rtol=4 * 2.0**-53)
    deeper = drawn((4, 5, 3, 7), batch_norm=True)
    assert all(np.array_equal(he[name], deeper[name]) for name in ("W1", "W2"))


def test_a_narrower_net_is_drawn_on_its_own():
    narrow, wide = drawn((4, 3, 2)), drawn((4, 5, 2))
    # 3 × 4 draws and 2 × 3, row after row; those of the wider one fall into rows of five.
    assert np.array_equal(narrow["W1"], wide["W1"][:3])
    draws = wide["W2"].ravel() / math.sqrt(2 / 5)
    # A rounding of the product and of the quotient.
    np.testing.assert_allclose(narrow["W2"].ravel() / math.sqrt(2 / 3), draws[:6], rtol=4 * 2.0**-53)


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
def test_all_that_does_not_begin_at_zero(batch_norm):
    config, widths = MLPConfig(hidden=(3, 2), batch_norm=batch_norm), (4, 3, 2, 5)
    params = param_shapes(widths, batch_norm)
    shapes = {**params, **statistic_shapes(widths, batch_norm), "v.W1": (3, 4)}
    state = initial_state(config, widths, shapes, seed=0)
    names = {*params, *(name for name in shapes if name.startswith("variance"))}
    assert {name: x.shape for name, x in state.items()} == {name: shapes[name] for name in names}
    ones = {name for name, x in state.items() if (x == 1).all()}
    assert ones == ({"gamma1", "gamma2", "variance1", "variance2"} if batch_norm else set())
    assert {name for name, x in state.items() if x.any()} - ones == {"W1", "W2", "W3"}
