"""The optimizers by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from trainer.arrays import Vector
from trainer.errors import ConfigError, choices
from trainer.optimizers.adam import Adam
from trainer.optimizers.classical_momentum import ClassicalMomentum, Nesterov
from trainer.optimizers.gradient_descent import GradientDescent
from trainer.optimizers.momentum import Momentum
from trainer.optimizers.optimizer import Optimizer
from trainer.optimizers.rmsprop import RMSprop

OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "gradient_descent": GradientDescent,
    "momentum": Momentum,
    "classical_momentum": ClassicalMomentum,
    "nesterov": Nesterov,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": Adam,
}


def build_optimizer(name: str, hyperparameters: Mapping[str, Vector]) -> Optimizer:
    """The named optimizer. hyperparameters: by field name, shape (K,).

    Those it has no use for are ignored; `weight_decay` and `bias_correction` may be missing.
    Raises `ConfigError` on an unknown name.
    """
    if name not in OPTIMIZERS:
        raise ConfigError("optimizer", name, "is not an optimizer", choices(OPTIMIZERS, name))
    kind = OPTIMIZERS[name]
    names = (field.name for field in fields(kind))
    return kind(**{name: hyperparameters[name] for name in names if name in hyperparameters})
