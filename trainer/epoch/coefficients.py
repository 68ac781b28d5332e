"""Every number that the models' updates depend on, for all steps of an epoch at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import DType, Vector
from trainer.averages import total_weight
from trainer.config import NUMBERS, MLPConfig, vectors
from trainer.epoch.batches import batch_count
from trainer.member import Member
from trainer.optimizers import build_optimizer
from trainer.schedules import Schedule, build_schedule


class Coefficients:
    """Of models that stay the same. examples: of the training split. dtype: of the models."""

    def __init__(self, members: Sequence[Member], examples: int, dtype: DType) -> None:
        batch_size = min(members[0].config.batch_size, examples)
        self._members, self._steps = members, batch_count(examples, batch_size)
        # A minibatch of one example has no variance to remember.
        self._remembered = self._steps - (examples % batch_size == 1)
        # As the dtype has them, so that a sum by a β and the number it is divided by agree on that β.
        exact = vectors([member.config for member in members])
        numbers = {name: _rounded(column, dtype) for name, column in exact.items()}
        for beta in ("momentum", "beta1", "beta2", "weight_average"):
            numbers[beta] = np.minimum(numbers[beta], float(np.nextafter(dtype(1), dtype(0))))
        self._optimizer = build_optimizer(members[0].config.optimizer, numbers)
        self._fixed = {name: numbers[name] for name in ("l1", "l2", "clip_norm")}
        self._weight_decay: Vector = numbers["weight_decay"]
        self._normal_beta, self._corrects = numbers["batch_norm_beta"], numbers["batch_norm_correction"] > 0
        self._average_beta: Vector = numbers["weight_average"]
        self._schedules = [_schedule(member.config) for member in members]
        self.names = tuple(self._columns(steps=1))

    def table(self) -> Vector:
        """Of the epoch that the models are in, shape (steps, names, K, 1)."""
        return np.stack(list(self._columns(self._steps).values()), axis=1)[..., None]

    def columns(self, epochs: int) -> dict[str, Vector]:
        """Of that epoch and those after it, by name, shape (epochs · steps, K) each."""
        return self._columns(epochs * self._steps)

    def _columns(self, steps: int) -> dict[str, Vector]:
        """Of so many steps from the epoch's first on, shape (steps, K) each."""
        epochs = np.array([member.epoch for member in self._members])
        t = epochs * self._steps + np.arange(steps)[:, None]
        alpha = np.stack(
            [schedule(column, self._steps) for schedule, column in zip(self._schedules, t.T, strict=True)],
            axis=1,
        )
        fixed = {name: np.broadcast_to(x, alpha.shape) for name, x in self._fixed.items()}
        begun = [[member.first_since, member.second_since] for member in self._members]
        since = np.array(begun, np.int64).T * self._steps  # updates before the moments' first one
        rule = self._optimizer.coefficients(alpha, t + 1 - since[0], t + 1 - since[1])
        return {
            **rule,
            **fixed,
            "decay": alpha * self._weight_decay,
            "batch_norm_weight": self._remembering(t),
            "average_weight": (1 - self._average_beta) / total_weight(self._average_beta, t + 1),
        }

    def _remembering(self, t: NDArray[np.int64]) -> Vector:
        """The weight that a running statistic gives to the minibatch's own after t updates.

        1 − β, or where its bias is corrected (1 − β) / (1 − βⁿ) with n the minibatches so far: then it is
        their average from the first one on.
        """
        epoch, step = np.divmod(t, self._steps)
        n = epoch * self._remembered + np.minimum(step + 1, self._remembered)
        weight = 1 - self._normal_beta
        return np.where(
            self._corrects, weight / total_weight(self._normal_beta, np.maximum(n, 1)), weight + 0 * t
        )


def _rounded(column: Vector, dtype: DType) -> Vector:
    return column.astype(dtype).astype(np.float64)


def _schedule(config: MLPConfig) -> Schedule:
    return build_schedule(
        config.schedule, {n: x for n, x in vars(config).items() if n in NUMBERS and x is not None}
    )
