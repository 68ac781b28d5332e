"""XGBoost: an epoch is a boosting round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sweeps.execution import Run
from sweeps.integrations import needed

xgboost = needed("xgboost", "xgboost", "xgboost-cpu is smaller, without GPUs")


class Report(xgboost.callback.TrainingCallback):  # type: ignore[misc, name-defined] # known at run time alone
    """Reports each boosting round of `xgboost.train`, and keeps the model.

    A metric's name is that of its data and its own: with ``evals=[(validation, "val")]``, `val_logloss`.

    Args:
        run: Of the trainable.
        checkpoint: Whether to keep the model of each round.

    Example:
        In a trainable::

            xgboost.train(params, data, run.epochs - run.start, evals=[(validation, "val")],
                          xgb_model=booster(run), callbacks=[Report(run)])
    """

    def __init__(self, run: Run, checkpoint: bool = True) -> None:
        super().__init__()
        self._run, self._keeps = run, checkpoint

    def after_iteration(
        self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, Sequence[float]]]
    ) -> bool:
        """Whether XGBoost is to stop."""
        row = {
            f"{data}_{name}": values[-1] for data, logs in evals_log.items() for name, values in logs.items()
        }
        saved = bytes(model.save_raw("ubj")) if self._keeps else None
        return not self._run.report(row, saved, raises=False)


def booster(run: Run) -> Any:
    """The model that `Report` has kept, to go on from; None at the beginning."""
    saved = run.restore()
    return None if saved is None else xgboost.Booster(model_file=bytearray(saved))
