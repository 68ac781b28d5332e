"""The objective of a trial, by each rule, however its epochs come in."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.objective import new_objective
from sweeps.spec.objective import ObjectiveRule

VALUES = st.lists(st.none() | st.floats(width=32), max_size=20)
RULES = [ObjectiveRule("best"), ObjectiveRule("last"), ObjectiveRule("mean_of_last", 3)]


def after(rule, mode, values):
    objective = new_objective(rule, mode)
    for epoch, value in enumerate(values, start=1):
        objective.add(epoch, value)
    return objective


@given(VALUES)
def test_the_rules_by_their_definitions(values):
    finite = [(epoch, v) for epoch, v in enumerate(values, start=1) if v is not None and math.isfinite(v)]
    if not finite:
        assert all(after(rule, "min", values).value is None for rule in RULES)
        return
    numbers = [v for _, v in finite]
    for mode, extreme in (("min", min), ("max", max)):
        best = after(ObjectiveRule("best"), mode, values)
        assert best.value == extreme(numbers)
        assert best.epoch == next(epoch for epoch, v in finite if v == extreme(numbers))
    last, mean = after(RULES[1], "min", values), after(RULES[2], "min", values)
    assert (last.epoch, last.value) == finite[-1]
    assert mean.value == pytest.approx(np.mean(numbers[-3:]), rel=1e-12, abs=1e-300)
    assert mean.epoch == finite[-1][0]


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.sampled_from(["min", "max"]), st.integers(1, 9)
)
def test_what_the_rules_give(values, mode, k):
    assert after(ObjectiveRule("best"), mode, values).value == {"min": min, "max": max}[mode](values)
    assert after(ObjectiveRule("last"), mode, values).value == values[-1]
    last = values[max(0, len(values) - k) :]
    mean = after(ObjectiveRule("mean_of_last", k), mode, values).value
    assert mean == pytest.approx(sum(last) / len(last))
