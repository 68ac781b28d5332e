"""Hyperparameters that may be written layer by layer, or once for all of them."""

from __future__ import annotations

from typing import Any

from trainer.config.hyperparameters import DEEPEST_KEEP
from trainer.errors import ConfigError


def take_hidden(given: dict[str, Any]) -> tuple[int, ...]:
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


def take_keep(given: dict[str, Any], layers: int) -> tuple[float, ...]:
    """The keep probability of the input and of each hidden layer, likewise."""
    every = given.pop("keep_probability", 1.0)
    single = {layer: given.pop(f"keep_probability_{layer}", None) for layer in range(DEEPEST_KEEP + 1)}
    keep = [1.0] + [every] * layers
    return tuple(p if single.get(layer) is None else single[layer] for layer, p in enumerate(keep))
