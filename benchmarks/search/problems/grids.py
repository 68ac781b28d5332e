"""Full grids of trained networks, final values only: a full training is one epoch here.

hpobench: small MLPs on 4 OpenML tasks (HPOBench), validation error. fcnet: two-layer networks on 2
regression tasks (Klein & Hutter, 2019), validation loss; regret is a difference of its logarithms. A value
between grid points is rounded to the nearest in the hyperparameter's scale. A sweep sees one repetition;
what a config is worth is the mean over all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.search.problems.problem import Curve, Problem, nearest
from sweeps.space import Choice, Config, Numeric, Space

_HPOBENCH = Space(
    {
        "alpha": {"log": [1e-8, 1.0]},
        "batch_size": {"log_int": [4, 256]},
        "depth": {"int": [1, 3]},
        "learning_rate_init": {"log": [1e-5, 1.0]},
        "width": {"log_int": [16, 1024]},
    }
)
_FCNET = Space(
    {
        "activation_fn_1": {"choice": ["relu", "tanh"]},
        "activation_fn_2": {"choice": ["relu", "tanh"]},
        "batch_size": {"log_int": [8, 64]},
        "dropout_1": {"uniform": [0.0, 0.6]},
        "dropout_2": {"uniform": [0.0, 0.6]},
        "init_lr": {"log": [5e-4, 0.1]},
        "lr_schedule": {"choice": ["const", "cosine"]},
        "n_units_1": {"log_int": [16, 512]},
        "n_units_2": {"log_int": [16, 512]},
    }
)


class Grid(Problem):
    """values: the objective of every grid point and repetition, shape (sizes of the axes…, repetitions)."""

    epochs = 1
    nothing = math.inf  # never happens: every value is finite

    def __init__(self, name: str, space: Space, table: pd.DataFrame, values: NDArray[np.float64]) -> None:
        self.name, self.space = name, space
        axes = [np.unique(table[name].astype(object)) for name in space.searched]
        shape = tuple(len(axis) for axis in axes)
        self._values = np.full((*shape, values.shape[1]), np.nan)
        places = [
            np.searchsorted(a, table[n].astype(object)) for a, n in zip(axes, space.searched, strict=True)
        ]
        self._values[tuple(places)] = values
        self._find = [_finder(space, n, axis) for n, axis in zip(space.searched, axes, strict=True)]

    def curve(self, config: Config, seed: int, epochs: int) -> Curve:
        repetitions = self._values[self._place(config)]
        return np.array([repetitions[seed % len(repetitions)]])

    def truth(self, config: Config, seed: int, epoch: int) -> float:
        return float(self._values[self._place(config)].mean())

    @property
    def best(self) -> float:
        return float(np.nanmin(self._values.mean(axis=-1)))

    def _place(self, config: Config) -> tuple[int, ...]:
        return tuple(find(config[name]) for find, name in zip(self._find, self.space.searched, strict=True))


class LogGrid(Grid):
    """A grid whose regret is a difference of logarithms."""

    def score(self, value: float) -> float:
        return math.log(value)


def _finder(space: Space, name: str, axis: NDArray[np.object_]) -> Callable[..., int]:
    distribution = space.distributions[name]
    if isinstance(distribution, Choice):
        return list(axis).index
    assert isinstance(distribution, Numeric)
    return nearest(distribution, axis)


def hpobench(data: Path) -> list[Problem]:
    """The four classification tasks."""
    found: list[Problem] = []
    for path in sorted((data / "hpobench_nn").glob("*.parquet")):
        table = pd.read_parquet(path)
        errors = 1.0 - table.filter(like="val_acc_").to_numpy(dtype=np.float64)
        found.append(Grid(f"hpobench-{path.stem}", _HPOBENCH, table, errors))
    return found


def fcnet(data: Path) -> list[Problem]:
    """The two regression tasks."""
    found: list[Problem] = []
    for path in sorted((data / "fcnet").glob("*.parquet")):
        table = pd.read_parquet(path)
        losses = table.filter(like="val_loss_").to_numpy(dtype=np.float64)
        found.append(LogGrid(f"fcnet-{path.stem}", _FCNET, table, losses))
    return found
