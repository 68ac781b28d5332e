"""What every optimizer offers: `init` and `update`, both pure; all memory is in the state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np

from trainer.arrays import Array, Params, Vector, over_models


@dataclass(frozen=True)
class State:
    """t: updates made so far. moments: by the paper's symbol, one array per parameter."""

    t: int = 0
    moments: dict[str, Params] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Optimizer(ABC):
    """A gradient rule. Hyperparameters are vectors over the models, shape (K,).

    learning_rate: α, above 0. symbols: of the moments that the rule remembers, zero at first.
    """

    learning_rate: Vector

    symbols: ClassVar[tuple[str, ...]] = ()

    def init(self, params: Params) -> State:
        """The state before the first update."""
        return State(0, {symbol: {n: np.zeros_like(x) for n, x in params.items()} for symbol in self.symbols})

    def update(self, grads: Params, state: State, params: Params) -> tuple[Params, State]:
        """What to add to the params, and the new state. Changes none of its arguments."""
        updates: Params = {}
        moments: dict[str, Params] = {symbol: {} for symbol in self.symbols}
        for name, g in grads.items():
            old = {symbol: of[name] for symbol, of in state.moments.items()}
            updates[name], new = self.rule(g, old, state.t + 1)
            for symbol, of in moments.items():
                of[name] = new[symbol]
        return updates, State(state.t + 1, moments)

    @abstractmethod
    def rule(self, g: Array, moments: Mapping[str, Array], t: int) -> tuple[Array, dict[str, Array]]:
        """Of one array: its change in update t = 1, 2, … for the gradient g, and the new moments."""

    def at(self, learning_rate: Vector) -> Self:
        """The same rule at another learning rate, as a schedule asks for."""
        return replace(self, learning_rate=learning_rate)


def moving_average(average: Array, x: Array, beta: Vector) -> Array:
    """β·average + (1 − β)·x, as a new array. beta: shape (K,)."""
    # As average + (1 − β)(x − average): 1 − β, taken in float64, is all of β that is then rounded to
    # float32, which leaves 0.999 but four digits of its own 1 − β.
    result: Array = x - average
    result *= over_models(1 - beta, x)
    result += average
    return result


def scaled_by_root(x: Array, square: Array, factor: Vector, floor: Vector) -> Array:
    """factor · x / (√square + floor), as a new array. factor, floor: shape (K,)."""
    result: Array = np.sqrt(square)
    result += over_models(floor, x)
    np.divide(x, result, out=result)
    result *= over_models(factor, x)
    return result
