"""What is known of the model to take: for whoever saves it, and as plain values to be saved beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

from numpy.typing import NDArray

from sweeps.results.best import config_of
from sweeps.results.result import SweepResult
from sweeps.space import Config

Trained: TypeAlias = tuple[Config, Mapping[str, NDArray[Any]]]
"""A config, and what its trainable saved."""


def trained(result: SweepResult, trials: Sequence[int]) -> list[Trained]:
    """Of some trials, each that saved something at its objective's epoch."""
    saved = ((config_of(result.tables.row(trial)), result.checkpoint(trial)) for trial in trials)
    return [(config, state) for config, state in saved if state is not None]


def about(result: SweepResult, trials: Sequence[int]) -> dict[str, Any]:
    """Where a model of these trials comes from, as plain JSON values: {} where there is no best."""
    best, spec = result.best, result.spec
    if best is None:
        return {}
    rows = result.tables.outcomes.set_index("trial")
    known = rows.loc[list(trials)]
    origin = {
        "sweep": result.path.name,
        "trial": best.trial,
        "repeats": None if list(trials) == [best.trial] else list(trials),
        "seeds": [int(seed) for seed in known["seed"]] if "seed" in known else None,
        "epochs": [int(epoch) for epoch in known["best_epoch"].dropna()],
        "metric": spec["metric"],
        "mode": spec["mode"],
        "version": _version(),
    }
    alone = best.seeds > 0 and len(trials) == 1  # the figures of the winner are no ensemble's
    over_seeds = {"mean": _finite(best.metrics), "spread": _finite(best.spreads)} if alone else {}
    return {
        "name": spec["name"],
        "data": spec.get("data") or "given in memory",
        "seeds": best.seeds,
        **over_seeds,
        "baselines": {name: _finite(metrics) for name, metrics in result.described.baselines.items()},
        "origin": origin,
    }


def _finite(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def _version() -> str | None:
    try:
        return version("caviar-sweeps")
    except PackageNotFoundError:  # run from its sources
        return None
