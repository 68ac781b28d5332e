"""Keras 3, on any of its backends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweeps.execution import Run
from sweeps.integrations import needed

keras = needed("keras", "keras torch", "then set KERAS_BACKEND=torch. tensorflow or jax do as well")


class Report(keras.callbacks.Callback):  # type: ignore[misc, name-defined] # keras has no types
    """Reports each epoch of `fit`, keeps weights and the optimizer's state, and goes on from them.

    `fit` is told which epochs it trains: ``initial_epoch=run.start, epochs=run.epochs``. It stops early where
    the trial is to end.

    Args:
        run: Of the trainable.
        checkpoint: Whether to keep anything.

    Example:
        In a trainable::

            model.fit(x, y, initial_epoch=run.start, epochs=run.epochs, callbacks=[Report(run)])
    """

    def __init__(self, run: Run, checkpoint: bool = True) -> None:
        super().__init__()
        self._run, self._keeps = run, checkpoint

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        saved = self._run.restore() if self._keeps else None
        if saved is None:
            return
        self.model.set_weights(saved["weights"])
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        for variable, value in zip(self.model.optimizer.variables, saved["optimizer"], strict=True):
            if (
                self._run.before is None or variable.name != "learning_rate"
            ):  # a nudge or a population gave it
                variable.assign(value)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        if not self._run.report(logs or {}, self._state() if self._keeps else None, raises=False):
            self.model.stop_training = True

    def _state(self) -> dict[str, list[Any]]:
        optimizer = [keras.ops.convert_to_numpy(variable) for variable in self.model.optimizer.variables]
        return {"weights": self.model.get_weights(), "optimizer": optimizer}
