"""Spaces to start from, by name: `space: mlp` stands for one, and spec.yaml shows it in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sweeps.errors import BadInput, choices


def _mlp(epochs: int) -> dict[str, Any]:
    """Of the built-in network. The learning rate falls to 0 in a tenth of the sweep's epochs or more; a trial
    ends where a fifth of them were no better.
    """
    return {
        "learning_rate": {"log": [1e-4, 3e-2]},
        "hidden_units": {"log_int": [16, 256]},
        "hidden_layers": {"int": [1, 3]},
        "batch_size": {"choice": [32, 64, 128, 256], "ordered": True},
        "batch_norm": {"choice": [False, True]},
        "number_bins": {"choice": [0, 4, 8, 16, 32], "ordered": True},
        "keep_probability": {"uniform": [0.5, 1]},
        "weight_decay": {"log": [1e-5, 1e-1]},
        "optimizer": "adamw",
        "schedule": "cosine",
        "decay_horizon": {"log": [epochs / 10, epochs]},
        "patience": max(3, epochs // 5),
    }


def _cnn(epochs: int) -> dict[str, Any]:
    """Of the built-in network for images. The learning rate falls to 0 over the sweep's epochs."""
    return {
        "channels": {"choice": [8, 16, 24, 32], "ordered": True},
        "stages": {"int": [1, 3]},
        "learning_rate": {"log": [1e-3, 3e-2]},
        "batch_size": {"choice": [32, 64, 128], "ordered": True},
        "keep_probability": {"uniform": [0.5, 1]},
        "weight_decay": {"log": [1e-4, 1e-1]},
        "label_smoothing": {"uniform": [0, 0.1]},
        "flip": {"choice": [False, True]},
        "shift": {"int": [0, 2]},
        "weight_average": 0.98,
        "optimizer": "adamw",
        "schedule": "cosine",
        "decay_horizon": epochs,
        "warmup": 1,
    }


IN_EPOCHS: Mapping[str, int] = {"decay_horizon": 1, "patience": 3}
"""Hyperparameters of the built-in networks that are a part of the whole training, in epochs, and what a whole
number of them should be at least."""

READY_SPACES: Mapping[str, Callable[[int], dict[str, Any]]] = {"mlp": _mlp, "cnn": _cnn}


def ready_space(name: str, epochs: int) -> dict[str, Any]:
    """The space of that name as a spec has it. epochs: how long the best train. Raises `BadInput`."""
    if name not in READY_SPACES:
        fix = f"map hyperparameters to their values, or name a space. {choices(READY_SPACES, name)}"
        raise BadInput("space", name, "is not the name of a space", fix)
    return READY_SPACES[name](epochs)
