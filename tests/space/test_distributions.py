"""The laws every distribution keeps."""

import math
from dataclasses import replace
from enum import Enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweeps.errors import BadInput
from sweeps.space import (
    Choice,
    Fixed,
    IntUniform,
    LogIntUniform,
    LogUniform,
    ReverseLogUniform,
    Uniform,
    Unsaid,
)


class Colour(Enum):
    RED = 1


class Odd(Enum):
    ONE = print


UNIT = st.floats(0, 1)
FINITE = st.floats(-1e6, 1e6)


@st.composite
def numerics(draw):
    """Any numeric distribution whose ends are far enough apart to tell values from one another."""
    kind = draw(st.sampled_from([Uniform, LogUniform, ReverseLogUniform, IntUniform, LogIntUniform]))
    if kind.integer:
        low = draw(st.integers(1, 1000))
        high = low + draw(st.integers(1, 1000))
        return kind(low, high, step=draw(st.none() | st.integers(1, high - low)))
    low = draw(
        {Uniform: FINITE, LogUniform: st.floats(1e-9, 1e6), ReverseLogUniform: st.floats(-10, 0.99)}[kind]
    )
    ceiling = 1 - 1e-9 if kind is ReverseLogUniform else math.inf
    high = min(low + max(abs(low), 1.0) * draw(st.floats(0.005, 1e3)), ceiling)
    return kind(low, high, step=draw(st.none() | st.floats(0.01, 1.0).map(lambda part: part * (high - low))))


@given(numerics().filter(lambda distribution: distribution.step is not None), UNIT)
def test_snapped_coordinates_give_the_same_values_and_equal_values_have_equal_ones(distribution, unit):
    value = distribution.from_unit(unit)
    snapped, again = distribution.grid.snapped(np.array([unit, distribution.to_unit(value)]))
    if snapped == again:  # but where rounding takes the border between two values for the other side
        assert distribution.from_unit(snapped) == value
    else:
        nudged = [distribution.from_unit(unit + side) for side in (-1e-9, 1e-9)]
        assert nudged[0] != nudged[1]


@given(numerics(), UNIT)
def test_values_lie_within_the_bounds_and_belong(distribution, unit):
    value = distribution.from_unit(unit)
    assert distribution.low <= value <= distribution.high
    assert value in distribution


@given(numerics(), UNIT)
def test_round_trip(distribution, unit):
    value = distribution.from_unit(unit)
    again = distribution.from_unit(distribution.to_unit(value))
    if distribution.step is None:
        # The scale's own rounding: a few units in the last place of the numbers that pass through it.
        assert again == pytest.approx(
            value, rel=1e-9, abs=1e-9 * max(abs(distribution.low), abs(distribution.high))
        )
    else:
        assert again == value


@given(numerics(), UNIT, UNIT)
def test_monotone(distribution, one, other):
    small, large = sorted((one, other))
    assert distribution.from_unit(small) <= distribution.from_unit(large)


@given(numerics())
def test_ends_are_reached(distribution):
    assert distribution.from_unit(0.0) == distribution.low
    if distribution.step is None or distribution.step == 1:
        assert distribution.from_unit(1.0) == distribution.high


@pytest.mark.parametrize(
    ("distribution", "to_line"),
    [
        (LogUniform(1e-5, 1), np.log),
        (ReverseLogUniform(0.9, 0.9999), lambda x: -np.log1p(-x)),
        (Uniform(-3, 5), np.asarray),
    ],
)
def test_draws_are_uniform_in_the_scale(distribution, to_line):
    units = np.random.default_rng(0).random(5000)
    line = to_line(np.array([distribution.from_unit(u) for u in units]))
    low, high = to_line(np.array([distribution.low, distribution.high]))
    # The seed is fixed, so this cannot flicker; a wrong scale gives a p-value of 0 to double precision.
    assert stats.kstest((line - low) / (high - low), "uniform").pvalue > 0.01


def test_whole_numbers_come_equally_often():
    draws = [IntUniform(1, 5).from_unit(u) for u in (np.arange(5000) + 0.5) / 5000]
    assert [draws.count(n) for n in range(1, 6)] == [1000] * 5
    assert all(type(n) is int for n in draws)


def test_steps_are_counted_from_the_lower_end():
    assert {Uniform(0, 0.35, step=0.1).from_unit(u) for u in np.linspace(0, 1, 50)} == {0.0, 0.1, 0.2, 0.3}
    assert {LogIntUniform(16, 64, step=16).from_unit(u) for u in np.linspace(0, 1, 50)} == {16, 32, 48, 64}


def test_choices_own_equal_cells():
    choice = Choice(["a", "b", "c"])
    assert [choice.from_unit(u) for u in (0, 0.34, 0.99, 1.0)] == ["a", "b", "c", "c"]
    assert [choice.from_unit(choice.to_unit(v)) for v in "abc"] == list("abc")


def test_a_fixed_value_is_not_searched():
    assert Fixed(3).from_unit(0.7) == 3
    assert Fixed(3).fixed
    assert Choice([3]).fixed


@pytest.mark.parametrize(
    ("make", "place", "says"),
    [
        (lambda: LogUniform(0, 1), "log", "above 0"),
        (lambda: LogUniform(1, 0.1), "log", "low below high"),
        (lambda: Uniform(1, 1), "uniform", "low below high"),
        (lambda: ReverseLogUniform(0.9, 1.0), "reverse_log", "below 1"),
        (lambda: Uniform(0, math.inf), "uniform", "finite"),
        (lambda: Uniform("0", 1), "uniform", "finite number"),
        (lambda: IntUniform(1, 2.5), "int", "whole number"),
        (lambda: Uniform(0, 1, step=0), "step", "above 0"),
        (lambda: IntUniform(1, 9, step=0.5), "step", "whole number"),
        (lambda: Choice([]), "choice", "at least one"),
        (lambda: Choice([1, 1]), "choice", "twice"),
        (lambda: Choice([1, 1.0, "a", "a"]), "choice", "twice, 'a'"),
        (lambda: Choice([[1], [2], [1]]), "choice", "twice"),
        (lambda: Choice([Colour.RED, 1]), "choice", "which a table stores alike"),
        (lambda: Choice([Odd.ONE]), "choice", "cannot be stored"),
        (lambda: Choice([1, math.nan]), "choice", "compared"),
        (lambda: Choice([2**63]), "choice", "64 bits"),
        (lambda: Choice([[["\ud800"]]]), "choice", "half a character"),
        (lambda: Choice([print]), "choice", "cannot be stored"),
        (lambda: Fixed({"a": 1}), "fixed", "cannot be stored"),
        (lambda: Uniform(0, 1, when="adam"), "when", "must map"),
    ],
)
def test_what_cannot_be_is_refused(make, place, says):
    with pytest.raises(BadInput, match=says) as caught:
        make()
    assert caught.value.place == place


@pytest.mark.parametrize("distribution", [Uniform(0, 1), Choice(["a"]), Fixed(1)])
def test_a_foreign_value_has_no_coordinate(distribution):
    assert "zebra" not in distribution
    with pytest.raises(BadInput):
        distribution.to_unit("zebra")


def test_numpys_numbers_are_values_like_pythons_and_true_is_none():
    assert np.int64(3) in IntUniform(1, 5)
    assert IntUniform(1, 5).to_unit(np.int64(3)) == IntUniform(1, 5).to_unit(3)
    assert LogUniform(0.1, 10).to_unit(np.float32(1)) == pytest.approx(0.5)
    assert True not in IntUniform(0, 1)
    with pytest.raises(BadInput, match="must be a number from 0 to 1"):
        IntUniform(0, 1).to_unit(True)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (LogUniform(1e-5, 1, likely=1e-3), 1e-3),
        (IntUniform(1, 9, likely=4), 4),
        (Choice(["a", "b"], likely="b"), "b"),
    ],
    ids=["log", "int", "choice"],
)
def test_a_likely_value_is_kept_in_a_spec_and_one_outside_is_refused(form, value):
    assert form.likely == value
    assert form.to_yaml()["likely"] == value
    with pytest.raises(BadInput, match="likely"):
        replace(form, likely=100)


def test_a_narrower_range_keeps_a_likely_value_that_lies_in_it():
    rate = LogUniform(1e-5, 1, likely=1e-3)
    assert rate.changed(low=1e-4).likely == 1e-3
    assert isinstance(rate.changed(low=1e-2).likely, Unsaid)
