"""Schedules against their formulas, and the laws that all of them keep."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.errors import ConfigError
from trainer.schedules import SCHEDULES, Constant, WarmUp, build_schedule

SETTINGS = {
    "learning_rate": 0.4,
    "decay": 0.5,
    "decay_base": 0.5,
    "decay_k": 0.8,
    "decay_period": 2.0,
    "decay_horizon": 4.0,
}
EPS = np.finfo(np.float64).eps

# α after t updates, with three updates an epoch.
FORMULAS = {
    "constant": lambda t: 0.4,
    "inverse_time": lambda t: 0.4 / (1 + 0.5 * (t // 3)),
    "exponential": lambda t: 0.4 * 0.5 ** (t // 3),
    "inverse_sqrt_epoch": lambda t: 0.4 * 0.8 / math.sqrt(t // 3 + 1),
    "inverse_sqrt_step": lambda t: 0.4 * 0.8 / math.sqrt(t + 1),
    "step": lambda t: 0.4 * 0.5 ** (t // 6),
    "cosine": lambda t: 0.2 * (1 + math.cos(math.pi * min(1, t / 12))),
}

settings = st.fixed_dictionaries(
    {
        "learning_rate": st.floats(1e-6, 10),
        "decay": st.floats(0, 10),
        "decay_base": st.floats(1e-3, 1),
        "decay_k": st.floats(1e-3, 10),
        "decay_period": st.floats(0.1, 50),
        "decay_horizon": st.floats(0.1, 50),
    }
)


@pytest.mark.parametrize("name", SCHEDULES)
def test_formula(name):
    schedule, t = build_schedule(name, SETTINGS), np.arange(20)
    found = schedule(t, 3)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [FORMULAS[name](i) for i in range(20)], rtol=4 * EPS, atol=EPS)
    assert np.array_equal(schedule(t.reshape(4, 5), 3), found.reshape(4, 5))
    assert schedule(np.array(7), 3) == found[7]
    assert schedule(np.array([], np.int64), 3).shape == (0,)


def test_halvings_and_ends():
    inverse, cosine = build_schedule("inverse_time", SETTINGS), build_schedule("cosine", SETTINGS)
    assert inverse(np.array(2), 1) == 0.2
    np.testing.assert_allclose(cosine(np.array([0, 2, 4, 9]), 1), [0.4, 0.2, 0, 0], atol=EPS)
    assert build_schedule("inverse_sqrt_step", SETTINGS)(np.array(3), 1) == 0.4 * 0.8 / 2


@given(settings, st.integers(1, 20), st.floats(0.01, 20))
@pytest.mark.parametrize("name", SCHEDULES)
def test_never_increases_but_for_its_warmup(name, settings, steps, warmup):
    t = np.arange(100)
    base = build_schedule(name, settings)(t, steps)
    warmed = build_schedule(name, {**settings, "warmup": warmup})(t, steps)
    assert (base >= 0).all()
    assert (np.diff(base) <= 4 * EPS * base[:-1]).all()
    assert (warmed <= base).all()
    assert np.array_equal(warmed[t + 1 >= warmup * steps], base[t + 1 >= warmup * steps])


def test_warmup_rises_in_even_steps_and_counts_the_first():
    schedule = build_schedule("constant", {**SETTINGS, "warmup": 2})
    np.testing.assert_allclose(
        schedule(np.arange(8), 3), 0.4 * np.minimum(1, np.arange(1, 9) / 6), rtol=4 * EPS
    )
    assert schedule == WarmUp(Constant(0.4), 2)
    assert build_schedule("constant", {**SETTINGS, "warmup": 0}) == Constant(0.4)


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(
        ConfigError, match=r"did you mean cosine\? Valid: constant, inverse_time, exponential"
    ):
        build_schedule("cosin", SETTINGS)
