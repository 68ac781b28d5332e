"""LightGBM: an epoch is a boosting round."""

from __future__ import annotations

from typing import Any

from sweeps.execution import Run
from sweeps.integrations import needed

lightgbm = needed("lightgbm", "lightgbm")


class Report:
    """Reports each boosting round of `lightgbm.train`, and keeps the model.

    A metric's name is that of its data and its own: with ``valid_names=["val"]``, `val_binary_logloss`.

    Args:
        run: Of the trainable.
        checkpoint: Whether to keep the model of each round.

    Example:
        In a trainable::

            lightgbm.train(params, data, run.epochs - run.start, [validation], ["val"],
                           init_model=booster(run), callbacks=[Report(run)])
    """

    order = 100  # after callbacks that change something

    def __init__(self, run: Run, checkpoint: bool = True) -> None:
        self._run, self._keeps = run, checkpoint

    def __call__(self, env: Any) -> None:
        results = env.evaluation_result_list
        row = {f"{data}_{name}": value for data, name, value, *_ in results}
        saved = env.model.model_to_string() if self._keeps else None
        if not self._run.report(row, saved, raises=False):
            raise lightgbm.callback.EarlyStopException(env.iteration, results)  # its way to stop a training


def booster(run: Run) -> Any:
    """The model that `Report` has kept, to go on from; None at the beginning."""
    saved = run.restore()
    return None if saved is None else lightgbm.Booster(model_str=saved)
