"""What is said of configs that cannot be trained: the key, the value, the rule, the fix."""

import dataclasses

import pytest

from tests.trainer.examples import blobs
from trainer import ConfigError, MLPConfig, mlp
from trainer.config import NUMBERS, RULES

NAN, INF = float("nan"), float("inf")
WRONG = [
    ({"learning_rat": 0.1}, "learning_rat", "did you mean learning_rate?"),
    ({"keep": (1.0, 1.0)}, "keep", "unknown hyperparameter"),
    ({"keep_probability_10": 0.5}, "keep_probability_10", "unknown hyperparameter"),
    ({"learning_rate": 0}, "learning_rate", "above 0"),
    ({"learning_rate": "1e-5"}, "learning_rate", "1.0e-5"),
    ({"learning_rate": "fast"}, "learning_rate", "write a number"),
    ({"learning_rate": None}, "learning_rate", "write a number"),
    ({"decay": -1}, "decay", "from 0 on"),
    ({"decay_base": 0}, "decay_base", "above 0 to 1"),
    ({"decay_base": 1.5}, "decay_base", "above 0"),
    ({"decay_k": 0}, "decay_k", "above 0"),
    ({"decay_period": 0.5}, "decay_period", "from 1 on"),
    ({"decay_horizon": 0}, "decay_horizon", "above 0"),
    ({"warmup": -1}, "warmup", "from 0 on"),
    ({"l1": -0.1}, "l1", "from 0 on"),
    ({"l2": -0.1}, "l2", "from 0 on"),
    ({"weight_decay": -0.1}, "weight_decay", "from 0 on"),
    ({"clip_norm": 0}, "clip_norm", "above 0"),
    ({"beta1": 1.0}, "beta1", "from 0 and below 1"),
    ({"beta2": -0.1}, "beta2", "from 0 and below 1"),
    ({"momentum": 1}, "momentum", "below 1"),
    ({"epsilon": 0}, "epsilon", "from 1e-30 on"),
    ({"batch_norm_beta": 1}, "batch_norm_beta", "below 1"),
    ({"batch_norm_epsilon": 0}, "batch_norm_epsilon", "from 1e-30 on"),
    ({"initial_scale": -1}, "initial_scale", "from 0 on"),
    ({"keep_probability": 0}, "keep_probability", "from 1e-06 to 1"),
    ({"keep_probability": 1.1}, "keep_probability", "from 1e-06 to 1"),
    *(({f"keep_probability_{i}": 0}, f"keep_probability_{i}", "from 1e-06 to 1") for i in range(10)),
    ({"optimizer": "adm"}, "optimizer", "did you mean adam?"),
    ({"optimizer": None}, "optimizer", "gradient_descent"),
    ({"schedule": "cosin"}, "schedule", "did you mean cosine?"),
    ({"activation": "gelu"}, "activation", "relu, leaky_relu, tanh, sigmoid"),
    ({"head": "softmx"}, "head", "did you mean softmax? Valid: softmax, logistic, linear"),
    ({"initialisation": "zero"}, "initialisation", "he, xavier, glorot, normal, zeros"),
    ({"dtype": "float16"}, "dtype", "float32, float64"),
    *(({"batch_norm": value}, "batch_norm", "true or false") for value in (1, 0, "true", None, "yes")),
    ({"bias_correction": 1}, "bias_correction", "true or false"),
    *(
        ({"batch_size": value}, "batch_size", "whole number from 1")
        for value in (0, 2.5, "32", INF, NAN, True)
    ),
    *(({"patience": value}, "patience", "whole number from 1") for value in (0, 1.5)),
    ({"replica": -1}, "replica", "whole number from 0"),
    ({"hidden": 64}, "hidden", "[64, 32]"),
    ({"hidden": "64"}, "hidden", "[64, 32]"),
    ({"hidden": [64, 0]}, "hidden", "from 1"),
    ({"hidden": [64], "hidden_units": 32}, "hidden_units", "either"),
    ({"hidden": [64], "hidden_layers": 1}, "hidden_layers", "either"),
    ({"hidden_layers": -1}, "hidden_layers", "from 0"),
    ({"hidden_units": 0}, "hidden_units", "from 1"),
    ({"batch_size": 1, "batch_norm": True}, "batch_size", "2 or more, or batch_norm: false"),
]


def refusal(config):
    with pytest.raises(ConfigError) as raised:
        mlp.check(config, blobs())
    error = raised.value
    assert isinstance(error, ValueError)
    assert error.rule
    assert error.fix
    assert str(error).startswith(f"{error.key}: {error.value!r} {error.rule}")
    assert str(error).endswith(f"fix: {error.fix}")
    return error


@pytest.mark.parametrize(("config", "key", "says"), WRONG, ids=[str(config) for config, *_ in WRONG])
def test_the_key_the_value_the_rule_and_the_fix(config, key, says):
    error = refusal(config)
    assert error.key == key
    assert error.value is config[key] or error.value in config[key]
    assert says in f"{error.rule} {error.fix}"


@pytest.mark.parametrize("value", [NAN, INF, -INF, True, "1", [1.0], 1j], ids=repr)
@pytest.mark.parametrize("name", NUMBERS)
def test_what_no_number_may_be(name, value):
    error = refusal({name: value})
    assert (error.key, error.value) == (name, value) or value != value
    assert "must be a number" in error.rule


@pytest.mark.parametrize("field", dataclasses.fields(MLPConfig), ids=lambda field: field.name)
def test_none_stands_for_a_default_that_depends_or_for_nothing(field):
    if field.default is None:
        assert MLPConfig(**{field.name: None}) == MLPConfig()
    else:
        with pytest.raises(ConfigError) as raised:
            MLPConfig(**{field.name: None})
        assert (raised.value.key, raised.value.value) == (field.name, None)


def test_a_cosine_needs_its_horizon():
    error = refusal({"schedule": "cosine"})
    assert (error.key, error.value) == ("decay_horizon", None)
    assert "schedule: cosine" in error.rule
    assert "decay_horizon" in error.fix
    assert mlp.check({"schedule": "cosine", "decay_horizon": 10}, blobs()) is None


@pytest.mark.parametrize("own", [{"batch_size": 2, "batch_norm": True}, {"batch_size": 1}], ids=str)
def test_batch_norm_and_the_batch_size(own):
    assert mlp.check(own, blobs()) is None


@pytest.mark.parametrize(("name", "rule"), NUMBERS.items())
def test_the_ends_of_what_a_number_may_be(name, rule):
    own = {"batch_norm": True}
    for end, is_open in ((rule.low, rule.open_low), (rule.high, rule.open_high)):
        if end == INF:
            continue
        if is_open:
            refusal({**own, name: end})
        else:
            assert getattr(MLPConfig.parse({**own, name: end}), name) == end


def test_unknown_names_are_told_the_valid_ones():
    fix = refusal({"qqqqqq": 1}).fix
    assert all(name in fix for name in RULES)
