"""DeepOBS baselines: three networks under three optimizers, each at 36 learning rates from 1e-5 to 1e2.

The recorded curves of the tuning runs (one seed), some of which diverge. The objective is the test loss,
the only one held out there; regret is a difference of its logarithms.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.search.problems.problem import Curve, Problem, nearest
from sweeps.space import Config, Numeric, Space

TUNING_SEED = 42  # the seed of all 36 learning rates; the others repeat the best rate only


class DeepObs(Problem):
    """One network."""

    def __init__(self, name: str, runs: pd.DataFrame) -> None:
        self.name = f"deepobs-{name}"
        self.epochs = int(runs.num_epochs.iloc[0])
        optimizers = sorted(runs.optimizer.unique())
        self.space = Space({"optimizer": {"choice": optimizers}, "learning_rate": {"log": [1e-5, 1e2]}})
        self._curves = {
            (run.optimizer, run.lr_index): np.array(run.test_loss, dtype=np.float64)
            for run in runs.itertuples()
        }
        scale = self.space.distributions["learning_rate"]
        assert isinstance(scale, Numeric)
        self._index = nearest(scale, np.sort(runs.learning_rate.unique()))

    def curve(self, config: Config, seed: int, epochs: int) -> Curve:
        rate = config["learning_rate"]
        assert isinstance(rate, float)
        curve = self._curves[config["optimizer"], self._index(rate)]
        return curve[1 : epochs + 1]  # index 0 is before training

    def score(self, value: float) -> float:
        return math.log(value)

    @property
    def best(self) -> float:
        return float(np.nanmin([np.nanmin(curve) for curve in self._curves.values()]))

    @property
    def nothing(self) -> float:
        """The untrained network's loss."""
        return float(next(iter(self._curves.values()))[0])


def deepobs(data: Path) -> list[Problem]:
    """fmnist_2c2d, cifar10_3c3d and mnist_vae."""
    table = pd.read_parquet(data / "deepobs_curves" / "deepobs_baselines.parquet")
    table = table[table.seed == TUNING_SEED]
    return [DeepObs(str(name), runs) for name, runs in table.groupby("problem")]
