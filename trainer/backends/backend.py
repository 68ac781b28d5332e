"""What both libraries have, but each in its own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, DType, Params

Index: TypeAlias = Any
"""The number of a step: an int, or, where steps are captured, an array that holds one."""

Rule: TypeAlias = Callable[[Array, Array, Params, Mapping[str, Array]], None]
"""Moves params by their gradient, elementwise: (params, gradient, moments, coefficients)."""


Runner: TypeAlias = Callable[[Callable[[Index], None], int, int], None]
"""(step, first, last): runs step(first), …, step(last − 1), all on batches of one size."""


class Backend(Protocol):
    """device: as asked for. block: how many numbers an elementwise rule works on at a time, so that
    they stay in the cache; None for all at once. eager: whether divergence may be looked for between
    steps; where steps are captured, a model that has diverged stays until the epoch ends.
    """

    device: str
    block: int | None
    eager: bool

    def array(self, x: NDArray[Any], dtype: DType | type[np.int64] | None = None) -> Array:
        """On the device, in its own dtype if none is given; may share memory with x."""

    def numpy(self, x: Array) -> NDArray[Any]:
        """Back on the host; a copy, which later steps do not change."""

    def cast(self, x: Array, dtype: DType) -> Array:
        """x in a dtype; x itself where it has it."""

    def copy(self, x: Array, dtype: DType) -> Array:
        """A new array like x in a dtype."""

    def like(self, x: Array, shape: tuple[int, ...]) -> Array:
        """Zeros of a shape, in the dtype of x."""

    def rows(self, x: Array, indices: Array) -> Array:
        """Some rows of x, in the order of the indices."""

    def row(self, x: Array, index: Index) -> Array:
        """Row `index` of x."""

    def compiled(self, rule: Rule) -> Rule:
        """The rule, fused where that can be done. The gradient may be lost by it, or not."""

    def arithmetic(self) -> AbstractContextManager[object]:
        """What array code runs fastest in."""

    def free_bytes(self) -> int | None:
        """How much more memory arrays may take; None where nobody need ask."""

    def runner(self) -> Runner:
        """Runs the steps of one lineup, and always the same step."""
