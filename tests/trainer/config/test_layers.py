"""The several ways in which a config names hidden layers and what they keep."""

import dataclasses

import numpy as np
import pytest

from trainer import ConfigError, MLPConfig


@pytest.mark.parametrize(
    ("config", "hidden"),
    [
        ({"hidden": [64, 32]}, (64, 32)),
        ({"hidden": (8,)}, (8,)),
        ({"hidden": np.array([8, 4])}, (8, 4)),
        ({"hidden": [3.0]}, (3,)),
        ({"hidden": []}, ()),
        ({"hidden_units": 16}, (16,)),
        ({"hidden_layers": 2}, (64, 64)),
        ({"hidden_units": np.int64(5), "hidden_layers": 3.0}, (5, 5, 5)),
        ({"hidden_layers": 0}, ()),
    ],
    ids=str,
)
def test_hidden_layers(config, hidden):
    parsed = MLPConfig.parse(config)
    assert parsed.hidden == hidden
    assert {type(width) for width in parsed.hidden} <= {int}
    assert parsed.keep == (1.0,) * (len(hidden) + 1)


@pytest.mark.parametrize(
    ("config", "keep"),
    [
        ({"keep_probability": 0.5}, (1.0, 0.5, 0.5)),
        ({"keep_probability_0": 0.8}, (0.8, 1.0, 1.0)),
        ({"keep_probability": 0.5, "keep_probability_0": 0.8}, (0.8, 0.5, 0.5)),
        ({"keep_probability": 0.5, "keep_probability_1": 0.9}, (1.0, 0.9, 0.5)),
        ({"keep_probability_1": 0.9, "keep_probability_2": 0.7}, (1.0, 0.9, 0.7)),
        ({"keep_probability_9": 0.7, "keep_probability_3": 0.1}, (1.0, 1.0, 1.0)),
        ({"keep_probability": 1}, (1.0, 1.0, 1.0)),
    ],
    ids=str,
)
def test_what_is_kept(config, keep):
    assert MLPConfig.parse({"hidden": [4, 3], **config}).keep == keep


def test_the_tenth_layer_has_its_own_and_those_above_what_all_have():
    deep = MLPConfig.parse({"hidden_layers": 12, "keep_probability": 0.5, "keep_probability_9": 0.9})
    assert deep.keep == (1.0, *[0.5] * 8, 0.9, *[0.5] * 3)


def test_changed_widths_keep_no_stale_keep():
    with pytest.raises(ConfigError, match="keep"):
        dataclasses.replace(MLPConfig(), hidden=(4, 4))
