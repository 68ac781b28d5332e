"""What a config may hold, and that it stays what it is."""

import enum
import json

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sweeps.errors import BadInput
from sweeps.space import Choice, Fixed, IntUniform, Space, Uniform, config_text
from sweeps.spec import as_spec, read_yaml, spec_text
from sweeps.spec.yaml_text import write_yaml


class Optimizer(enum.StrEnum):
    ADAM = "adam"
    SGD = "sgd"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Colour(enum.Enum):
    RED = "r"
    GREEN = (0, 255)


class Shout(str):
    def __str__(self):
        return super().__str__().upper()


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from([0, 1, 0.0, 1.0, "1", "null", "true", "", "1e3", "~"])
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=5)
)
VALUES = SCALARS | st.lists(SCALARS | st.lists(SCALARS, max_size=2), max_size=3)


def alike(one, other):
    """The same to any trainable: value and type, in lists too."""
    return repr(one) == repr(other)


def choice_of(values):
    try:
        return Choice(values)
    except BadInput as error:
        assume("twice" not in str(error))
        raise


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_choices_come_back_as_listed_by_coordinate_by_yaml_and_by_json(values):
    choice = choice_of(values)
    again = Space(read_yaml(write_yaml(Space({"x": choice}).to_yaml()), "space")).distributions["x"]
    for i, value in enumerate(values):
        unit = (i + 0.5) / len(values)
        assert value in choice
        assert choice.to_unit(value) == pytest.approx(unit)
        assert alike(choice.from_unit(unit), value)
        assert alike(again.from_unit(unit), value)
        assert alike(json.loads(config_text({"x": value}))["x"], value)


@given(VALUES)
def test_a_fixed_value_comes_back(value):
    space = Space({"x": Fixed(value)})
    assert alike(space.config(np.array([])), {"x": value})
    again = Space(read_yaml(write_yaml(space.to_yaml()), "space"))
    assert alike(again.config(np.array([])), {"x": value})


@given(st.lists(SCALARS, min_size=2, max_size=5), st.data())
def test_a_condition_holds_for_its_values_alone(values, data):
    choice = choice_of(values)
    named = data.draw(st.lists(st.sampled_from(range(len(values))), min_size=1, unique=True))
    space = Space({"x": choice, "y": Fixed(1, when={"x": [values[i] for i in named]})})
    again = Space(read_yaml(write_yaml(space.to_yaml()), "space"))
    for i in range(len(values)):
        point = np.array([(i + 0.5) / len(values)])
        assert ("y" in space.config(point)) == ("y" in again.config(point)) == (i in named)
    assert space.size == len(values)


def test_one_and_one_point_zero_and_true_are_three_choices():
    choice = Choice([1, 1.0, True, [1], [1.0]])
    assert [choice.to_unit(value) for value in choice.values] == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])


def test_a_number_may_be_named_in_its_other_type_but_true_is_no_number():
    choice = Choice([1.0, 2.0])
    assert 1 in choice
    assert True not in choice
    assert 1 not in Choice([True, False])
    space = Space({"x": choice, "n": IntUniform(1, 3), "y": Fixed(1, when={"x": 1, "n": [2.0]})})
    assert space.distributions["y"].to_yaml() == {"fixed": 1, "when": {"x": [1.0], "n": [2]}}
    assert "y" in space.config(np.array([0.2, 0.5]))
    with pytest.raises(BadInput, match="never a value of x"):
        Space({"x": Choice([True, False]), "y": Fixed(1, when={"x": 1})})


def test_members_of_enums_reach_the_trainable_and_their_values_reach_files():
    space = Space(
        {
            "optimizer": Choice(list(Optimizer)),
            "size": Choice([Size.SMALL, Size.LARGE]),
            "colour": Choice([Colour.RED, Colour.GREEN]),
            "loud": Shout("so"),
            "momentum": Uniform(0, 1, when={"optimizer": Optimizer.SGD}),
        }
    )
    config = space.config(np.array([0.9, 0.9, 0.9, 0.5]))
    assert config["optimizer"] is Optimizer.SGD
    assert config["size"] is Size.LARGE
    assert config["colour"] is Colour.GREEN
    assert type(config["loud"]) is Shout
    assert config["momentum"] == 0.5
    stored = {"optimizer": "sgd", "size": 2, "colour": [0, 255], "loud": "so", "momentum": 0.5}
    assert alike(json.loads(config_text(config)), stored)
    spec = as_spec({"space": space.distributions})
    again = Space(read_yaml(spec_text(spec), "spec")["space"])
    assert alike(again.config(np.array([0.9, 0.9, 0.9, 0.5])), stored)
    assert space.point(stored).tolist() == space.point(config).tolist()


@pytest.mark.parametrize(
    ("given_as", "value"),
    [
        (np.float64(0.5), 0.5),
        (np.int32(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.arange(2), [0, 1]),
        ((64, np.int64(32)), [64, 32]),
    ],
)
def test_what_numpy_gives_becomes_pythons_own(given_as, value):
    assert alike(Choice([given_as, "other"]).from_unit(0.1), value)
    assert alike(Fixed(given_as).from_unit(0.1), value)


def test_a_trainable_may_change_the_list_that_it_got():
    for distribution in (Choice([[64, [32]], [16]]), Fixed([64, [32]])):
        distribution.from_unit(0.1)[1].append(7)
        assert distribution.from_unit(0.1) == [64, [32]]


def test_none_is_a_value_and_no_gap():
    space = Space(
        {
            "clip_norm": read_yaml("choice: [null, 1.0]", "x"),
            "weights": None,
            "scale": {"uniform": [0, 1], "when": {"clip_norm": [None]}},
        }
    )
    assert space.config(np.array([0.1, 0.5])) == {"clip_norm": None, "weights": None, "scale": 0.5}
    assert space.config(np.array([0.9, 0.5])) == {"clip_norm": 1.0, "weights": None}
    assert config_text(space.config(np.array([0.9, 0.5]))) == '{"clip_norm": 1.0, "weights": null}'
