"""Losses as the model learns them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.surrogate import Targets

LOSS = st.integers(-1000, 1000).map(float)
LOSSES = st.tuples(st.lists(LOSS, min_size=1, max_size=20), st.lists(st.just(np.inf), max_size=20)).map(
    lambda parts: np.array(parts[0] + parts[1])
)
FEW_VALUES = st.lists(st.sampled_from([0.0, 1.0, 5.0, np.inf]), max_size=12).map(
    lambda more: np.array([0.0, *more])
)
EITHER = LOSSES | FEW_VALUES
ANY = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20).map(np.array)


@given(EITHER, st.integers(-(2**20), 2**20), st.integers(-60, 60))
def test_units_and_zero_do_not_matter(losses, shift, power):
    """Whole numbers, so that not one bit is rounded away."""
    np.testing.assert_array_equal(Targets((losses + shift) * 2.0**power).values, Targets(losses).values)


@given(EITHER | ANY)
def test_monotone_and_finite(losses):
    values = Targets(losses).values
    assert np.isfinite(values).all()
    assert (np.diff(values[np.argsort(losses)]) >= 0).all()
    best = values[losses == losses.min()]
    assert (best == best[0]).all()


@given(EITHER)
def test_the_infeasible_are_as_bad_as_it_gets_and_worse_than_the_best(losses):
    values = Targets(losses).values
    infeasible = ~np.isfinite(losses)
    assert (values[infeasible] == values.max()).all()
    assert (values[infeasible] > values.min()).all()


@given(EITHER)
def test_new_losses_are_mapped_as_the_old_ones(losses):
    targets = Targets(losses)
    np.testing.assert_array_equal(targets(losses), targets.values)
    assert targets(np.array([losses.min() - 1])) == targets.values.min(), "none is better than the best"


@given(LOSSES)
def test_the_spread_is_one_unless_all_are_equal(losses):
    values = Targets(losses).values
    one = 0.0 if (losses == losses[0]).all() else 1.0
    assert values.std() == pytest.approx(one, abs=1e-12)  # n · ε


@pytest.mark.parametrize("losses", [[3.0], [3.0, 3.0, 3.0], [-1e300]])
def test_what_tells_nothing_apart_is_all_zero(losses):
    assert (Targets(np.array(losses)).values == 0).all()


@pytest.mark.parametrize(
    "losses", [[1.0, np.inf, np.inf], [0.0, 0, 0, 5, np.inf], [0.0, 1e-320, 1e-320, 1e10]]
)
def test_few_feasible_or_many_as_good_as_the_best(losses):
    """The best stand out, though the median is no further off than they."""
    values = Targets(np.array(losses)).values
    assert values.min() == values[0] < values[-1]
