"""What the steps of an epoch are made of: minibatches, dropout masks and each update's coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from trainer.arrays import Array, DType, namespace
from trainer.backends import Backend, Index
from trainer.epoch.batches import batch_count, epoch_order
from trainer.epoch.coefficients import Coefficients
from trainer.epoch.dropout import Dropout
from trainer.epoch.examples import Examples
from trainer.layers.dense import Inputs
from trainer.member import Member
from trainer.network.network import Masks


class Step(NamedTuple):
    """T, y, weights: (1 or K, …, m), shared where all models see the same. coefficients: each (K, 1).

    index: the step's number in the epoch.
    """

    inputs: Inputs
    masks: Masks
    T: Array
    y: Array
    coefficients: dict[str, Array]
    weights: Array | None = None
    index: Index = 0


class Feed:
    """Of models that stay the same, sorted by epoch; those of one epoch share minibatches. `load` first."""

    def __init__(
        self,
        members: Sequence[Member],
        examples: Examples,
        widths: tuple[int, ...],
        *,
        seed: int,
        backend: Backend,
        dtype: DType,
    ) -> None:
        self._members, self._examples = members, examples
        self._seed, self._backend, self._dtype = seed, backend, dtype
        self.batch_size = min(members[0].config.batch_size, len(examples))
        self._cohorts = _cohorts(members)
        self._dropout = Dropout(members, widths, self.batch_size, seed=seed, backend=backend, dtype=dtype)
        self._coefficients = Coefficients(members, len(examples), dtype)
        self._orders: list[Array] = []
        self._table: Array | None = None

    @property
    def steps(self) -> int:
        """Minibatches an epoch; the last may be smaller."""
        return batch_count(len(self._examples), self.batch_size)

    @property
    def full_steps(self) -> int:
        """Minibatches of the full size."""
        return len(self._examples) // self.batch_size

    def load(self) -> None:
        """Make the orders, the draws and the coefficients of the epoch that the models are in."""
        m, array = len(self._examples), self._backend.array
        epochs = [self._members[at.start].epoch for at in self._cohorts]
        orders = [array(epoch_order(m, seed=self._seed, epoch=epoch)) for epoch in epochs]
        table = array(self._coefficients.table(), self._dtype)
        if self._table is None:
            self._orders, self._table = orders, table
        else:  # into the same arrays, which a captured step reads from
            self._table[...] = table
            for old, new in zip(self._orders, orders, strict=True):
                old[...] = new
        self._dropout.load()

    def step(self, index: Index) -> Step:
        """All that step `index` needs; an array for an index stands for a full minibatch."""
        batches = [self._examples.take(self._indices(order, index)) for order in self._orders]
        weights = [batch.weights for batch in batches if batch.weights is not None]
        coefficients = self._backend.row(self._table, index)  # type: ignore[arg-type]  # loaded
        return Step(
            [(at, batch.X) for at, batch in zip(self._cohorts, batches, strict=True)],
            self._dropout.masks(index, len(batches[0].y)),
            self._for_each([batch.T for batch in batches]),
            self._for_each([batch.y for batch in batches]),
            dict(zip(self._coefficients.names, coefficients, strict=True)),
            self._for_each(weights) if weights else None,
            index,
        )

    def _indices(self, order: Array, index: Index) -> Array:
        if isinstance(index, int):
            return order[index * self.batch_size : (index + 1) * self.batch_size]
        whole = order[: self.full_steps * self.batch_size].reshape(self.full_steps, -1)
        return self._backend.row(whole, index)

    def _for_each(self, parts: list[Array]) -> Array:
        """One array for all models, or the cohorts' own, model by model."""
        if len(parts) == 1:
            return parts[0][None]
        xp = namespace(parts[0])
        spread = [
            xp.broadcast_to(x, (at.stop - at.start, *x.shape))
            for at, x in zip(self._cohorts, parts, strict=True)
        ]
        together: Array = xp.concatenate(spread)
        return together


def _cohorts(members: Sequence[Member]) -> list[slice]:
    """The models of one epoch after the other. members: sorted by epoch."""
    cohorts, start = [], 0
    for _, group in groupby(members, key=lambda member: member.epoch):
        stop = start + len(list(group))
        cohorts.append(slice(start, stop))
        start = stop
    return cohorts
