"""The key `objective` of a spec."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.errors import BadInput
from sweeps.spec import ObjectiveRule, as_objective, as_spec, read_yaml, spec_text

RULES = st.sampled_from([ObjectiveRule(), ObjectiveRule("last")]) | st.builds(
    ObjectiveRule, st.just("mean_of_last"), st.integers(1, 10**6)
)
SPEC = {"space": {"x": {"uniform": [0, 1]}}}


@given(RULES)
def test_a_rule_is_read_back_from_a_spec(rule):
    spec = as_spec({**SPEC, "objective": rule.to_yaml()})
    assert spec.objective == rule
    assert as_spec(read_yaml(spec_text(spec), "spec")).objective == rule


def test_the_best_epoch_is_the_default():
    assert as_spec(SPEC).objective == as_objective("best") == ObjectiveRule()


@pytest.mark.parametrize(
    ("form", "place", "says"),
    [
        ("bset", "objective", "did you mean best"),
        ("mean_of_last", "objective", "of how many epochs"),
        ({"mean_of_last": 0}, "objective.mean_of_last", "whole number of epochs, from 1 on"),
        ({"mean_of_last": True}, "objective.mean_of_last", "whole number"),
        ({"mean_of_last": "3"}, "objective.mean_of_last", "whole number"),
        ({"mean_of_lats": 3}, "objective", "did you mean mean_of_last"),
        ({}, "objective", "no rule"),
        (3, "objective", "no rule"),
        (None, "objective", "no rule"),
    ],
)
def test_other_forms_are_refused(form, place, says):
    with pytest.raises(BadInput, match=says) as caught:
        as_spec({**SPEC, "objective": form})
    assert caught.value.place == place


def test_several_epochs_belong_to_a_mean():
    with pytest.raises(BadInput, match="mean_of_last"):
        ObjectiveRule("last", 3)
