"""Clipping by the norm against its definition and against torch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.pure import clip_by_norm
from trainer.optimizers import clip_, gradient_norm

# A sum of 20 squares, its root, a quotient and a product: some 30 roundings.
ROUNDING = 30 * np.finfo(np.float64).eps


def two_arrays(models=3, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"W1": (models, 4, 5), "b1": (models, 4, 1)}
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


def rows(grads):
    return np.concatenate([g.reshape(len(g), -1) for g in grads.values()], axis=1)


def test_norm_is_of_all_arrays_of_a_model():
    grads = two_arrays()
    norms = gradient_norm(grads)
    assert norms.dtype == np.float64
    np.testing.assert_allclose(norms, np.sqrt(np.square(rows(grads)).sum(axis=1)), rtol=ROUNDING)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.integers(0, 100))
def test_clipped_norm_is_within_the_limit_and_the_direction_kept(size, limit, seed):
    grads = {name: size * g for name, g in two_arrays(seed=seed).items()}
    norms, clipped = gradient_norm(grads), clip_by_norm(grads, np.full(3, limit))
    assert (gradient_norm(clipped) <= limit * (1 + ROUNDING)).all()
    scale = np.minimum(1, limit / norms)[:, None]
    np.testing.assert_allclose(rows(clipped), scale * rows(grads), rtol=ROUNDING)
    assert np.array_equal(rows(clipped)[norms <= limit], rows(grads)[norms <= limit])


def test_limits_differ_and_infinity_is_none():
    grads = two_arrays()
    before = {name: g.copy() for name, g in grads.items()}
    clipped = clip_by_norm(grads, np.array([1.0, np.inf, 0.1]))
    np.testing.assert_allclose(gradient_norm(clipped)[[0, 2]], [1, 0.1], rtol=ROUNDING)
    assert all(np.array_equal(clipped[name][1], grads[name][1]) for name in grads)
    assert all(np.array_equal(before[name], grads[name]) for name in grads)
    clip_(grads, gradient_norm(grads), np.array([1.0, np.inf, 0.1]))
    assert all(np.array_equal(clipped[name], grads[name]) for name in grads)


def test_zero_stays_zero_and_nan_stays_nan():
    grads = two_arrays()
    grads["W1"][0], grads["b1"][0] = 0, 0
    grads["W1"][1, 0, 0] = np.nan
    clipped = clip_by_norm(grads, np.full(3, 0.5))
    assert (clipped["W1"][0] == 0).all()
    assert np.isnan(clipped["W1"][1]).any()
    assert gradient_norm(clipped)[2] == pytest.approx(0.5)


# In torch float32's squares are float64's; float64's own have nothing to grow in.
@pytest.mark.parametrize(
    ("array", "dtype", "huge"),
    [("numpy", np.float32, 1e30), ("numpy", np.float64, 1e200), ("torch", np.float32, 1e30)],
)
def test_squares_may_overflow_where_the_norm_does_not(array, dtype, huge):
    to_array = np.array if array == "numpy" else pytest.importorskip("torch").tensor
    flat = np.ones((3, 100), dtype)
    flat[1] *= huge
    flat[2, 5] = np.inf
    grads = {"W1": to_array(flat)}
    precision = 100 * np.finfo(dtype).eps
    np.testing.assert_allclose(np.asarray(gradient_norm(grads)), [10, 10 * huge, np.inf], rtol=precision)
    clipped = clip_by_norm({"W1": grads["W1"][:2]}, np.full(2, 5.0))["W1"]
    np.testing.assert_allclose(np.asarray(clipped), np.full((2, 100), 0.5), rtol=precision)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("limit", [0.5, 2.0, 1e3])
def test_agrees_with_torch(dtype, limit):
    torch = pytest.importorskip("torch")
    grads = two_arrays(dtype=getattr(np, dtype))
    found = clip_by_norm(grads, np.full(3, limit))
    on_torch = clip_by_norm({name: torch.tensor(g) for name, g in grads.items()}, np.full(3, limit))
    precision = 60 * np.finfo(getattr(np, dtype)).eps
    for model in range(3):
        params = [
            torch.nn.Parameter(torch.zeros(g.shape[1:], dtype=getattr(torch, dtype))) for g in grads.values()
        ]
        for param, g in zip(params, grads.values(), strict=True):
            param.grad = torch.tensor(g[model])
        norm = torch.nn.utils.clip_grad_norm_(params, limit)
        # The 1e-6 that torch adds to the norm is this share of it.
        share = 1e-6 / norm.item() + precision
        for name, param in zip(grads, params, strict=True):
            np.testing.assert_allclose(found[name][model], param.grad.numpy(), rtol=share)
            np.testing.assert_allclose(on_torch[name][model].numpy(), found[name][model], rtol=precision)
