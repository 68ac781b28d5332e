"""Points as the model sees them."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sweeps.space import Space
from sweeps.surrogate import Features
from tests.space.test_distributions import UNIT, numerics

MIXED = Space(
    {
        "first": {"choice": ["x", "y"]},
        "a": {"uniform": [0, 1], "when": {"first": "x"}},
        "n": {"int": [1, 3]},
        "b": {"choice": [1, 2, 3], "when": {"first": "y", "n": [2, 3]}},
        "c": {"choice": [0.1, 0.2, 0.3, 0.4], "ordered": True, "when": {"b": [1, 2]}},
        "fixed": 7,
    }
)
POINTS = st.lists(UNIT, min_size=5, max_size=5).map(np.array)


@given(numerics(), UNIT)
def test_coordinates_of_one_value_have_equal_features(distribution, unit):
    """Just at a cell's end the value hangs on the last bit, here as in the space."""
    assume(distribution.step and distribution.grid.last < 1000)
    value = distribution.from_unit(unit)
    assume(distribution.from_unit(unit - 1e-8) == value == distribution.from_unit(unit + 1e-8))
    found = Features(Space({"x": distribution})).of(np.array([[unit], [distribution.to_unit(value)]]))
    assert found[0] == found[1]


@given(numerics(), UNIT, UNIT)
def test_other_values_have_other_features_in_the_same_order(distribution, one, other):
    low, high = sorted((one, other))
    assume(distribution.from_unit(high - 1e-8) > distribution.from_unit(low + 1e-8))
    found = Features(Space({"x": distribution})).of(np.array([[low], [high]]))[:, 0]
    assert 0 <= found[0] < found[1] <= 1


@given(POINTS)
def test_a_point_has_the_features_of_its_config(point):
    config = MIXED.config(point)
    again = np.nan_to_num(MIXED.point(config), nan=0.123)  # what is inactive does not matter
    nudged = [MIXED.config(np.clip(point + step, 0, 1)) for step in (-1e-8, 1e-8)]
    assume(all({**near, "a": 0} == {**config, "a": 0} for near in nudged))
    features = Features(MIXED)
    np.testing.assert_allclose(*features.of(np.array([point, again])), rtol=0, atol=1e-15)


@given(POINTS)
def test_active_is_what_the_config_has(point):
    found = Features(MIXED).active(point[None])[0]
    assert found.tolist() == [name in MIXED.config(point) for name in MIXED.searched]


@pytest.mark.parametrize("count", [2, 3, 7])
def test_unordered_values_are_a_distance_of_1_apart(count):
    features = Features(Space({"x": {"choice": list(range(count))}}))
    found = features.of((np.arange(count)[:, None] + 0.5) / count)
    distances = np.linalg.norm(found[:, None] - found[None], axis=2)
    np.testing.assert_allclose(distances, 1 - np.eye(count), rtol=0, atol=4 * np.finfo(float).eps)
    assert not features.ordered.any()


def test_ordered_values_lie_in_their_order():
    features = Features(Space({"x": {"choice": [16, 32, 64], "ordered": True}}))
    assert features.of(np.array([[0.0], [0.4], [1.0]])).ravel() == pytest.approx([1 / 6, 1 / 2, 5 / 6])


def test_groups_belong_to_hyperparameters():
    features = Features(MIXED)
    assert features.group.tolist() == [0, 0, 1, 2, 3, 3, 3, 4]
    assert features.ordered.tolist() == [False, False, True, True, False, False, False, True]
    assert features.of(np.zeros((0, 5))).shape == (0, 8)


@pytest.mark.parametrize("form", [{"x": 1}, {"x": {"choice": ["only"]}}])
def test_nothing_to_search_has_no_features(form):
    features = Features(Space(form))
    assert features.of(np.empty((3, 0))).shape == (3, 0)
    assert features.group.dtype.kind == "i"
    assert features.ordered.dtype == bool
