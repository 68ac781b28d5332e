"""Linear: a number, with the squared error."""

from __future__ import annotations

from trainer.arrays import Array


class Linear:
    """The output is the prediction; its loss is (Z − T)²."""

    classifies = False

    def outputs(self, classes: int) -> int:
        return 1 if classes == 0 else 0

    def target_table(self, classes: int) -> None:
        return None

    def uniform(self, classes: int) -> float:
        return 0.0

    def loss(self, Z: Array, T: Array) -> Array:
        difference = (Z - T)[:, 0]
        difference *= difference
        return difference

    def gradient(self, Z: Array, T: Array) -> Array:
        difference = Z - T
        difference *= 2 / Z.shape[2]
        return difference

    def right(self, Z: Array, T: Array, y: Array) -> Array:
        raise NotImplementedError("quantities have no right answers, but a loss")
