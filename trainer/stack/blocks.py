"""The stack's numbers in blocks that stay in the cache while an optimizer's rule passes over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from trainer.arrays import Array, Params
from trainer.backends import Rule
from trainer.optimizers.clipping import sum_of_squares


class Block(NamedTuple):
    """Views of the same part of all arrays: of several small models, or of a piece of one."""

    models: slice
    theta: Array
    gradient: Array
    moments: Params

    def update(self, apply: Rule, coefficients: Mapping[str, Array], squares: Array) -> None:
        """Move theta; adds the gradient's squares, which are at hand here, to each model's sum of them."""
        squares[self.models] += sum_of_squares(self.gradient)
        if len(self.theta) < len(squares):
            coefficients = {name: x[self.models] for name, x in coefficients.items()}
        apply(self.theta, self.gradient, self.moments, coefficients)


def cut(theta: Params, gradient: Params, moments: Mapping[str, Params], size: int | None) -> list[Block]:
    """All of a stack in blocks of about `size` numbers, the last first; None for as few as there can be.

    theta, gradient: the two arrays of the layout, (K, P) each; moments: likewise, by symbol.
    """
    blocks = []
    for part, whole in theta.items():
        models, columns = whole.shape
        high = models if size is None else max(1, size // max(columns, 1))
        wide = max(1, columns if size is None else min(columns, size))
        for row in range(0, models, high):
            for column in range(0, columns, wide):
                at = slice(row, row + high), slice(column, column + wide)
                mine = {symbol: flat[part][at] for symbol, flat in moments.items()}
                blocks.append(Block(at[0], whole[at], gradient[part][at], mine))
    # Backwards: the gradients that were written last are still in the cache.
    return blocks[::-1]


@lru_cache
def descent(rule: Callable[..., Array]) -> Rule:
    """An optimizer's rule and the step it says, at once."""

    def apply(theta: Array, gradient: Array, moments: Params, coefficients: Mapping[str, Array]) -> None:
        theta += rule(gradient, moments, coefficients)

    return apply
