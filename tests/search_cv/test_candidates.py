"""Spaces as scikit-learn's users write them."""

import numpy as np
import pytest
from scipy import stats

import sweeps
from sweeps.sklearn.candidates import Candidates


def drawn(form, unit, name="x"):
    candidates = Candidates({name: form}, [name], "Model")
    return candidates.params(candidates.space.config(np.array([unit])))[name]


@pytest.mark.parametrize(
    ("form", "ours"),
    [
        (stats.loguniform(1e-3, 10), sweeps.LogUniform(1e-3, 10)),
        (stats.uniform(2, 3), sweeps.Uniform(2, 5)),
        (stats.randint(1, 9), sweeps.IntUniform(1, 8)),
        ({"log": [1e-3, 10]}, sweeps.LogUniform(1e-3, 10)),
        ([1, 2, 4], sweeps.Choice([1, 2, 4], ordered=True)),
        (np.logspace(0, 2, 3), sweeps.Choice([1.0, 10.0, 100.0], ordered=True)),
        (("a", None), sweeps.Choice(["a", None])),
        ([3, 3], sweeps.Choice([3])),
        ([1, 1.0, 1], sweeps.Choice([1, 1.0])),
        ([0, False], sweeps.Choice([0, False])),
        ([1, 1, 2, 4], sweeps.Choice([1, 2, 4], ordered=True)),
        (0.5, sweeps.Choice([0.5])),
    ],
)
def test_forms_become_our_distributions(form, ours):
    assert Candidates({"x": form}, ["x"], "Model").space.distributions["x"] == ours


def test_other_distributions_are_drawn_by_their_quantiles():
    assert drawn(stats.norm(5, 2), 0.5) == pytest.approx(5)
    assert np.isfinite(drawn(stats.norm(5, 2), 1.0))
    assert drawn(stats.binom(10, 0.5), 0.5) == 5
    assert drawn(stats.loguniform(1, 100, loc=5), 0.5) == pytest.approx(15)


def test_what_no_table_holds_comes_back_as_it_was():
    sizes = [(8,), (8, 8)]
    assert drawn(sizes, 0.9) is sizes[1]
    assert drawn([np.log, np.sqrt], 0.1) is np.log


def test_any_name_that_scikit_learn_allows_may_be_searched():
    forms = {"my step": ["a", "b"], "my step__c": sweeps.Uniform(0, 1, when={"my step": "b"})}
    candidates = Candidates(forms, ["my step"], "Pipeline")
    assert candidates.params(candidates.space.config(np.array([0.1, 0.5]))) == {"my step": "a"}
    assert candidates.params(candidates.space.config(np.array([0.9, 0.5]))) == {
        "my step": "b",
        "my step__c": 0.5,
    }


@pytest.mark.parametrize(
    ("forms", "says"),
    [
        ({"max_dept": [1, 2]}, "space.max_dept: .* is no parameter of Tree\n.*did you mean max_depth"),
        ({"max_depth": {"lg": [1, 2]}}, "space.max_depth"),
        ({"max_depth": []}, "space.max_depth: .* has no value"),
        ({"max_depth": {2, 4}}, "space.max_depth: {2, 4} has no order.*\n.*write a list"),
        ({"max_depth": (depth for depth in (2, 4))}, "space.max_depth: .* can be read only once"),
        ({"max_depth": stats.randint(1, 10**25)}, "space.max_depth: .* has no values"),
        ({"max_depth": stats.randint(5, 5)}, "space.max_depth: .* has no values"),
        ({"max_depth": stats.norm(0, -1)}, "space.max_depth: .* has no values"),
        ({"max_depth": stats.uniform([0, 1], 1)}, "space.max_depth: .* has no values"),
        ({}, "space: .* must map"),
        ([("max_depth", 3)], "space: .* must map"),
    ],
)
def test_a_bad_space_names_the_parameter(forms, says):
    with pytest.raises(sweeps.BadInput, match=says):
        Candidates(forms, ["max_depth", "criterion"], "Tree")
