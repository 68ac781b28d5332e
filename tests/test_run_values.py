"""Values of every kind, from the space through a sweep to the best config."""

import enum
import json

import pytest

from sweeps import BadInput, Choice, load
from trainer.errors import ConfigError


class Optimizer(enum.StrEnum):
    ADAM = "adam"
    SGD = "sgd"


class Level(enum.Enum):
    LOW = "l"


VALUES = [1, 1.0, True, None, "1", [1], [1.0], Optimizer.ADAM, Level.LOW]


def where(config, run):
    """Which of the values it was given, told by type and value; the members of enums as they are."""
    return {"val_loss": [repr(value) for value in VALUES].index(repr(config["x"]))}


def test_a_trainable_gets_the_choice_as_listed_and_the_tables_say_which_it_was(run):
    result = run(where, space={"x": Choice(VALUES)}, trials=9, epochs=1, scheduler="sobol", metric="val_loss")
    again = load(result.path)
    for text, place in zip(again.trials["config"], again.trials["objective"], strict=True):
        value = VALUES[int(place)]
        told = value.value if isinstance(value, enum.Enum) else value
        assert repr(json.loads(text)) == repr({"x": told})
    assert repr(again.best.config) == repr({"x": VALUES[int(again.best.objective)]})
    assert again.best.objective == again.trials["objective"].min()
    assert len(set(again.trials["objective"])) >= 7


@pytest.mark.parametrize("scheduler", ["optuna", "coarse_to_fine", "random", "asha"])
def test_schedulers_take_mixed_choices_and_conditions_on_them(serial, scheduler):
    space = {"x": Choice(VALUES), "y": {"uniform": [0, 1], "when": {"x": [1, None, Level.LOW]}}}

    def train(config, run):
        assert ("y" in config) == (repr(config["x"]) in (repr(1), repr(None), repr(Level.LOW)))
        return where(config, run)

    result = serial(train, space=space, trials=20, scheduler=scheduler)
    assert result.trials["objective"].notna().all()


def test_a_list_that_a_trainable_refuses_is_told_what_to_write_for_a_range(serial):
    def train(config, run):
        return 0.0

    def check(config, data):
        if isinstance(config["rate"], list):
            raise ConfigError("rate", config["rate"], "must be a number", "write a number")

    train.check = check
    with pytest.raises(
        BadInput,
        match=r"number; a plain list is passed on as one value: write \{log: \[0.001, 0.1\]\} or \{uniform: ",
    ) as caught:
        serial(train, space={"rate": [0.001, 0.1]}, trials=2)
    assert caught.value.place == "space.rate"
