"""The laws of values with a step."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sweeps.errors import BadInput
from sweeps.space import IntUniform, LogIntUniform, LogUniform, ReverseLogUniform, Space, Uniform
from sweeps.space.scale import REVERSE_LOG

UNIT = st.floats(0, 1)


@st.composite
def as_written(draw, negative=True):
    """A decimal of a few digits, such as 1.7e9, 0.001 or -35."""
    digits = draw(st.integers(-9999 if negative else 1, 9999))
    return Decimal(digits).scaleb(draw(st.integers(-6, 6)))


@st.composite
def grids(draw):
    """Any distribution with a step, as its user would write it: its low, step and number of values."""
    kind = draw(st.sampled_from([Uniform, LogUniform, IntUniform, LogIntUniform, ReverseLogUniform]))
    count = draw(st.integers(2, 3000))
    if kind.integer:
        low = draw(st.sampled_from([1, 10, 2**31, 2**53 - 7, 2**60, 2**62])) + draw(st.integers(0, 1000))
        step = draw(st.integers(1, 2**40))
        assume(low + count * step < 2**63)
        return (
            kind(low, low + (count - 1) * step + draw(st.integers(0, step - 1)), step=step),
            low,
            step,
            count,
        )
    low, step = draw(as_written(negative=kind is not LogUniform)), draw(as_written(negative=False))
    if kind is ReverseLogUniform:
        low = -abs(low) - count * step
    high = low + (count - 1) * step
    assume(float(step) > 4 * math.ulp(float(max(abs(low), abs(high)))))
    return kind(float(low), float(high), step=float(step)), low, step, count


@given(grids())
def test_there_are_as_many_values_as_written_and_each_is_the_nearest_float(grid):
    distribution, low, step, count = grid
    assert distribution.size == Space({"x": distribution}).size == count
    values = [distribution.grid.at(k) for k in range(count)]
    number = int if distribution.integer else float
    assert values == [number(low + k * step) for k in range(count)]
    assert len(set(values)) == count
    assert values[0] == distribution.low
    assert values[-1] <= distribution.high


@given(grids(), st.floats(0, 1, exclude_max=True))
def test_every_value_has_a_coordinate_that_gives_it_back(grid, where):
    distribution, _, _, count = grid
    value = distribution.grid.at(int(where * count))
    unit = distribution.to_unit(value)
    assert value in distribution
    assert 0 <= unit <= 1
    assert distribution.from_unit(unit) == value
    assert type(distribution.from_unit(unit)) is (int if distribution.integer else float)


@given(grids(), UNIT)
def test_coordinates_give_values_of_the_grid_and_arrays_agree(grid, unit):
    distribution, *_ = grid
    value = distribution.from_unit(unit)
    assert value in distribution
    assert distribution.low <= value <= distribution.high
    snapped = float(distribution.grid.snapped(np.array([unit]))[0])
    if (
        distribution.from_unit(snapped) != value
    ):  # one of the two has rounded across the border between values
        assert distribution.from_unit(unit - 1e-9) != distribution.from_unit(unit + 1e-9)


@given(grids())
def test_cells_are_the_coordinates_of_values_and_what_lies_between(grid):
    distribution, *_ = grid
    centres, borders = distribution.grid.cells()
    assert len(centres) == distribution.size == len(borders) + 1
    assert (np.diff(centres) > 0).all()
    assert (centres[:-1] < borders).all()
    assert (borders < centres[1:]).all()
    some = np.linspace(0, distribution.size - 1, 5).astype(int).tolist()
    assert [distribution.from_unit(centres[k]) for k in some] == [distribution.grid.at(k) for k in some]


@pytest.mark.parametrize(
    ("distribution", "values"),
    [
        (IntUniform(2, 10, step=5), [2, 7]),
        (Uniform(0.2, 0.8, step=0.3), [0.2, 0.5, 0.8]),
        (Uniform(0.3, 1.5, step=0.2), [0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5]),
        (Uniform(0, 0.35, step=0.1), [0.0, 0.1, 0.2, 0.3]),
        (Uniform(0, 1, step=1 / 3), [0.0, 1 / 3, 0.6666666666666666, 1.0]),
        (Uniform(0, 0.9, step=0.1 + 0.2), [0.0, 0.1 + 0.2, 0.6000000000000001, 0.9]),
        (Uniform(-0.3, 0.3, step=0.3), [-0.3, 0.0, 0.3]),
        (IntUniform(2**60, 2**60 + 3), [2**60 + k for k in range(4)]),
        (LogIntUniform(2**60, 2**60 + 3), [2**60 + k for k in range(4)]),
        (IntUniform(-(2**63) + 1, 2**63 - 1, step=2**62), [-(2**63) + 1 + k * 2**62 for k in range(4)]),
        (Uniform(-1.0, -0.9, step=0.1), [-1.0, -0.9]),
        (ReverseLogUniform(0.9, 0.99, step=0.03), [0.9, 0.93, 0.96, 0.99]),
    ],
)
def test_examples(distribution, values):
    found = sorted({distribution.from_unit(unit) for unit in np.linspace(0, 1, 2001).tolist()})
    assert repr(found) == repr(values)
    assert distribution.size == len(values)


def test_a_fine_step_far_from_0_keeps_all_its_values():
    distribution = Uniform(1.7e9, 1.7e9 + 1, step=0.001)
    found = sorted({distribution.from_unit(unit) for unit in np.linspace(0, 1, 20001).tolist()})
    assert len(found) == distribution.size == 1001
    assert found[1:3] == [1700000000.001, 1700000000.002]
    assert found[-1] == distribution.high


def test_each_whole_number_near_2_60_comes_equally_often():
    draws = [
        IntUniform(2**60, 2**60 + 4).from_unit(unit) for unit in ((np.arange(5000) + 0.5) / 5000).tolist()
    ]
    assert [draws.count(2**60 + k) for k in range(5)] == [1000] * 5


@pytest.mark.parametrize(
    ("make", "place", "says"),
    [
        (lambda: Uniform(1e16, 1e16 + 10, step=0.5), "step", "too fine"),
        (lambda: Uniform(1, 2, step=1e-300), "step", "too fine"),
        (lambda: Uniform(0, 1, step=1.5), "step", "at most high - low = 1"),
        (lambda: LogUniform(1e15, 1e15 + 0.125), "log", "cannot tell apart"),
    ],
)
def test_steps_and_ends_that_give_one_value_or_the_same_twice_are_refused(make, place, says):
    with pytest.raises(BadInput, match=says) as caught:
        make()
    assert caught.value.place == place


@given(st.sampled_from(["low", "high"]), st.integers(1, 20))
def test_ranges_near_2_60_grow_by_their_own_width(end, width):
    for kind in (IntUniform, LogIntUniform):
        more = Space({"x": kind(2**60, 2**60 + width)}).grown("x", end, share=1)
        assert more.distributions["x"].size == pytest.approx(2 * width + 1, abs=1)


@given(st.floats(-1e6, 0.999), st.floats(0, 1))
def test_offsets_undo_distances(low, share):
    offset = share * (0.9999 - low)
    assert REVERSE_LOG.offset(low, REVERSE_LOG.distance(low, offset)) == pytest.approx(
        offset, rel=1e-6, abs=1e-9
    )
