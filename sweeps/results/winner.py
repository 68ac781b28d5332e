"""What is known of the model to take: for whoever saves it, and as plain values to be saved beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

import pandas as pd
from numpy.typing import NDArray

from sweeps.results.configs import best_config_of
from sweeps.results.result import SweepResult
from sweeps.results.schedule import has_schedule, schedule_up_to
from sweeps.space import Config

Trained: TypeAlias = tuple[Config, Mapping[str, NDArray[Any]]]
"""A config, and what its trainable saved."""


def trained(result: SweepResult, trials: Sequence[int]) -> dict[int, Trained]:
    """By trial, each that saved something at its objective's epoch which can be read."""
    saved = {trial: result.checkpoint(trial) for trial in trials}
    return {
        trial: (best_config_of(result.tables, trial), state)
        for trial, state in saved.items()
        if state is not None
    }


def about(result: SweepResult, trials: Sequence[int]) -> dict[str, Any]:
    """Where a model of these trials comes from, as plain JSON values: {} where there is no best."""
    best, spec = result.best, result.spec
    if best is None:
        return {}
    rows = result.tables.outcomes.set_index("trial")
    known = rows.loc[list(trials)]
    configs = [trial if pd.isna(of) else int(of) for trial, of in zip(trials, known["repeats"], strict=True)]
    origin = {
        "sweep": result.path.name,
        "trial": best.trial if best.trial in configs else configs[0],
        "configs": configs,
        "repeats": None if list(trials) == [best.trial] else list(trials),
        "seeds": [int(seed) for seed in known["seed"]] if "seed" in known else None,
        "epochs": [int(epoch) for epoch in known["best_epoch"].dropna()],
        "metric": spec["metric"],
        "mode": spec["mode"],
        "version": _version(),
    }
    alone = best.seeds > 0 and configs == [best.trial]  # the winner's figures are no ensemble's
    over_seeds = {"mean": _finite(best.metrics), "spread": _finite(best.spreads)} if alone else {}
    changed = len(trials) == 1 and has_schedule(result, trials[0])
    return {
        "name": spec["name"],
        "data": spec.get("data") or "given in memory",
        "seeds": best.seeds if alone else 0,
        **over_seeds,
        "baselines": {name: _finite(metrics) for name, metrics in result.described.baselines.items()},
        "origin": origin,
        **({"schedule": _schedule(result, trials[0])} if changed else {}),
    }


def _schedule(result: SweepResult, trial: int) -> list[dict[str, Any]]:
    """With which configs the model was trained, and from which epoch on."""
    epochs = int(result.tables.row(trial)["best_epoch"])
    found = schedule_up_to(result, trial, epochs)
    return [{"epoch": each.epoch, "config": dict(each.config)} for each in found]


def _finite(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def _version() -> str | None:
    try:
        return version("caviar-sweeps")
    except PackageNotFoundError:  # run from its sources
        return None
