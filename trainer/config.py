"""The hyperparameters of the multilayer perceptron."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from trainer.arrays import DType, Vector
from trainer.errors import ConfigError, choices
from trainer.initialise import INITIALISERS
from trainer.layers.activation import ACTIVATIONS
from trainer.optimizers import OPTIMIZERS
from trainer.rules import Number, OneOf, Whole, Widths

DTYPES: Mapping[str, DType] = {"float32": np.float32, "float64": np.float64}

RULES: Mapping[str, Callable[[str, Any], Any]] = {
    "learning_rate": Number(0, open_low=True),
    "decay": Number(0),
    "optimizer": OneOf(tuple(OPTIMIZERS)),
    "momentum": Number(0, 1, open_high=True),
    "beta1": Number(0, 1, open_high=True),
    "beta2": Number(0, 1, open_high=True),
    "epsilon": Number(0, open_low=True),
    "l2": Number(0),
    "keep_probability": Number(0, 1, open_low=True),
    "hidden": Widths(),
    "hidden_units": Whole(1),
    "hidden_layers": Whole(0),
    "activation": OneOf(tuple(ACTIVATIONS)),
    "initialisation": OneOf(tuple(INITIALISERS)),
    "batch_size": Whole(1),
    "dtype": OneOf(tuple(DTYPES)),
}
"""Every hyperparameter's name and what it may be."""


@dataclass(frozen=True)
class MLPConfig:
    """What one model is trained with; a hyperparameter its optimizer has no use for is ignored.

    learning_rate: α₀. decay: α = α₀ / (1 + decay · epoch).
    momentum: β of momentum. beta1, beta2, epsilon: of Adam; RMSprop takes beta2 and epsilon.
    l2: λ, as in `Network.cost`. keep_probability: of each hidden unit, in (0, 1].
    hidden: the units of each hidden layer; () for none. `parse` also takes `hidden_units`, the
        units of every hidden layer (64), with `hidden_layers`, how many there are (1).
    initialisation: he or xavier; `parse` takes he for relu and xavier for tanh if it is not given.
    Raises `ConfigError` on a value that cannot be trained with.
    """

    learning_rate: float = 1e-3
    decay: float = 0.0
    optimizer: str = "adam"
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    l2: float = 0.0
    keep_probability: float = 1.0
    hidden: tuple[int, ...] = (64,)
    activation: str = "relu"
    initialisation: str = "he"
    batch_size: int = 32
    dtype: str = "float32"

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, RULES[field.name](field.name, getattr(self, field.name)))

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> MLPConfig:
        """The config a sweep drew or a user wrote. Raises `ConfigError` where it cannot be trained."""
        for name in config:
            if name not in RULES:
                raise ConfigError(
                    name, config[name], "is the value of an unknown hyperparameter", choices(RULES, name)
                )
        given = {name: RULES[name](name, value) for name, value in config.items()}
        hidden = _take_hidden(given)
        activation = ACTIVATIONS[given.get("activation", cls.activation)]
        return cls(**{"initialisation": activation.initialisation, **given, "hidden": hidden})

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the models of a stack have in common."""
        return (
            self.optimizer,
            self.hidden,
            self.activation,
            self.initialisation,
            self.batch_size,
            self.dtype,
        )


def vectors(configs: Sequence[MLPConfig]) -> dict[str, Vector]:
    """What the models of a stack may differ in: each numeric hyperparameter, shape (K,)."""
    numeric = [name for name, rule in RULES.items() if isinstance(rule, Number)]
    return {name: np.array([getattr(config, name) for config in configs], np.float64) for name in numeric}


def _take_hidden(given: dict[str, Any]) -> tuple[int, ...]:
    """The hidden layers' widths; takes what names them out of what was given."""
    uniform = {name: given.pop(name) for name in ("hidden_units", "hidden_layers") if name in given}
    if "hidden" not in given:
        units, layers = uniform.get("hidden_units", 64), uniform.get("hidden_layers", 1)
        return tuple(units for _ in range(layers))
    for name, value in uniform.items():
        rule = f"cannot go with hidden, which is {list(given['hidden'])}"
        fix = "give either hidden, or hidden_units and hidden_layers"
        raise ConfigError(name, value, rule, fix)
    widths: tuple[int, ...] = given["hidden"]
    return widths
