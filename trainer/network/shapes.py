"""The names and shapes of a network's arrays, without the model axis.

Layer l = 1 … L has weights `W{l}` (n_l, n_{l-1}) and biases `b{l}` (n_l, 1). With batch
normalisation a hidden layer has `gamma{l}` and `beta{l}` (n_l, 1) in place of its biases, and the
running statistics `mean{l}` and `variance{l}` (n_l, 1). `average.W{l}` and so on are the averages of all
these, where they are kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TypeAlias

Shapes: TypeAlias = dict[str, tuple[int, ...]]

AVERAGE = "average"


def param_shapes(widths: tuple[int, ...], batch_norm: bool = False) -> Shapes:
    """Of all that is learnt: the weights, then the rest. widths: n_0, …, n_L."""
    weights: Shapes = {}
    rest: Shapes = {}
    last = len(widths) - 1
    for layer, (n_in, n_out) in enumerate(pairwise(widths), start=1):
        weights[f"W{layer}"] = (n_out, n_in)
        shifts = ("gamma", "beta") if batch_norm and layer < last else ("b",)
        rest |= {f"{name}{layer}": (n_out, 1) for name in shifts}
    return weights | rest


def statistic_shapes(widths: tuple[int, ...], batch_norm: bool = False) -> Shapes:
    """Of what batch normalisation remembers."""
    layers = range(1, len(widths) - 1) if batch_norm else ()
    return {f"{name}{layer}": (widths[layer], 1) for layer in layers for name in ("mean", "variance")}


def count(shapes: Shapes) -> int:
    """How many numbers there are in all."""
    return sum(math.prod(shape) for shape in shapes.values())


def moment_shapes(params: Mapping[str, tuple[int, ...]], symbols: tuple[str, ...]) -> Shapes:
    """Of what is remembered beside each array, `{symbol}.{array}`, as an optimizer's moments are."""
    return {f"{symbol}.{name}": shape for symbol in symbols for name, shape in params.items()}
