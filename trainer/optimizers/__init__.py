"""Optimizers: pure pairs of `init` and `update`, each hyperparameter a vector over the models."""

from trainer.optimizers.adam import Adam, AdamW
from trainer.optimizers.build import OPTIMIZERS, build_optimizer
from trainer.optimizers.classical_momentum import ClassicalMomentum, Nesterov
from trainer.optimizers.clipping import clip_, clip_by_norm, gradient_norm
from trainer.optimizers.gradient_descent import GradientDescent
from trainer.optimizers.momentum import Momentum
from trainer.optimizers.optimizer import Optimizer, State
from trainer.optimizers.rmsprop import RMSprop

__all__ = [
    "OPTIMIZERS",
    "Adam",
    "AdamW",
    "ClassicalMomentum",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "State",
    "build_optimizer",
    "clip_",
    "clip_by_norm",
    "gradient_norm",
]
