"""DEHB, through its own ask and tell. It trains every config from its first epoch: nothing is continued."""

from __future__ import annotations

import tempfile

from dehb import DEHB
from loguru import logger

from benchmarks.search.peers.config_space import config_space
from benchmarks.search.peers.peer import Peer, PeerTrial
from benchmarks.search.peers.setting import CannotDrive, Setting
from benchmarks.search.problems.problem import Problem
from sweeps.space import as_plain

DIVERGED = 1e9  # DEHB's arithmetic wants a number


class Dehb(Peer):
    """Fidelities from one epoch to all, factor 3 as by default."""

    def __init__(self, problem: Problem, setting: Setting) -> None:
        super().__init__(problem.epochs)
        logger.remove()
        if problem.epochs == 1:
            raise CannotDrive("DEHB refuses a problem whose least and greatest fidelity are one")
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
        return self.add({name: as_plain(value) for name, value in dict(own["config"]).items()}, own)

    def stop(self, trial: PeerTrial) -> int:
        return max(round(trial.own["fidelity"]), 1)

    def take(self, trial: PeerTrial, diverged: bool) -> None:
        fitness = DIVERGED if diverged else trial.loss
        self._dehb.tell(trial.own, {"fitness": fitness, "cost": trial.reached})


dehb = Dehb
