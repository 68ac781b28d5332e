"""Optimizers: coefficients and an elementwise rule each, every hyperparameter a vector over the models."""

from trainer.optimizers.adam import Adam
from trainer.optimizers.build import OPTIMIZERS, build_optimizer
from trainer.optimizers.classical_momentum import ClassicalMomentum, Nesterov
from trainer.optimizers.clipping import clip_, gradient_norm
from trainer.optimizers.gradient_descent import GradientDescent
from trainer.optimizers.momentum import Momentum
from trainer.optimizers.optimizer import Optimizer
from trainer.optimizers.rmsprop import RMSprop

__all__ = [
    "OPTIMIZERS",
    "Adam",
    "ClassicalMomentum",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "build_optimizer",
    "clip_",
    "gradient_norm",
]
