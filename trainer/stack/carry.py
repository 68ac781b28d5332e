"""A checkpoint as another config goes on from it: what carries over, what begins anew, what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.averages import total_weight
from trainer.config import MLPConfig
from trainer.epoch.batches import batch_count
from trainer.errors import ConfigError
from trainer.network.architecture import Architecture
from trainer.network.shapes import AVERAGE, Shapes, moment_shapes
from trainer.optimizers import OPTIMIZERS
from trainer.optimizers.averaging import Averaging
from trainer.stack.checkpoint import Checkpoint

_FIXED = (
    *("hidden", "number_bins", "activation", "batch_norm", "skip", "head", "dtype", "replica"),
    *("channels", "stages", "blocks", "pooling", "global_pooling"),
)


def check_change(before: MLPConfig, now: MLPConfig) -> None:
    """Raise `ConfigError` where a network that was trained with one config is none of the other's."""
    for name in (field.name for field in fields(now) if field.name in _FIXED):
        was, value = getattr(before, name), getattr(now, name)
        if was != value:
            rule = f"is what a network is built of, and this one has {was!r}"
            fix = "leave it as it is, or start a new model with it"
            raise ConfigError(name, list(value) if isinstance(value, tuple) else value, rule, fix)


def carried_over(
    checkpoint: Mapping[str, NDArray[Any]],
    before: MLPConfig,
    now: MLPConfig,
    architecture: Architecture,
    examples: int,
) -> Checkpoint:
    """A checkpoint that was trained with `before` on so many examples, for a model of the config `now`.

    Weights, running statistics, the epoch and the patience are kept; schedules go on by the epoch, whatever
    the size of a minibatch was. Of the optimizer, the average of gradients (v of the momenta, m of Adam) is
    kept from one to another, and so is that of their squares (S of RMSprop, v of Adam): the step sees them
    as high as before, where β, the number of updates in an epoch, or whether the bias is corrected is another
    one. What the new optimizer has and the old one had not begins at zero, its bias
    corrected as at a start. Averaged weights that were not kept so far begin at the weights.

    Raises `ConfigError` where the network would be another one.
    """
    check_change(before, now)
    widths = architecture.widths([now])
    params = architecture.params(widths)
    network = {**params, **architecture.statistics(widths)}
    found = {name: checkpoint[name] for name in checkpoint if not _of_optimizer(name, network)}
    found |= _moments(checkpoint, before, now, params, examples)
    for name in moment_shapes(network, (AVERAGE,)) if now.averages else ():
        found[name] = checkpoint.get(name, checkpoint[name.removeprefix(f"{AVERAGE}.")])
    return found


def _of_optimizer(name: str, network: Shapes) -> bool:
    """Whether it is a moment, an average or a moment's age."""
    return name.partition(".")[2] in network or name in ("first_since", "second_since")


def _moments(
    checkpoint: Mapping[str, NDArray[Any]],
    before: MLPConfig,
    now: MLPConfig,
    params: Shapes,
    examples: int,
) -> Checkpoint:
    old, new = OPTIMIZERS[before.optimizer], OPTIMIZERS[now.optimizer]
    found: Checkpoint = {}
    for role, was, is_ in (("first", old.first, new.first), ("second", old.second, new.second)):
        if is_ is None:
            continue
        symbol, beta = is_
        if was is None:
            found |= {f"{symbol}.{name}": np.zeros_like(checkpoint[name]) for name in params}
            found[f"{role}_since"] = np.array(int(checkpoint["epoch"]))
            continue
        age = int(checkpoint["epoch"]) - int(checkpoint.get(f"{role}_since", 0))
        heights = (_height(config, name, age, examples) for config, name in ((before, was[1]), (now, beta)))
        scale = next(heights) / next(heights)
        for name in params:
            moment = checkpoint[f"{was[0]}.{name}"]
            found[f"{symbol}.{name}"] = moment if scale == 1 else (moment * scale).astype(moment.dtype)
        if f"{role}_since" in checkpoint:
            found[f"{role}_since"] = checkpoint[f"{role}_since"]
    return found


def _height(config: MLPConfig, beta_name: str, age: int, examples: int) -> float:
    """What a sum is multiplied by to be the average that a step sees, after so many epochs."""
    beta = min(getattr(config, beta_name), 1 - 1e-7)
    updates = age * batch_count(examples, min(config.batch_size, examples))
    corrected = config.bias_correction and issubclass(OPTIMIZERS[config.optimizer], Averaging)
    return float((1 - beta) / (total_weight(beta, updates) if corrected and updates else 1.0))
