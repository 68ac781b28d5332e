"""What a config may say: defaults, what follows from what, and kinds of values."""

import dataclasses

import numpy as np
import pytest

from tests.trainer.examples import blobs
from trainer import ConfigError, MLPConfig, mlp
from trainer.config import NUMBERS, RULES, vectors
from trainer.optimizers import OPTIMIZERS


def test_defaults():
    assert MLPConfig.parse({}) == MLPConfig()
    assert mlp.check({}, blobs()) is None
    assert {field.name: getattr(MLPConfig(), field.name) for field in dataclasses.fields(MLPConfig)} == {
        **{"learning_rate": 1e-3, "schedule": "inverse_time", "decay": 0, "decay_base": 0.95, "decay_k": 1},
        **{"decay_period": 10, "decay_horizon": None, "warmup": 0, "optimizer": "adam", "momentum": 0.9},
        **{"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "bias_correction": True, "clip_norm": None},
        **{"l1": 0, "l2": 0, "weight_decay": 0, "keep": (1, 1), "patience": None, "hidden": (64,)},
        **{"activation": "relu", "batch_norm": False, "batch_norm_beta": 0.9, "batch_norm_epsilon": 1e-5},
        **{
            "batch_norm_correction": True,
            "skip": False,
            "number_bins": 0,
            "label_smoothing": 0,
            "weight_average": 0,
        },
        **{"head": None, "initialisation": "he", "initial_scale": 0.01, "replica": 0},
        **{"batch_size": 32, "dtype": "float32"},
    }


def test_bins_have_a_most():
    assert MLPConfig.parse({"number_bins": 1024}).number_bins == 1024
    with pytest.raises(ConfigError, match="from 0 to 1024"):
        MLPConfig.parse({"number_bins": 1025})


def test_every_field_has_its_rule():
    fields = {field.name for field in dataclasses.fields(MLPConfig)}
    ways = {
        "hidden_units",
        "hidden_layers",
        "keep_probability",
        *(f"keep_probability_{i}" for i in range(10)),
    }
    assert set(RULES) == fields - {"keep"} | ways
    assert mlp.hyperparameters == set(RULES)
    assert set(NUMBERS) <= fields


@pytest.mark.parametrize(
    ("config", "initialisation"),
    [
        ({}, "he"),
        ({"activation": "relu"}, "he"),
        ({"activation": "leaky_relu"}, "he"),
        ({"activation": "tanh"}, "glorot"),
        ({"activation": "sigmoid"}, "glorot"),
        ({"activation": "tanh", "initialisation": "he"}, "he"),
        ({"initialisation": "zeros"}, "zeros"),
    ],
    ids=str,
)
def test_initialisation_follows_the_activation(config, initialisation):
    assert MLPConfig.parse(config).initialisation == initialisation


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_follows_the_optimizer(optimizer):
    for config in (MLPConfig(optimizer=optimizer), MLPConfig.parse({"optimizer": optimizer})):
        assert config.weight_decay == (0.01 if optimizer == "adamw" else 0.0)
        assert config.bias_correction is (optimizer in ("adam", "adamw"))
    told = MLPConfig(optimizer=optimizer, weight_decay=0.5, bias_correction=False)
    assert (told.weight_decay, told.bias_correction) == (0.5, False)
    assert MLPConfig(optimizer=optimizer, weight_decay=0, bias_correction=True).weight_decay == 0.0
    assert MLPConfig(optimizer=optimizer, weight_decay=0, bias_correction=True).bias_correction is True


@pytest.mark.parametrize("name", ["batch_norm", "bias_correction"])
@pytest.mark.parametrize("value", [True, False, np.True_, np.False_], ids=repr)
def test_switches(name, value):
    assert getattr(MLPConfig.parse({name: value}), name) is bool(value)


@pytest.mark.parametrize("value", [np.float32(0.5), np.float64(0.5), 1, np.int64(1)], ids=repr)
def test_numbers_of_other_kinds_become_floats(value):
    number = MLPConfig.parse({"learning_rate": value}).learning_rate
    assert (type(number), number) == (float, float(value))


def test_a_config_made_by_hand_is_checked_too():
    with pytest.raises(ConfigError, match="learning_rate: -1 must be a number above 0"):
        MLPConfig(learning_rate=-1)
    with pytest.raises(ConfigError, match=r"keep_probability_1: 0 must be a number from 1e-06 to 1"):
        MLPConfig(keep=(1.0, 0))
    with pytest.raises(ConfigError, match=r"keep: \(1.0,\) must have 2 entries"):
        MLPConfig(keep=(1.0,))
    assert MLPConfig(learning_rate=1, hidden=[3]) == MLPConfig(learning_rate=1.0, hidden=(3,))


def test_side_by_side():
    numbers = vectors([MLPConfig(l2=0.5, batch_norm=True), MLPConfig(clip_norm=2.0, decay_horizon=3)])
    assert set(numbers) == {*NUMBERS, "bias_correction", "batch_norm_correction"}
    assert all(x.shape == (2,) and x.dtype == np.float64 for x in numbers.values())
    assert numbers["l2"].tolist() == [0.5, 0.0]
    assert numbers["clip_norm"].tolist() == [np.inf, 2.0]
    assert numbers["bias_correction"].tolist() == [1.0, 1.0]
    assert np.isnan(numbers["decay_horizon"]).tolist() == [True, False]
