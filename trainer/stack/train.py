"""An epoch of a lineup, and what is reported of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Vector
from trainer.data import Dataset
from trainer.data.metrics import further_metrics
from trainer.epoch.examples import Examples
from trainer.epoch.report import (
    GRADIENT_NORM,
    SPLITS,
    TRAIN_COST,
    Metrics,
    by_model,
    metric_names,
    split_metrics,
)
from trainer.member import Member, Status
from trainer.stack.lineup import Lineup


def train_lineup(
    lineup: Lineup, splits: Sequence[Examples], data: Dataset
) -> tuple[dict[Member, Metrics], Lineup | None]:
    """Each model's metrics, all NaN where it has diverged, and those that have come through the epoch.

    splits: train, validation and test. Counts the epoch of each member, and sets its status.
    """
    trained = list(lineup.members)
    rest = _steps(lineup)
    metrics = {} if rest is None else _metrics(rest, splits, data)
    return {member: finish(member, metrics.get(member) or lost(member, data)) for member in trained}, rest


def _steps(lineup: Lineup) -> Lineup | None:
    """All steps of an epoch. Who diverges is left behind at the next look, where one may look at all."""
    lineup.begin_epoch()
    for first, last in lineup.pieces:
        lineup.train(first, last)
        rest = lineup.select(lineup.finite()) if lineup.backend.eager else lineup
        if rest is None:
            return None
        lineup = rest
    return lineup


def _metrics(lineup: Lineup, splits: Sequence[Examples], data: Dataset) -> dict[Member, Metrics]:
    loss, accuracy, norms, penalties = lineup.scores()
    columns: dict[str, Vector] = dict(split_metrics(SPLITS[0], loss, accuracy, data))
    for name, split, (_, y) in zip(SPLITS[1:], splits[1:], data.splits[1:], strict=True):
        loss_held_out, right, outputs = lineup.evaluate(split, keep=bool(data.metrics))
        columns |= split_metrics(name, loss_held_out, right, data)
        columns |= _further(name, outputs, y, data)
    rows = by_model({**columns, GRADIENT_NORM: norms, TRAIN_COST: loss + penalties})
    for member, row in zip(lineup.members, rows, strict=True):
        if not member.config.penalised:
            del row[TRAIN_COST]
    return dict(zip(lineup.members, rows, strict=True))


def _further(split: str, outputs: NDArray[Any] | None, y: NDArray[Any], data: Dataset) -> dict[str, Vector]:
    """outputs: (K, n_L, m)."""
    if outputs is None:
        return {}
    found = [further_metrics(split, of_model.T, y, data) for of_model in outputs]
    return {name: np.array([metrics[name] for metrics in found]) for name in found[0]}


def lost(member: Member, data: Dataset) -> Metrics:
    """The metrics of a model that has diverged."""
    return dict.fromkeys(metric_names(data, member.config.penalised), math.nan)


def finish(member: Member, metrics: Metrics) -> Metrics:
    """Count a member's epoch and set its status. Its metrics, all NaN where it has diverged."""
    member.finish_epoch(metrics["val_loss"])
    if all(math.isfinite(metrics[f"{split}_loss"]) for split in SPLITS):
        return metrics
    member.status = Status.DIVERGED
    return dict.fromkeys(metrics, math.nan)
