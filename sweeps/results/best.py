"""The config that a sweep comes to: the winner of the finals, or the best trial of the search."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeps.objective import standing
from sweeps.results.configs import best_config_of
from sweeps.results.tables import Tables
from sweeps.space import Config
from sweeps.spec.objective import ObjectiveRule
from sweeps.trial import Mode, Status

LAST_WORD = "test figures are for the last word alone: who chooses by them makes them flatter"
_TEST = "test_"  # before the name of a metric of the test split


@dataclass(frozen=True)
class Best:
    """A trial of the search, its config, and what it gives.

    config: in the types that the trainable got, 1 and 1.0 told apart and None kept; a member of an enum is
        its value, since the folder does not hold the class. Where it was changed on the way, the one that
        was trained at that epoch.
    seeds: how many fresh seeds the figures are means over; 0 where they are those of the trial itself.
    objective: by the sweep's rule, such as the best epoch's. epoch: the one it is from; over seeds, the
        median; None where the trial was measured elsewhere.
    metrics: all metrics at that epoch. spreads: their standard deviations over the seeds, where there are
        two at least; of n seeds, with n - 1.
    """

    trial: int
    config: Config
    objective: float
    epoch: int | None
    metrics: dict[str, float]
    seeds: int = 0
    spreads: dict[str, float] = field(default_factory=dict)

    @property
    def test(self) -> dict[str, float]:
        """Of the metrics those of the test split, where the data have one: for the last word alone, not to
        choose by."""
        return {name: self.metrics[name] for name in of_test_split(self.metrics)}


def of_test_split(names: Iterable[str], metric: str = "") -> list[str]:
    """Which of the metrics' names are of the test split, first the counterpart of the sweep's own.

    >>> of_test_split(["val_loss", "test_accuracy", "test_loss"], "val_loss")
    ['test_loss', 'test_accuracy']
    """
    own = metric.replace("val_", _TEST)
    return sorted((name for name in names if name.startswith(_TEST)), key=lambda name: (name != own, name))


def best_of_search(tables: Tables, mode: Mode, rule: ObjectiveRule, epochs: int) -> Best | None:
    """The trial of the best `standing`, repeats left aside; None where none has an objective.

    epochs: how long a trial is trained at most; one measured elsewhere for as long is complete.
    """
    trials = tables.outcomes
    able = trials[trials["repeats"].isna() & trials["objective"].notna()]
    if able.empty:
        return None
    complete = _complete(able, epochs)
    objectives = able["objective"].to_numpy(float)
    # Of those that are complete and of those that are not, the first of the best.
    leaders = sorted(_leader(objectives, group, mode) for group in (complete, ~complete) if group.any())
    place = min(leaders, key=lambda i: standing(float(objectives[i]), bool(complete[i]), rule, mode))
    return _best(tables, int(able["trial"].iloc[place]), able.iloc[[place]], seeds=0)


def top_of_search(tables: Tables, mode: Mode, rule: ObjectiveRule, epochs: int) -> list[int]:
    """All trials that have an objective, repeats left aside, the best `standing` first.

    Args:
        tables: The sweep's.
        mode, rule, epochs: As in `best_of_search`, whose trial is the first of these.
    """
    trials = tables.outcomes
    able = trials[trials["repeats"].isna() & trials["objective"].notna()]
    return _ranked(able, _standings(able, mode, rule, epochs), lambda trial, epoch: True)


def winner(tables: Tables, finalists: pd.DataFrame) -> Best | None:
    """The first of the finalists with its means over fresh seeds; None where it is not decided."""
    if not finalists["tied"].any():
        return None
    trial = int(finalists["trial"].iloc[0])
    trials = tables.outcomes
    repeats = trials[(trials["repeats"] == trial).fillna(False)]
    return _best(tables, trial, repeats, seeds=len(repeats))


def best_of_trial(tables: Tables, trial: int) -> Best | None:
    """A trial of the search with its means over fresh seeds, or with its own figures where it has none; None
    where it has no objective."""
    trials = tables.outcomes
    able = trials[trials["objective"].notna()]
    repeats = able[(able["repeats"] == trial).fillna(False)]
    own = able[able["trial"] == trial]
    if own.empty:
        return None
    return _best(tables, trial, own if repeats.empty else repeats, seeds=len(repeats))


def saved_repeats(
    trials: pd.DataFrame, finalist: int, mode: Mode, saved: Callable[[int, int], bool]
) -> list[int]:
    """The repeats of a finalist that saved their models, by their objectives, the best first.

    Args:
        trials: The trials table.
        finalist: The trial that was trained again.
        mode: Whether a smaller or a larger objective is better.
        saved: Whether there is a checkpoint of this trial and epoch.

    Returns:
        Their numbers; none where no repeat has a checkpoint at its objective's epoch.
    """
    repeats = trials[(trials["repeats"] == finalist).fillna(False) & trials["objective"].notna()]
    return _ranked(repeats, _signed(repeats, mode), saved)


def ensemble_candidates(
    trials: pd.DataFrame, mode: Mode, rule: ObjectiveRule, epochs: int, saved: Callable[[int, int], bool]
) -> list[int]:
    """Whose models may be averaged: all finalists' repeats, or without finals the trials of the search.

    Those that saved their models at the epoch of their objective, the best `standing` first.
    """
    able = trials[trials["objective"].notna() & trials["best_epoch"].notna()]
    repeats = able[able["repeats"].notna()]
    if not repeats.empty:
        return _ranked(repeats, _signed(repeats, mode), saved)
    return _ranked(able, _standings(able, mode, rule, epochs), saved)


def _standings(able: pd.DataFrame, mode: Mode, rule: ObjectiveRule, epochs: int) -> Iterable[Any]:
    places = zip(able["objective"], _complete(able, epochs), strict=True)
    return (standing(float(value), bool(complete), rule, mode) for value, complete in places)


def _complete(able: pd.DataFrame, epochs: int) -> NDArray[np.bool_]:
    measured = (able["status"] == Status.MEASURED) & (able["epochs"] >= epochs)
    return (measured | (able["status"] == Status.COMPLETED)).to_numpy(bool)


def _signed(trials: pd.DataFrame, mode: Mode) -> Iterable[float]:
    return trials["objective"] * (1 if mode == "min" else -1)


def _ranked(trials: pd.DataFrame, keys: Iterable[Any], saved: Callable[[int, int], bool]) -> list[int]:
    """The trials that saved their models, by these keys of them, the least first."""
    places = zip(keys, trials["trial"], trials["best_epoch"], strict=True)
    return [
        trial for _, trial in sorted((key, int(trial)) for key, trial, epoch in places if saved(trial, epoch))
    ]


def _leader(objectives: NDArray[np.float64], group: NDArray[np.bool_], mode: Mode) -> int:
    """The place of the best objective in a group, given as a mask of the same shape (trials,)."""
    inside = np.flatnonzero(group)
    values = objectives[inside]
    return int(inside[values.argmin() if mode == "min" else values.argmax()])


def _best(tables: Tables, trial: int, trained: pd.DataFrame, seeds: int) -> Best:
    """trained: the rows of the trials whose figures count."""
    known = trained[trained["best_epoch"].notna()]
    epochs = {
        int(number): int(epoch) for number, epoch in zip(known["trial"], known["best_epoch"], strict=True)
    }
    at_best = tables.metrics_at(epochs)
    with np.errstate(invalid="ignore"):  # a metric that is infinite has no spread
        means, spreads = at_best.mean(skipna=False), at_best.std(skipna=False)
    return Best(
        trial=trial,
        config=best_config_of(tables, trial),
        objective=float(trained["objective"].mean()),
        epoch=int(statistics.median_low(epochs.values())) if epochs else None,
        metrics=_numbers(means),
        seeds=seeds,
        spreads=_numbers(spreads),
    )


def _numbers(row: pd.Series[Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in row.dropna().items()}
