"""The hyperparameters of a stack's models side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer.arrays import Vector
from trainer.config.hyperparameters import NUMBERS
from trainer.config.mlp_config import MLPConfig

_SWITCHES = ("bias_correction", "batch_norm_correction")


def vectors(configs: Sequence[MLPConfig]) -> dict[str, Vector]:
    """What the models of a stack may differ in: each numeric hyperparameter, shape (K,).

    NaN where a model has none, save for `clip_norm`, which is then infinite. Switches are 0 or 1.
    """
    columns = {name: [getattr(config, name) for config in configs] for name in (*NUMBERS, *_SWITCHES)}
    columns["clip_norm"] = [np.inf if limit is None else limit for limit in columns["clip_norm"]]
    return {name: np.array(column, np.float64) for name, column in columns.items()}
