"""Real trainings of Caviar's built-in network: 3 data sets, 8 hyperparameters, 27 epochs.

The objective is the validation loss, with its noise: a sweep's seed is that of its initial weights and of the
order of examples. Regret is a difference of logarithms. What a config is worth is what that sweep saw of it;
its loss on the test split is told apart.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.problems.problem import Curve, Problem
from benchmarks.search.problems.trained_data import DATA
from benchmarks.search.problems.trainings import Trainings
from sweeps.errors import BadInput
from sweeps.space import Config, Space
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.errors import DataError

SPACE = Space(
    {
        "learning_rate": {"log": [1e-4, 1.0]},
        "one_minus_momentum": {"log": [0.01, 0.5]},  # not all peers have a scale for 1 - value
        "optimizer": {"choice": ["adam", "momentum", "rmsprop"]},
        "batch_size": {"log_int": [16, 256]},
        "hidden_units": {"log_int": [8, 64]},
        "hidden_layers": {"int": [1, 3]},
        "keep_probability": {"uniform": [0.5, 1.0]},
        "l2": {"log": [1e-6, 0.1]},
    }
)
KNOWN = Path(__file__).parent / "trained.json"


class Trained(Problem):
    """One data set. load: reads it. known: losses of the ruler, `best` and `anchor`, if there are."""

    space = SPACE
    epochs = 27

    def __init__(self, task: str, load: Callable[[], Dataset], known: Mapping[str, float]) -> None:
        self.name = f"trained-{task}"
        self._load, self._known = load, known
        self.anchor = known.get("anchor")

    def load(self) -> None:
        _ = self._data

    def curve(self, config: Config, seed: int, epochs: int) -> Curve:
        return self._losses(config, seed, epochs)[:, 0]

    def test(self, config: Config, seed: int, epoch: int) -> float:
        return float(self._losses(config, seed, epoch)[-1, 1])

    def score(self, value: float) -> float:
        return math.log(value)

    @property
    def best(self) -> float:
        return self._known.get("best", math.inf)

    @property
    def nothing(self) -> float:
        """The loss of equal odds."""
        return math.log(self._data.outputs)

    @cached_property
    def trainings(self) -> Trainings:
        """What has been trained so far."""
        return Trainings(self._data, self.epochs)

    @cached_property
    def _data(self) -> Dataset:
        try:
            return self._load()
        except DataError as error:
            raise BadInput(self.name, error.value, error.rule, error.fix) from None

    def _losses(self, config: Config, seed: int, epochs: int) -> NDArray[np.float64]:
        return self.trainings.losses(network(config), seed, epochs)


def trained(data: Path) -> list[Problem]:
    """The three data sets; they are read when `load` asks for them."""
    known = json.loads(KNOWN.read_text())
    return [Trained(task, partial(read, data), known.get(task, {})) for task, read in DATA.items()]


def network(config: Config) -> MLPConfig:
    """The built-in network of a config of `SPACE`."""
    given: dict[str, Any] = dict(config)
    beta = 1 - given.pop("one_minus_momentum")
    return MLPConfig.parse({**given, "momentum": beta, "beta1": beta})
