"""Optimizers: pure pairs of `init` and `update`, each hyperparameter a vector over the models."""

from trainer.optimizers.adam import Adam
from trainer.optimizers.build import OPTIMIZERS, build_optimizer
from trainer.optimizers.gradient_descent import GradientDescent
from trainer.optimizers.momentum import Momentum
from trainer.optimizers.optimizer import Optimizer, State
from trainer.optimizers.rmsprop import RMSprop

__all__ = [
    "OPTIMIZERS",
    "Adam",
    "GradientDescent",
    "Momentum",
    "Optimizer",
    "RMSprop",
    "State",
    "build_optimizer",
]
