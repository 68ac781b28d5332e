"""What a config may say, and what is said of those that cannot be trained."""

import numpy as np
import pytest

from trainer import ConfigError, MLPConfig, mlp


def test_defaults():
    assert MLPConfig.parse({}) == MLPConfig()
    assert mlp.check({}) is None


@pytest.mark.parametrize(
    ("config", "hidden"),
    [
        ({"hidden": [64, 32]}, (64, 32)),
        ({"hidden": (8,)}, (8,)),
        ({"hidden": np.array([8, 4])}, (8, 4)),
        ({"hidden": []}, ()),
        ({"hidden_units": 16}, (16,)),
        ({"hidden_layers": 2}, (64, 64)),
        ({"hidden_units": np.int64(5), "hidden_layers": 3.0}, (5, 5, 5)),
        ({"hidden_layers": 0}, ()),
    ],
)
def test_hidden_layers(config, hidden):
    assert MLPConfig.parse(config).hidden == hidden


@pytest.mark.parametrize(
    ("config", "initialisation"),
    [
        ({}, "he"),
        ({"activation": "relu"}, "he"),
        ({"activation": "tanh"}, "xavier"),
        ({"activation": "tanh", "initialisation": "he"}, "he"),
    ],
)
def test_initialisation_follows_the_activation(config, initialisation):
    assert MLPConfig.parse(config).initialisation == initialisation


WRONG = [
    ({"learning_rat": 0.1}, "learning_rat", "did you mean learning_rate?"),
    ({"learning_rate": 0}, "learning_rate", "above 0"),
    ({"learning_rate": float("nan")}, "learning_rate", "above 0"),
    ({"learning_rate": float("inf")}, "learning_rate", "above 0"),
    ({"learning_rate": "1e-5"}, "learning_rate", "1.0e-5"),
    ({"learning_rate": "fast"}, "learning_rate", "number"),
    ({"learning_rate": True}, "learning_rate", "number"),
    ({"decay": -1}, "decay", "from 0"),
    ({"l2": -0.1}, "l2", "from 0"),
    ({"beta1": 1.0}, "beta1", "below 1"),
    ({"beta2": -0.1}, "beta2", "from 0"),
    ({"momentum": 1}, "momentum", "below 1"),
    ({"epsilon": 0}, "epsilon", "above 0"),
    ({"keep_probability": 0}, "keep_probability", "above 0 to 1"),
    ({"keep_probability": 1.1}, "keep_probability", "above 0 to 1"),
    ({"optimizer": "adm"}, "optimizer", "did you mean adam?"),
    ({"optimizer": None}, "optimizer", "gradient_descent"),
    ({"activation": "gelu"}, "activation", "relu, tanh"),
    ({"initialisation": "zero"}, "initialisation", "he, xavier"),
    ({"dtype": "float16"}, "dtype", "float32, float64"),
    ({"batch_size": 0}, "batch_size", "from 1"),
    ({"batch_size": 2.5}, "batch_size", "whole"),
    ({"batch_size": "32"}, "batch_size", "whole"),
    ({"batch_size": float("inf")}, "batch_size", "whole"),
    ({"hidden": 64}, "hidden", "[64, 32]"),
    ({"hidden": "64"}, "hidden", "[64, 32]"),
    ({"hidden": [64, 0]}, "hidden", "from 1"),
    ({"hidden": [64], "hidden_units": 32}, "hidden_units", "either"),
    ({"hidden": [64], "hidden_layers": 1}, "hidden_layers", "either"),
    ({"hidden_layers": -1}, "hidden_layers", "from 0"),
    ({"hidden_units": 0}, "hidden_units", "from 1"),
]


@pytest.mark.parametrize(("config", "key", "says"), WRONG, ids=[str(config) for config, *_ in WRONG])
def test_a_config_that_cannot_be_trained(config, key, says):
    with pytest.raises(ConfigError) as raised:
        mlp.check(config)
    error = raised.value
    assert isinstance(error, ValueError)
    assert error.key == key
    assert error.value is config[key] or error.value in config[key]
    assert says in f"{error.rule} {error.fix}"
    assert error.fix
    assert str(error).startswith(f"{key}: {error.value!r} {error.rule}")


def test_a_config_made_by_hand_is_checked_too():
    with pytest.raises(ConfigError, match="learning_rate: -1 must be a number above 0"):
        MLPConfig(learning_rate=-1)


def test_every_hyperparameter_is_told():
    fields = set(MLPConfig.__dataclass_fields__) | {"hidden_units", "hidden_layers"}
    assert mlp.hyperparameters == fields
