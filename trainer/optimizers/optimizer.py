"""What every optimizer offers: `coefficients`, its numbers for many steps at once, and one step's `rule`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector


@dataclass(frozen=True, eq=False)
class Optimizer(ABC):
    """A gradient rule. Hyperparameters are vectors over the models, shape (K,).

    learning_rate: α, above 0.
    weight_decay: λ, at least 0; None for none. Decoupled: θ ← θ − α λ θ beside the rule, whatever the
        gradient (Loshchilov & Hutter, 2019).
    symbols: of the moments that the rule remembers, zero at first.
    first, second: the symbol of the one that sums gradients, and of the one that sums their squares, each
        with the hyperparameter by which it forgets; None where there is none.
    """

    learning_rate: Vector
    weight_decay: Vector | None = field(default=None, kw_only=True)

    symbols: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[tuple[str, str] | None] = None
    second: ClassVar[tuple[str, str] | None] = None

    def coefficients(
        self, learning_rate: Vector, t: NDArray[np.int64], t2: NDArray[np.int64] | None = None
    ) -> dict[str, Vector]:
        """What the rule needs of one number per model, in float64 and by the names that `rule` reads.

        learning_rate: α, shape (…, K). t: the update's number from 1 on, shape (…, K), as the first moment
        counts it, and t2 as the second does, where that is younger or older. They are broadcast, and every
        coefficient is of their common shape: an epoch's are (steps, K).
        """
        shape = np.broadcast_shapes(learning_rate.shape, t.shape)
        numbers = self._numbers(learning_rate, t, t if t2 is None else t2)
        return {name: np.array(np.broadcast_to(number, shape)) for name, number in numbers.items()}

    def decay(self, learning_rate: Vector) -> Vector:
        """α λ, the share of the params that an update takes away; zero without weight decay."""
        share: Vector = learning_rate * (0.0 if self.weight_decay is None else self.weight_decay)
        return share

    @abstractmethod
    def _numbers(
        self, learning_rate: Vector, t: NDArray[np.int64], t2: NDArray[np.int64]
    ) -> dict[str, Vector]:
        """The coefficients, of whatever shape each has."""

    @staticmethod
    @abstractmethod
    def rule(g: Array, moments: Mapping[str, Array], c: Mapping[str, Array]) -> Array:
        """An array's update for the gradient g, without decay. Changes the moments in place.

        g: shape (K, …); it may be overwritten, and may be what is returned. moments: by symbol, of g's
        shape. c: the coefficients of one step as (K, 1, …), in g's dtype and on its device.
        Elementwise: a part of the arrays gives that part of the update.
        """
