"""DEHB, through its own ask and tell. It trains every config from its first epoch: nothing is continued."""

from __future__ import annotations

import tempfile
from typing import Any

from ConfigSpace import CategoricalHyperparameter, ConfigurationSpace
from ConfigSpace import Float as FloatHyperparameter
from ConfigSpace import Integer as IntegerHyperparameter
from dehb import DEHB
from loguru import logger

from benchmarks.search.peers.peer import Peer, PeerTrial
from benchmarks.search.peers.setting import Setting
from benchmarks.search.problems.problem import Problem
from sweeps.space import Choice, Distribution, Numeric, Space
from sweeps.space.scale import LOG

DIVERGED = 1e9  # DEHB's arithmetic wants a number


def config_space(space: Space, seed: int) -> ConfigurationSpace:
    """The space in ConfigSpace's terms."""
    found = ConfigurationSpace(seed=seed)
    found.add([_hyperparameter(name, space.distributions[name]) for name in space.searched])
    return found


def _hyperparameter(name: str, distribution: Distribution) -> Any:
    if isinstance(distribution, Choice):
        return CategoricalHyperparameter(name, list(distribution.values))
    assert isinstance(distribution, Numeric)
    kind = IntegerHyperparameter if distribution.integer else FloatHyperparameter
    return kind(name, (distribution.low, distribution.high), log=distribution.scale is LOG)


class Dehb(Peer):
    """Fidelities from one epoch to all, factor 3 as by default."""

    def __init__(self, problem: Problem, setting: Setting) -> None:
        super().__init__(problem.epochs)
        logger.remove()
        space = config_space(problem.space, setting.seed)
        self._folder = tempfile.TemporaryDirectory()  # it writes a log and its state wherever it runs
        self._dehb = DEHB(
            cs=space,
            dimensions=len(problem.space.searched),
            min_fidelity=1,
            max_fidelity=problem.epochs,
            n_workers=1,  # ask and tell alone; more would start Dask
            seed=setting.seed,
            save_freq="end",
            output_path=self._folder.name,
        )

    def choose(self) -> PeerTrial:
        own = self._dehb.ask()
        return self.add({name: _plain(value) for name, value in dict(own["config"]).items()}, own)

    def stop(self, trial: PeerTrial) -> int:
        return max(round(trial.own["fidelity"]), 1)

    def take(self, trial: PeerTrial, diverged: bool) -> None:
        fitness = DIVERGED if diverged else trial.loss
        self._dehb.tell(trial.own, {"fitness": fitness, "cost": trial.reached})


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


dehb = Dehb
