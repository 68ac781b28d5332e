"""Recorded validation curves of 1,000 and 1,300 convolutional networks, 20 epochs each (MetaQNN's).

A pool, not a grid: a config is three properties of a network, and is the recorded network nearest to it.
They say little of how good a network is, so what these problems test is the choice by unfinished curves.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.search.problems.problem import Curve, Problem
from sweeps.space import Config, Space

_PROPERTIES = {"num_params": "log_int", "depth": "int", "lr": "log"}


class AccNas(Problem):
    """One data set; the objective is the validation error."""

    nothing = 1.0  # never happens: every curve is finite

    def __init__(self, name: str, pool: pd.DataFrame) -> None:
        self.name = f"accnas-{name}"
        ends = {p: [pool[p].min().item(), pool[p].max().item()] for p in _PROPERTIES}
        self.space = Space({p: {kind: ends[p]} for p, kind in _PROPERTIES.items()})
        self._errors = 1.0 - np.array(pool.valid_accuracy.tolist(), dtype=np.float64)
        self.epochs = self._errors.shape[1]
        rows = pool[list(_PROPERTIES)].to_dict("records")
        self._points = np.array([self.space.point(row) for row in rows])

    def curve(self, config: Config, seed: int, epochs: int) -> Curve:
        distance = ((self._points - self.space.point(config)) ** 2).sum(axis=1)
        return self._errors[int(distance.argmin()), :epochs]

    @property
    def best(self) -> float:
        return float(self._errors.min())


def accnas(data: Path) -> list[Problem]:
    """CIFAR-10 and SVHN."""
    folder = data / "accnas_curves"
    names = ("cifar10", "svhn")
    return [AccNas(name, pd.read_parquet(folder / f"metaqnn_{name}.parquet")) for name in names]
