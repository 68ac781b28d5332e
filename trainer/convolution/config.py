"""The config of a convolutional network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trainer.config import NUMBERS, RULES, MLPConfig
from trainer.config.hyperparameters import read
from trainer.config.layers import take_hidden
from trainer.config.rules import OneOf, Switch, Whole
from trainer.layers.activation import ACTIVATIONS

POOLINGS = ("max", "average")

_OWN: Mapping[str, Callable[[str, Any], Any]] = {
    "channels": Whole(1),
    "stages": Whole(1),
    "blocks": Whole(1),
    "pooling": OneOf(POOLINGS),
    "global_pooling": Switch(),
    "flip": Switch(),
    "shift": Whole(0),
}
_SHARED = (
    *NUMBERS,
    *("schedule", "optimizer", "bias_correction", "batch_norm", "batch_norm_correction", "skip"),
    *("keep_probability", "patience", "hidden", "hidden_units", "hidden_layers", "activation"),
    *("head", "initialisation", "replica", "batch_size", "dtype"),
)

CNN_RULES: Mapping[str, Callable[[str, Any], Any]] = {**{name: RULES[name] for name in _SHARED}, **_OWN}
"""Every hyperparameter's name and what it may be."""


@dataclass(frozen=True)
class CNNConfig(MLPConfig):
    """What one convolutional network is trained with: its convolutions, and all that `MLPConfig` has.

    channels: of the first stage; each stage has twice as many as the one before. stages: each ends with a
        2 × 2 pooling. blocks: of a stage. skip: whether a block is not a 3 × 3 convolution, but two of them
        beside a connection that skips both (He et al., 2016), by a 1 × 1 convolution where channels differ.
    pooling: "max" or "average". global_pooling: whether the dense layers see each channel's mean, and not
        each of its places.
    hidden: of the dense layers before the outputs, by default none. batch_norm: of all convolutions and
        hidden layers. keep: of dropout, of what the dense layers see and of each hidden layer.
    flip: whether an image is mirrored, left to right, every other time. shift: the most pixels by which an
        image is moved, in each direction; what comes in is 0. Both in training alone.
    Raises `ConfigError` on a value that cannot be trained with.
    """

    channels: int = 16
    stages: int = 2
    blocks: int = 1
    pooling: str = "max"
    global_pooling: bool = False
    flip: bool = False
    shift: int = 0
    hidden: tuple[int, ...] = ()
    batch_norm: bool = True
    batch_size: int = 64

    def __post_init__(self) -> None:
        for name, rule in _OWN.items():
            object.__setattr__(self, name, rule(name, getattr(self, name)))
        super().__post_init__()

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> CNNConfig:
        """The config a sweep drew or a user wrote. Raises `ConfigError` where it cannot be trained."""
        given = read(config, CNN_RULES)
        dense = any(name in given for name in ("hidden", "hidden_units", "hidden_layers"))
        hidden = take_hidden(given) if dense else ()
        keep = (given.pop("keep_probability", 1.0),) * (len(hidden) + 1)
        activation = ACTIVATIONS[given.get("activation", cls.activation)]
        return cls(**{"initialisation": activation.initialisation, **given, "hidden": hidden, "keep": keep})

    @property
    def pack_key(self) -> tuple[Any, ...]:
        """What the models of a stack have in common: all but numbers, schedule and initialisation."""
        own = tuple(getattr(self, name) for name in _OWN)
        return (*super().pack_key, self.hidden, self.batch_norm_epsilon, *own)

    def _check_skip(self) -> None:
        """Nothing: what is skipped are convolutions, which are of one width within a stage."""
