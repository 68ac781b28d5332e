"""Every number that the models' updates depend on, for all steps of an epoch at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer.arrays import DType, Vector
from trainer.config import NUMBERS, MLPConfig, vectors
from trainer.member import Member
from trainer.optimizers import build_optimizer
from trainer.schedules import Schedule, build_schedule


class Coefficients:
    """Of models that stay the same. steps: updates an epoch. dtype: of the models."""

    def __init__(self, members: Sequence[Member], steps: int, dtype: DType) -> None:
        self._members, self._steps = members, steps
        # As the dtype has them, so that a sum by a β and the number it is divided by agree on that β.
        exact = vectors([member.config for member in members])
        numbers = {name: _rounded(column, dtype) for name, column in exact.items()}
        for beta in ("momentum", "beta1", "beta2"):
            numbers[beta] = np.minimum(numbers[beta], float(np.nextafter(dtype(1), dtype(0))))
        self._optimizer = build_optimizer(members[0].config.optimizer, numbers)
        self._fixed = {name: numbers[name] for name in ("l2", "clip_norm", "batch_norm_beta")}
        self._weight_decay: Vector = numbers["weight_decay"]
        self._schedules = [_schedule(member.config) for member in members]
        self.names = tuple(self._columns(steps=1))

    def table(self) -> Vector:
        """Shape (steps, names, K, 1)."""
        return np.stack(list(self._columns(self._steps).values()), axis=1)[..., None]

    def _columns(self, steps: int) -> dict[str, Vector]:
        """Of the first steps of the epoch that the models are in, shape (steps, K) each."""
        before = np.array([member.epoch * self._steps for member in self._members])
        t = before + np.arange(steps)[:, None]
        alpha = np.stack(
            [schedule(column, self._steps) for schedule, column in zip(self._schedules, t.T, strict=True)],
            axis=1,
        )
        fixed = {name: np.broadcast_to(x, alpha.shape) for name, x in self._fixed.items()}
        rule = self._optimizer.coefficients(alpha, t + 1)
        return {**rule, **fixed, "decay": alpha * self._weight_decay}


def _rounded(column: Vector, dtype: DType) -> Vector:
    return column.astype(dtype).astype(np.float64)


def _schedule(config: MLPConfig) -> Schedule:
    return build_schedule(
        config.schedule, {n: x for n, x in vars(config).items() if n in NUMBERS and x is not None}
    )
