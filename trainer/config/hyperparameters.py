"""Every hyperparameter's name and what it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from trainer.arrays import DType
from trainer.config.rules import Number, OneOf, Switch, Whole, Widths
from trainer.errors import ConfigError, choices
from trainer.heads import HEADS
from trainer.layers.activation import ACTIVATIONS
from trainer.layers.initialisers import INITIALISERS
from trainer.optimizers import OPTIMIZERS
from trainer.schedules import SCHEDULES

DTYPES: Mapping[str, DType] = {"float32": np.float32, "float64": np.float64}

DEEPEST_KEEP = 9  # layers whose keep probability has a name of its own: keep_probability_0 … _9
_KEEP = Number(1e-6, 1)
_BETA = Number(0, 1, open_high=True)

NUMBERS: Mapping[str, Number] = {
    "learning_rate": Number(0, open_low=True),
    "decay": Number(0),
    "decay_base": Number(0, 1, open_low=True),
    "decay_k": Number(0, open_low=True),
    "decay_period": Number(1),
    "decay_horizon": Number(0, open_low=True),
    "warmup": Number(0),
    "momentum": _BETA,
    "beta1": _BETA,
    "beta2": _BETA,
    "epsilon": Number(1e-30),
    "clip_norm": Number(0, open_low=True),
    "l1": Number(0),
    "l2": Number(0),
    "weight_decay": Number(0),
    "batch_norm_beta": _BETA,
    "batch_norm_epsilon": Number(1e-30),
    "initial_scale": Number(0),
    "label_smoothing": Number(0, 1, open_high=True),
    "weight_average": _BETA,
}
"""What may be any number, and so may differ from model to model of a stack."""

RULES: Mapping[str, Callable[[str, Any], Any]] = {
    **NUMBERS,
    "schedule": OneOf(tuple(SCHEDULES)),
    "optimizer": OneOf(tuple(OPTIMIZERS)),
    "bias_correction": Switch(),
    "batch_norm_correction": Switch(),
    "keep_probability": _KEEP,
    **{f"keep_probability_{layer}": _KEEP for layer in range(DEEPEST_KEEP + 1)},
    "patience": Whole(1),
    "number_bins": Whole(0, 1024),
    "hidden": Widths(),
    "hidden_units": Whole(1),
    "hidden_layers": Whole(0),
    "activation": OneOf(tuple(ACTIVATIONS)),
    "batch_norm": Switch(),
    "skip": Switch(),
    "head": OneOf(tuple(HEADS)),
    "initialisation": OneOf(tuple(INITIALISERS)),
    "replica": Whole(0),
    "batch_size": Whole(1),
    "dtype": OneOf(tuple(DTYPES)),
}


def read(config: Mapping[str, Any], rules: Mapping[str, Callable[[str, Any], Any]]) -> dict[str, Any]:
    """The values by the rules. Raises `ConfigError` on one that breaks its rule, and on an unknown name."""
    for name in config:
        if name not in rules:
            rule = "is the value of an unknown hyperparameter"
            raise ConfigError(name, config[name], rule, choices(rules, name, most=len(rules)))
    return {name: rules[name](name, value) for name, value in config.items()}
