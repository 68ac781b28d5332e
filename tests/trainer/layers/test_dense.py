"""Dense layers: products for models that share their inputs, written where they are wanted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.libraries import DEVICES, backend, host
from trainer.layers import dense
from trainer.network.shapes import param_shapes
from trainer.stack.layout import Layout

UNIT = 2.0**-53  # float64's rounding unit
WIDTHS = (4, 5, 3, 2)
M = 7


def close(found, expected):
    # A sum of at most eight products of numbers below 4, each way.
    np.testing.assert_allclose(host(found), expected, rtol=0, atol=2 * 8 * 8 * 16 * UNIT)


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def views(models, device, batch_norm=False):
    """The flat arrays of a stack, filled with NaN, and its parameters as views into them."""
    shapes = param_shapes(WIDTHS, batch_norm)
    layout, array = Layout(shapes), backend(device).array
    flat = layout.flatten({name: array(np.full((models, *shape), np.nan)) for name, shape in shapes.items()})
    return flat, layout.views(flat)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("sizes", [(1,), (3,), (2, 1), (1, 1, 2)], ids=str)
def test_cohorts_multiply_each_their_own_inputs(sizes, device):
    array, models = backend(device).array, sum(sizes)
    W, ends = normal(models, 5, 4), np.cumsum(sizes)
    X = [normal(M, 4, seed=i) for i in range(len(sizes))]
    at = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    inputs = [(here, array(x)) for here, x in zip(at, X, strict=True)]
    seen = [x for x, size in zip(X, sizes, strict=True) for _ in range(size)]
    Z = dense.forward_shared(array(W), inputs)
    assert Z.shape == (models, 5, M)
    dZ, (flat, grads) = normal(models, 5, M, seed=9), views(models, device)
    dense.backward_shared(array(dZ), inputs, grads["W1"])
    for model, x in enumerate(seen):
        close(Z[model], W[model] @ x.T)
        close(grads["W1"][model], dZ[model] @ x)
    # Into the flat array itself, and nowhere else.
    close(flat["W1"].reshape(models, 5, 4), host(grads["W1"]))
    assert np.isnan(host(flat["rest"])).all()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("models", [1, 3])
@pytest.mark.parametrize("layer", [2, 3])
def test_gradients_go_into_views_of_larger_arrays(layer, models, device):
    array, (flat, grads) = backend(device).array, views(models, device)
    n_in, n_out = WIDTHS[layer - 1], WIDTHS[layer]
    A, dZ = normal(models, n_in, M), normal(models, n_out, M, seed=1)
    dense.backward(array(dZ), array(A), grads[f"W{layer}"])
    dense.sum_examples(array(dZ), grads[f"b{layer}"])
    for model in range(models):
        close(grads[f"W{layer}"][model], dZ[model] @ A[model].T)
        close(grads[f"b{layer}"][model], dZ[model].sum(axis=1, keepdims=True))
    written = ~np.isnan(host(flat["rest"]))
    assert (written.sum(axis=1) == n_out * n_in + n_out).all()


@pytest.mark.parametrize("device", DEVICES)
def test_products_are_each_models_own(device):
    array = backend(device).array
    W, A, dZ = normal(3, 5, 4), normal(3, 4, M), normal(3, 5, M, seed=1)
    Z, dA = dense.forward(array(W), array(A)), dense.backward_input(array(dZ), array(W))
    for model in range(3):
        close(Z[model], W[model] @ A[model])
        close(dA[model], W[model].T @ dZ[model])


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
def test_the_first_weights_lie_side_by_side_and_weights_are_all_weights(batch_norm, device):
    flat, params = views(3, device, batch_norm)
    backend_ = backend(device)
    for name, p in params.items():
        p[...] = 1 if name.startswith("W") else 0
    weights = Layout(param_shapes(WIDTHS, batch_norm)).weights(flat)
    assert all((host(w) == 1).all() for w in weights)
    assert sum(w.shape[1] for w in weights) == 5 * 4 + 3 * 5 + 2 * 3
    for w in weights:
        w *= 2
    for name, p in params.items():
        assert (host(p) == (2 if name.startswith("W") else 0)).all(), name
    flat["W1"][...] = backend_.array(np.arange(60.0).reshape(3, 20))
    assert host(params["W1"]).ravel().tolist() == list(range(60))
    assert host(params["W1"]).flags.c_contiguous


@given(st.integers(1, 3), st.lists(st.integers(1, 5), min_size=2, max_size=5), st.booleans())
def test_layout_round_trip(models, widths, batch_norm):
    shapes = param_shapes(tuple(widths), batch_norm)
    layout = Layout(shapes)
    params = {name: normal(models, *shape, seed=len(name)) for name, shape in shapes.items()}
    flat = layout.flatten(params)
    assert {part: x.shape for part, x in flat.items()} == {
        "W1": (models, widths[0] * widths[1]),
        "rest": (models, sum(p[0].size for name, p in params.items() if name != "W1")),
    }
    views = layout.views(flat)
    assert all(np.array_equal(views[name], params[name]) for name in params)
    for x in flat.values():
        x += 1
    assert all(np.array_equal(views[name], params[name] + 1) for name in params)
    weights = layout.weights(flat)
    in_all = sum(p[0].size for name, p in params.items() if name.startswith("W"))
    assert sum(w.shape[1] for w in weights) == in_all
