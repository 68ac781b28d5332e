"""Spaces: conditions, YAML, and the map to the unit cube."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.errors import BadInput
from sweeps.space import Choice, LogUniform, Space, Uniform
from sweeps.spec import read_yaml
from sweeps.spec.yaml_text import write_yaml

FORM = {
    "learning_rate": {"log": [1e-5, 1]},
    "optimizer": {"choice": ["momentum", "adam"]},
    "momentum": {"reverse_log": [0.5, 0.99], "when": {"optimizer": "momentum"}},
    "nesterov": {"choice": [True, False], "when": {"optimizer": ["momentum"]}},
    "units": {"log_int": [16, 128], "step": 8},
    "batch_size": {"choice": [16, 32, 64], "ordered": True},
    "hidden": [64, 32],
    "bonus": {"fixed": 1.5, "when": {"nesterov": True}},
}
POINTS = st.lists(st.floats(0, 1), min_size=6, max_size=6).map(np.array)


@given(POINTS)
def test_a_config_and_its_point_stand_for_each_other(point):
    space = Space(FORM)
    config = space.config(point)
    again = space.point(config)
    back = space.config(np.nan_to_num(again, nan=0.5))
    assert {**back, "hidden": 0} == pytest.approx({**config, "hidden": 0})
    assert back["hidden"] == config["hidden"]


@given(POINTS)
def test_conditions_hold_through_generations(point):
    config = Space(FORM).config(point)
    assert ("momentum" in config) == (config["optimizer"] == "momentum")
    assert ("bonus" in config) == config.get("nesterov", False)
    assert config["hidden"] == [64, 32]


def test_inactive_hyperparameters_have_no_coordinate():
    space = Space(FORM)
    config = space.config(np.array([0.5, 0.9, 0.5, 0.5, 0.5, 0.5]))
    assert config["optimizer"] == "adam"
    assert np.isnan(space.point(config)).tolist() == [False, False, True, True, False, False]


def test_yaml_round_trip():
    space = Space(FORM)
    again = Space(read_yaml(write_yaml(space.to_yaml()), "space"))
    assert again.distributions == space.distributions


def test_python_and_yaml_forms_mix():
    space = Space({"a": LogUniform(1e-3, 1), "b": {"uniform": [0, 1]}, "c": Choice([1, 2]), "d": 4})
    assert space.searched == ("a", "b", "c")


def test_parents_may_stand_behind_their_children():
    space = Space({"m": Uniform(0, 1, when={"o": "x"}), "o": Choice(["x", "y"])})
    assert list(space.config(np.array([0.5, 0.0]))) == ["m", "o"]


@pytest.mark.parametrize(
    ("form", "place", "says"),
    [
        ({"x": (0, 1)}, "space.x", r"write \{uniform: \[0, 1\]\} for a range, \{choice: \[0, 1\]\} for one"),
        ({"x": (1e-3, 1)}, "space.x", r"write \{log: \[0.001, 1\]\} or \{uniform: "),
        ({"x": (16, 128)}, "space.x", r"write \{int: \[16, 128\]\} or \{log: "),
        ({"x": ("adam", "sgd")}, "space.x", r"write \{choice: \['adam', 'sgd'\]\} for one of them; a list"),
        ({"x": (True, False)}, "space.x", r"write \{choice: \[True, False\]\}"),
        ({"x": tuple(range(5000))}, "space.x", "is a tuple"),
        ({"learning_rate": {"log": [0, 1]}}, "space.learning_rate.log", "above 0"),
        ({"learning_rate": {"lgo": [1, 2]}}, "space.learning_rate", "did you mean log"),
        ({"x": {"log": [1, 2], "uniform": [1, 2]}}, "space.x", "several distributions"),
        ({"x": {"log": [1, 2], "setp": 1}}, "space.x.setp", "did you mean step"),
        ({"x": {"log": 3}}, "space.x.log", "two numbers"),
        ({"x": print}, "space.x", "cannot be stored"),
        ({"x": {"uniform": [0, 1], "when": {"y": 1}}}, "space.x.when", "not a hyperparameter"),
        (
            {"x": {"uniform": [0, 1], "when": {"o": "c"}}, "o": {"choice": ["a"]}},
            "space.x.when.o",
            "never a value",
        ),
        ({"not a name": 1}, "space", "not a name"),
        ({}, "space", "at least one"),
        ([1], "space", "must map"),
        (
            {"a": {"choice": [1, 2], "when": {"b": 1}}, "b": {"choice": [1, 2], "when": {"a": 1}}},
            "space.a.when",
            "circle",
        ),
    ],
)
def test_errors_name_the_place(form, place, says):
    with pytest.raises(BadInput, match=says) as caught:
        Space(form)
    assert caught.value.place == place
    assert len(str(caught.value).splitlines()) <= 3


def test_a_circle_of_conditions_is_refused_with_a_way_out():
    form = {"a": {"choice": [1, 2], "when": {"b": 1}}, "b": {"choice": [1, 2], "when": {"a": 1}}}
    with pytest.raises(BadInput, match="circle") as caught:
        Space(form)
    assert caught.value.fix == "take the when off one of them"
