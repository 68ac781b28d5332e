"""Which configs may share a stack, and what is said of those that may not."""

import pytest

from tests.trainer.examples import blobs, line
from trainer import ConfigError, MLPConfig, Stack, mlp
from trainer.config import NUMBERS

OTHER_NUMBERS = {name: 0.5 for name in NUMBERS if name != "weight_average"} | {"decay_period": 2.0}
SAME = [
    *({name: value} for name, value in OTHER_NUMBERS.items()),
    *({"schedule": name, "decay_horizon": 3} for name in ("constant", "cosine", "step")),
    {"initialisation": "xavier"},
    {"bias_correction": False},
    {"keep_probability": 0.5},
    {"keep_probability_0": 0.5},
    {"patience": 3},
    {"replica": 4},
    {"hidden_units": 5},
    {"hidden": [7]},
]
DIFFERENT = [
    {"optimizer": "adamw"},
    {"hidden_layers": 2},
    {"hidden": []},
    {"activation": "leaky_relu"},
    {"batch_norm": True},
    {"skip": True},
    {"number_bins": 4},
    {"weight_average": 0.9},
    {"head": "softmax"},
    {"batch_size": 16},
    {"dtype": "float64"},
]


@pytest.mark.parametrize("own", SAME, ids=str)
def test_what_may_differ(own):
    assert MLPConfig.parse(own) != MLPConfig()
    assert MLPConfig.parse(own).pack_key == MLPConfig.parse({}).pack_key
    assert hash(MLPConfig.parse(own).pack_key) == hash(MLPConfig.parse({}).pack_key)
    stack = Stack(blobs())
    stack.enter(MLPConfig())
    stack.enter(MLPConfig.parse(own))
    assert len(stack.train_epoch()) == 2


@pytest.mark.parametrize("own", DIFFERENT, ids=str)
def test_what_may_not_differ(own):
    assert MLPConfig.parse(own).pack_key != MLPConfig.parse({}).pack_key
    stack = Stack(blobs())
    first = stack.enter(MLPConfig())
    for _ in range(2):  # beside one that enters, and beside one that trains
        with pytest.raises(ConfigError, match="cannot share a stack") as raised:
            stack.enter(MLPConfig.parse(own))
        assert raised.value.key == "pack_key"
        assert str(first.config.pack_key) in raised.value.fix
        assert stack.members == (first,)
        stack.train_epoch()


@pytest.mark.parametrize(("activation", "differ"), [("relu", True), ("tanh", True), ("sigmoid", False)])
def test_widths_may_differ_where_a_unit_without_inputs_is_silent(activation, differ):
    keys = {
        MLPConfig.parse({"activation": activation, "hidden": hidden}).pack_key for hidden in ([5, 3], [2, 9])
    }
    assert (len(keys) == 1) == differ


def test_an_empty_stack_takes_any_key():
    stack = Stack(blobs())
    stack.leave(stack.enter(MLPConfig()))
    member = stack.enter(MLPConfig(dtype="float64", batch_norm=True))
    assert set(stack.train_epoch()) == {member}
    assert {x.dtype.name for name, x in stack.checkpoint(member).items() if name[0] == "W"} == {"float64"}


@pytest.mark.parametrize(
    ("head", "data", "valid"),
    [
        ("logistic", blobs(classes=3), "softmax"),
        ("linear", blobs(classes=3), "softmax"),
        ("linear", blobs(classes=2), "softmax, logistic"),
        ("softmax", line(), "linear"),
        ("logistic", line(), "linear"),
    ],
)
def test_a_head_that_cannot_predict_the_data(head, data, valid):
    for refuses in (
        lambda: mlp.check({"head": head}, data),
        lambda: Stack(data).enter(MLPConfig(head=head)),
    ):
        with pytest.raises(ConfigError) as raised:
            refuses()
        error = raised.value
        assert (error.key, error.value) == ("head", head)
        assert error.fix == f"choose one of {valid}, or leave it out"


@pytest.mark.parametrize(
    ("head", "data"),
    [("logistic", blobs(classes=2)), ("softmax", blobs(classes=2)), ("softmax", blobs()), ("linear", line())],
)
def test_a_head_that_can(head, data):
    assert mlp.check({"head": head}, data) is None
    assert mlp.check({}, data) is None
