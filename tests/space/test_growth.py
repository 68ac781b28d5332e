"""Laws of ranges that grow."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.space import (
    Choice,
    Fixed,
    IntUniform,
    LogIntUniform,
    LogUniform,
    Numeric,
    ReverseLogUniform,
    Space,
    Uniform,
    beyond,
)
from sweeps.spec import read_yaml
from sweeps.spec.yaml_text import write_yaml
from tests.space.test_distributions import UNIT, numerics
from tests.space.test_space import FORM

END = st.sampled_from(["low", "high"])
SHARE = st.floats(1 / 32, 1)


def grown(distribution, end, **how):
    """One hyperparameter's range, grown; None where it cannot be."""
    space = Space({"x": distribution}).grown("x", end, **how)
    return space and space.distributions["x"]


@given(numerics(), END, SHARE)
def test_one_end_moves_outwards_and_the_other_stays(distribution, end, share):
    more = grown(distribution, end, share=share)
    if more is not None:
        assert (more.low < distribution.low) == (end == "low")
        assert (more.high > distribution.high) == (end == "high")
        assert type(more) is type(distribution)
        assert more.step == distribution.step


@given(numerics(), END, SHARE)
def test_it_moves_by_the_share_in_the_scale(distribution, end, share):
    more = grown(distribution, end, share=share)
    if more is None:
        return
    forward = distribution.scale.forward
    if distribution.step is None:
        old, new = (forward(getattr(each, end)) for each in (distribution, more))
        moved, away = abs(new - old), share * (forward(distribution.high) - forward(distribution.low))
        # Next to 1, a reverse log scale feels the last bit of the value.
        last_bit = 2**-52 / (1 - more.high) if type(more) is ReverseLogUniform else 0
        stopped_at_0 = end == "low" and more.low == 0 and moved < away
        assert stopped_at_0 or moved == pytest.approx(away, rel=1e-6, abs=2 * last_bit)
        return
    steps = more.grid.last - distribution.grid.last
    target = beyond(distribution, end, share)
    edge = distribution.low if end == "low" else distribution.grid.at(distribution.grid.last)
    whole = abs(target - edge) / distribution.step  # to the twelfth digit of the edge
    assert steps in (max(1, math.floor(whole - 1e-6)), max(1, math.floor(whole + 1e-6)))


@given(numerics(), END, UNIT)
def test_the_old_values_stay(distribution, end, unit):
    value = distribution.from_unit(unit)
    more = grown(distribution, end)
    if more is None:
        return
    assert more.low <= value <= more.high
    again = more.from_unit(more.to_unit(value))
    if distribution.integer:
        assert value in more
        assert (type(again), again) == (int, value)
    else:  # up to the rounding of the scale, or of the twelfth digit on a grid
        size = max(abs(more.low), abs(more.high))
        assert again == pytest.approx(value, rel=1e-9, abs=1e-9 * size)


@given(numerics(), END)
def test_grown_again_and_again_it_stays_a_range(distribution, end):
    started_from_zero_on = distribution.low >= 0
    for _ in range(40):
        more = grown(distribution, end)
        if more is None:
            break
        assert more.low <= distribution.low < distribution.high <= more.high
        assert all(math.isfinite(each) for each in (more.low, more.high))
        distribution = more
    assert distribution.low >= 0 or not started_from_zero_on
    assert distribution.scale.legal(distribution.low)
    assert distribution.scale.legal(distribution.high)


@given(numerics(), END)
def test_a_limit_is_kept_and_reached(distribution, end):
    limit = beyond(distribution, end, 0.25)
    more = grown(distribution, end, share=0.5, limit=limit)
    if distribution.step is None:
        # The scale may round to the end itself, or to where its own limit lies.
        assert getattr(more or distribution, end) == pytest.approx(limit)
    elif more is not None:
        slack = 1e-9 * max(1, abs(limit), distribution.step)
        assert limit - slack <= more.low if end == "low" else more.high <= limit + slack
    if more is not None:
        assert grown(more, end, limit=getattr(more, end)) is None


@pytest.mark.parametrize("decades", [2, 6, 9, 30])
def test_beyond_is_as_far_as_it_says_on_a_log_scale(decades):
    """However many decades: a difference of 0 and the end would have lost them."""
    numeric = LogUniform(10.0**-decades, 1)
    assert beyond(numeric, "low", 3) == pytest.approx(10.0 ** (-4 * decades), rel=1e-9)
    assert beyond(numeric, "high", 3) == pytest.approx(10.0 ** (3 * decades), rel=1e-9)


@given(numerics(), END)
def test_a_wider_space_is_read_back(distribution, end):
    space = Space({"x": distribution}).grown("x", end)
    if space is not None:
        again = Space(read_yaml(write_yaml(space.to_yaml()), "space"))
        assert again.distributions == space.distributions


@pytest.mark.parametrize(
    ("distribution", "low", "high"),
    [
        (Uniform(2, 4), 1, 5),
        (Uniform(-1, 1), -2, 2),
        (Uniform(0.1, 0.9), 0, 1.3),
        (Uniform(0, 1), None, 1.5),
        (Uniform(0.3, 0.8, step=0.1), 0.1, 1.0),
        (Uniform(0, 0.35, step=0.1), None, 0.5),
        (LogUniform(1e-4, 1), 1e-6, 100),
        (LogUniform(1e-300, 1), None, None),
        (LogUniform(0.1, 1, step=0.1), None, 3.1),
        (ReverseLogUniform(0.9, 0.999), 0, 0.9999),
        (ReverseLogUniform(-9, 0.9), -99, 0.99),
        (ReverseLogUniform(0.9, 1 - 1e-15), 0, None),
        (IntUniform(1, 2), 0, 3),
        (IntUniform(0, 9), None, 13),
        (IntUniform(1, 9, step=4), None, 13),
        (IntUniform(0, 2**62), None, 2**62 + 2**61),
        (IntUniform(0, 2**63 - 1), None, None),
        (LogIntUniform(16, 256), 4, 1024),
        (LogIntUniform(16, 256, step=8), 8, 1024),
        (LogIntUniform(8, 256, step=8), None, 1448),
        (LogIntUniform(2, 9), 1, 19),
        (LogIntUniform(1, 9), None, 27),
    ],
)
def test_examples(distribution, low, high):
    for end, expected in (("low", low), ("high", high)):
        more = grown(distribution, end)
        found = more and getattr(more, end)
        assert found == (None if expected is None else pytest.approx(expected)), end


@pytest.mark.parametrize("distribution", [Choice([1, 2, 4], ordered=True), Choice(["a"]), Fixed(3)])
def test_what_is_no_range_does_not_grow(distribution):
    assert grown(distribution, "high") is None


def test_all_else_stays():
    space = Space(FORM)
    more = space.grown("momentum", "high")
    assert list(more.distributions) == list(space.distributions)
    others = set(FORM) - {"momentum"}
    assert all(more.distributions[name] is space.distributions[name] for name in others)
    assert more.distributions["momentum"].when == space.distributions["momentum"].when
    assert space.distributions["momentum"].high == 0.99
    point = np.full(6, 0.99)
    point[1] = 0
    assert more.config(point).keys() == space.config(point).keys()
    assert more.config(point)["momentum"] > 0.99


def test_every_config_of_a_space_lies_in_the_wider_one():
    space = more = Space(FORM)
    for name, distribution in space.distributions.items():
        for end in ("low", "high"):
            if isinstance(distribution, Numeric):
                more = more.grown(name, end)
    for point in np.random.default_rng(0).random((50, 6)):
        config = space.config(point)
        again = more.config(np.nan_to_num(more.point(config), nan=0.5))
        assert {**again, "hidden": 0} == pytest.approx({**config, "hidden": 0})


def test_what_a_condition_names_does_not_grow():
    space = Space({"layers": IntUniform(1, 2), "second": IntUniform(4, 8, when={"layers": 2})})
    assert space.grown("layers", "high") is None
    assert space.grown("second", "high").distributions["second"].high == 10
