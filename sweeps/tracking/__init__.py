"""Sweeps in other tools while they run: a callback for each, for `sweeps.run` and `sweeps.resume`.

Each needs its extra of caviar-sweeps. What has ended is better exported as a whole: see docs/exports.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import BadInput, choices
from sweeps.export.formats import check_installed

if TYPE_CHECKING:
    from sweeps.tracking.tracker import Tracker

__all__ = ["KINDS", "mlflow", "of_kind", "tensorboard"]


def tensorboard(folder: str | Path | None = None) -> Tracker:
    """A run a trial for TensorBoard: hyperparameters as it begins, metrics by epoch, objective at each rung.

    Args:
        folder: Where; the sweep has a folder of its own in it, by the name of its own folder, and with a
            number where another sweep has that. By default ``tracking/tensorboard`` in the sweep's.

    Raises:
        BadInput: tensorboard is not installed.

    Example:
        ::

            sweeps.run(train, space=space, callbacks=[sweeps.tracking.tensorboard("boards")])
    """
    check_installed("tensorboard", "tracking")
    from sweeps.tracking.to_tensorboard import TensorBoard

    return TensorBoard(folder)


def mlflow(tracking_uri: str | None = None, experiment: str | None = None) -> Tracker:
    """A run a trial for MLflow: parameters as it begins, metrics by epoch, objective and status at each rung.

    Args:
        tracking_uri: Of MLflow's store or server; by default ``tracking/mlflow.db`` in the sweep's folder.
        experiment: Its name, by default the sweep's; made where it is not there.

    Raises:
        BadInput: mlflow is not installed.

    Example:
        ::

            sweeps.run(train, space=space, callbacks=[sweeps.tracking.mlflow("http://127.0.0.1:5000")])
    """
    check_installed("mlflow", "tracking")
    from sweeps.tracking.to_mlflow import MLflow

    return MLflow(tracking_uri, experiment)


KINDS: Mapping[str, Callable[[], Tracker]] = {"tensorboard": tensorboard, "mlflow": mlflow}


def of_kind(kind: str) -> Tracker:
    """The callback of a kind, which writes into the sweep's folder. Raises `BadInput`."""
    if kind not in KINDS:
        raise BadInput("track", kind, "is no tool that a sweep can be followed in", choices(KINDS, kind))
    return KINDS[kind]()
