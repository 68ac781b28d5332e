"""Laws of the heads that classify."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainer.heads import HEADS

UNIT = 2.0**-53  # float64's rounding unit
SIZES = st.tuples(st.integers(1, 4), st.integers(2, 5), st.integers(1, 6))


@given(SIZES, st.floats(-1e4, 1e4), st.integers(0, 99))
def test_softmax_laws(sizes, shift, seed):
    _, classes, m = sizes
    rng = np.random.default_rng(seed)
    Z, T = 5 * rng.normal(size=sizes), np.eye(classes)[rng.integers(0, classes, m)].T[None]
    loss, gradient = HEADS["softmax"].loss(Z, T), HEADS["softmax"].gradient(Z, T)
    assert (loss >= 0).all()
    # A shift rounds each of two outputs, near 1e4, once.
    bound = 4 * 1e4 * UNIT
    np.testing.assert_allclose(HEADS["softmax"].loss(Z + shift, T), loss, rtol=0, atol=bound)
    np.testing.assert_allclose(HEADS["softmax"].gradient(Z + shift, T), gradient, rtol=0, atol=bound)
    # Probabilities sum to one, up to some roundings each.
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=4 * classes * UNIT)
    assert (np.abs(gradient) <= 1 / m).all()


@given(st.floats(-1e4, 1e4), st.sampled_from([0.0, 1.0]))
def test_logistic_is_softmax_of_two_whose_first_is_zero(z, target):
    Z, T = np.full((1, 1, 1), z), np.full((1, 1, 1), target)
    pair, one_hot = np.concatenate([0 * Z, Z], axis=1), np.concatenate([1 - T, T], axis=1)
    loss = HEADS["logistic"].loss(Z, T)
    assert (loss >= 0).all()
    # A few roundings of z, or of log 2 and the like.
    bound = 4 * UNIT * (abs(z) + 2)
    np.testing.assert_allclose(loss, HEADS["softmax"].loss(pair, one_hot), rtol=0, atol=bound)
    gradient = HEADS["softmax"].gradient(pair, one_hot)[:, 1:]
    np.testing.assert_allclose(HEADS["logistic"].gradient(Z, T), gradient, rtol=0, atol=bound)
