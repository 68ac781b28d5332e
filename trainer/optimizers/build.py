"""The optimizers by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from trainer.arrays import Vector
from trainer.errors import ConfigError, choices
from trainer.optimizers.adam import Adam
from trainer.optimizers.gradient_descent import GradientDescent
from trainer.optimizers.momentum import Momentum
from trainer.optimizers.optimizer import Optimizer
from trainer.optimizers.rmsprop import RMSprop

OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "gradient_descent": GradientDescent,
    "momentum": Momentum,
    "rmsprop": RMSprop,
    "adam": Adam,
}


def build_optimizer(name: str, hyperparameters: Mapping[str, Vector]) -> Optimizer:
    """The named optimizer. hyperparameters: by field name, shape (K,); those it has no use for are ignored.

    Raises `ConfigError` on an unknown name.
    """
    if name not in OPTIMIZERS:
        raise ConfigError("optimizer", name, "is not an optimizer", choices(OPTIMIZERS, name))
    kind = OPTIMIZERS[name]
    return kind(**{field.name: hyperparameters[field.name] for field in fields(kind)})
