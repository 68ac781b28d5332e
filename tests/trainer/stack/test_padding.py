"""Models of different widths side by side: padded with zeros, which change nothing and stay zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.libraries import DEVICES, backend, host
from tests.trainer.problems import problem
from trainer.layers.activation import ACTIVATIONS
from trainer.stack.padding import fitted, stacked

UNIT = 2.0**-53  # float64's rounding unit
NUMPY = backend("cpu")

SHAPES = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=4)
# Each axis' length, and how much longer it is when it is padded.
PAIRS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=1, max_size=3)


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)


@pytest.mark.parametrize("device", DEVICES)
@given(st.integers(1, 3), PAIRS)
def test_padding_then_cutting_gives_the_array_back(device, models, lengths):
    shape, larger = tuple(n for n, _ in lengths), tuple(n + more for n, more in lengths)
    x, library = normal(models, *shape), backend(device)
    padded = fitted(library.array(x), larger, library)
    assert padded.shape == (models, *larger)
    assert np.count_nonzero(host(padded)) == x.size
    assert np.array_equal(host(fitted(padded, shape, library)), x)


@given(PAIRS)
def test_cutting_then_padding_clears_all_beyond(lengths):
    shape, larger = tuple(n for n, _ in lengths), tuple(n + more for n, more in lengths)
    x = normal(2, *larger)
    found = fitted(fitted(x, shape, NUMPY), larger, NUMPY)
    corner = (slice(None), *(slice(0, n) for n in shape))
    assert np.array_equal(found[corner], x[corner])
    assert np.count_nonzero(found) == x[corner].size


def test_one_axis_may_grow_while_another_shrinks():
    x = normal(2, 3, 4)
    found = fitted(x, (2, 6), NUMPY)
    assert np.array_equal(found[:, :, :4], x[:, :2])
    assert (found[:, :, 4:] == 0).all()


@given(SHAPES)
def test_stacking_is_padding_each(shapes):
    larger = tuple(max(lengths) for lengths in zip(*shapes, strict=True))
    models = [{"x": normal(*shape, seed=i)} for i, shape in enumerate(shapes)]
    together = stacked(models, {"x": larger}, np.float64)["x"]
    alone = [fitted(model["x"][None], larger, NUMPY) for model in models]
    assert np.array_equal(together, np.concatenate(alone))
    assert stacked(models, {"x": larger}, np.float32)["x"].dtype == np.float32


def beside_a_wider_one(case, hidden, **kind):
    """The problem's model, and another that fills hidden layers of these widths."""
    other = problem(hidden, models=2, **kind)
    models = [{name: p[0] for name, p in each.params.items()} for each in (case, other)]
    shapes = {name: p.shape[1:] for name, p in other.params.items()}
    return case._replace(network=other.network, params=stacked(models, shapes, np.float64))


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
@pytest.mark.parametrize("activation", [name for name, each in ACTIVATIONS.items() if each.zero_at_zero])
def test_a_padded_model_computes_the_same_and_its_padding_has_no_gradient(activation, batch_norm):
    case = problem((3, 2), models=1, activation=activation, batch_norm=batch_norm)
    wide = beside_a_wider_one(case, (5, 6), activation=activation, batch_norm=batch_norm)
    grads, alone = wide.grads(), case.grads()
    for name, expected in alone.items():
        corner = tuple(slice(0, n) for n in expected.shape[1:])
        found = grads[name][0]
        # Products of at most 6 terms, through three layers and back, of numbers below 20.
        np.testing.assert_allclose(found[corner], expected[0], rtol=0, atol=6 * 6 * 20 * UNIT)
        rest = found.copy()
        rest[corner] = 0
        assert (rest == 0).all(), name
    outputs = wide.network.forward(wide.params, wide.inputs).outputs[0]
    expected = case.network.forward(case.params, case.inputs).outputs[0]
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=3 * 6 * 20 * UNIT)
