"""Ranges that grow as far as is legal."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sweeps.schedulers import Extension
from sweeps.space import LogUniform, Space, beyond
from sweeps.sweep.planning.checks import legality
from tests.space.test_distributions import numerics
from tests.trainer.examples import blobs
from trainer import mlp

END = st.sampled_from(["low", "high"])
OPTIMIZER = {"choice": ["adam", "momentum"]}


def every(config):
    return True


def grown(form, end, legal, times=1, name="x"):
    """A range's end after so many steps at most."""
    space = Space(form)
    extension = Extension(space, legal)
    for _ in range(times):
        space = extension.grow(space, name, end) or space
    return getattr(space.distributions[name], end)


@given(numerics(), END)
@example(LogUniform(1e-9, 1), "low")
def test_no_end_runs_away(distribution, end):
    space = Space({"x": distribution})
    extension = Extension(space, every)
    for _ in range(40):
        wider = extension.grow(space, "x", end)
        if wider is None:
            break
        space = wider
    else:
        pytest.fail("it grows for ever")
    most = beyond(distribution, end, 3)
    last = getattr(space.distributions["x"], end)
    slack = 1e-9 * (distribution.step + abs(most)) if distribution.step else 0
    assert last <= most + slack if end == "high" else last >= most - slack


@given(numerics(), END, st.floats(0, 1))
def test_never_past_what_is_legal(distribution, end, share):
    limit = beyond(distribution, end, share)

    def legal(config):
        return config["x"] <= limit if end == "high" else config["x"] >= limit

    space = Space({"x": distribution})
    wider = Extension(space, legal).grow(space, "x", end)
    if wider is not None:
        assert legal({"x": wider.distributions["x"].from_unit(1.0 if end == "high" else 0.0)})


@pytest.mark.parametrize(
    ("ends", "end", "legal", "expected"),
    [
        ([0.5, 0.9], "high", lambda x: x < 1, [0.95]),
        ([0.5, 0.9], "high", lambda x: x <= 1, [1.0, 1.0]),
        ([0.5, 0.8], "high", lambda x: x <= 1, [0.95, 1.0, 1.0]),
        ([1.5, 5], "low", lambda x: x >= 1, [1.0, 1.0]),
        ([-5, -1], "high", lambda x: x <= 0, [0.0, 0.0]),
        ([-1, 1], "low", lambda x: x >= -1, [-1]),
        ([0, 1], "low", lambda x: True, [0]),
        ([0, 1], "high", lambda x: True, [1.5, 2, 2.5, 3, 3.5, 4, 4]),
        ([0, 1], "high", lambda x: False, [1]),
    ],
)
def test_steps(ends, end, legal, expected):
    for times, value in enumerate(expected, start=1):
        found = grown({"x": {"uniform": ends}}, end, lambda config: legal(config["x"]), times)
        assert found == pytest.approx(value)


def test_the_last_step_is_a_whole_one():
    """At three widths it stops, and does not creep on by what rounding has left."""
    ends = [grown({"x": {"log": [1e-5, 1.0]}}, "low", every, times) for times in (6, 7)]
    assert ends[0] == ends[1] == pytest.approx(1e-20)


def test_what_cannot_be_trained_anyway_does_not_speak_against_a_new_end():
    form = {"x": {"uniform": [0, 1]}, "kind": {"choice": ["good", "bad"]}}
    assert grown(form, "high", lambda config: config["kind"] == "good") == 1.5


def test_what_could_be_trained_before_can_be_afterwards():
    form = {"x": {"uniform": [0, 1]}, "kind": {"choice": ["short", "long"]}}
    assert grown(form, "high", lambda config: config["x"] <= 1.3 or config["kind"] == "long") == 1.25


def test_only_configs_that_have_the_hyperparameter_are_asked():
    form = {"kind": {"choice": ["a", "b", "c"]}, "x": {"log": [0.1, 1], "when": {"kind": "c"}}}
    asked = []
    assert grown(form, "high", lambda config: not asked.append(config)) == pytest.approx(math.sqrt(10))
    assert {config["kind"] for config in asked} == {"c"}


def test_where_it_is_stuck_nobody_asks_again():
    space = Space({"x": {"uniform": [0, 1]}})
    asked = []
    extension = Extension(space, lambda config: not asked.append(config) and config["x"] <= 1)
    assert extension.grow(space, "x", "high") is None
    before = len(asked)
    assert extension.grow(space, "x", "high") is None
    assert len(asked) == before


def test_it_decides_the_same_each_time():
    form = {"x": {"log": [1e-3, 1]}, "y": {"uniform": [0, 1]}}
    ends = {grown(form, "high", lambda config: config["x"] * config["y"] < 5, times=3) for _ in range(3)}
    assert len(ends) == 1


@pytest.mark.parametrize(
    ("name", "form", "low", "high"),
    [
        ("learning_rate", {"log": [1e-3, 1e-1]}, 1e-9, 1e5),
        ("momentum", {"uniform": [0.5, 0.9]}, 0.0, 1),
        ("momentum", {"reverse_log": [0.5, 0.9]}, 0.0, 1),
        ("keep_probability", {"uniform": [0.5, 0.9]}, 1e-6, 1.0),
        ("hidden_units", {"log_int": [16, 64]}, 1, 4096),
        ("hidden_layers", {"int": [1, 3]}, 0, 9),
        ("l2", {"uniform": [0.5, 1]}, 0.0, 2.5),
        ("l2", {"log": [1e-4, 1e-2]}, 1e-10, 1e4),
        ("batch_size", {"int": [4, 16], "step": 4}, 4, 52),
        ("decay_period", {"uniform": [2, 4]}, 1.0, 10),
        ("replica", {"int": [0, 3]}, 0, 12),
    ],
)
def test_as_far_as_the_network_can_be_trained(name, form, low, high):
    legal = legality(mlp, blobs())
    whole = {"optimizer": OPTIMIZER, "epsilon": {"log": [1e-8, 1e-6]}, name: form}
    first = Space({name: form}).distributions[name]
    lowest, highest = (grown(whole, end, legal, times=20, name=name) for end in ("low", "high"))
    assert low * (1 - 1e-9) <= lowest <= first.low
    assert first.high <= highest <= high * (1 + 1e-9)
    assert legal({name: lowest})
    assert legal({name: highest})
    if name == "momentum":
        assert 0.97 < highest < 1
    elif name != "keep_probability":  # from 0.5 on the way to 0 it stops where a step would reach it
        assert (lowest, highest) == pytest.approx((low, high))
    else:
        assert highest == 1
        assert lowest < 0.1


def test_a_trainable_without_a_check_can_train_everything():
    assert legality(lambda config, run: 1.0, None)({"x": -1})


@pytest.mark.parametrize("error", [ValueError, TypeError, ZeroDivisionError])
def test_whatever_a_check_trips_over_is_not_legal(error):
    def train(config, run):
        return 1.0

    def check(config, data):
        raise error("no")

    train.check = check
    assert not legality(train, None)({"x": 1})


def test_a_choice_does_not_grow():
    space = Space({"x": {"choice": [1, 2]}, "y": 3})
    assert all(Extension(space, every).grow(space, name, "high") is None for name in space.distributions)
