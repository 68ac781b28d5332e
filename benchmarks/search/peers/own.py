"""Caviar's own schedulers, and quasi-random points without any scheduling."""

from __future__ import annotations

import math

from benchmarks.search.peers.peer import Peer, PeerTrial
from benchmarks.search.peers.setting import CannotDrive, Setting
from benchmarks.search.problems.problem import Problem
from sweeps.schedulers import (
    CoarseToFine,
    CoarseToFineSettings,
    Legal,
    RandomSearch,
    Scheduler,
    SobolSampler,
    rung_cost,
    rung_epochs,
)


def coarse_to_fine(problem: Problem, setting: Setting) -> Scheduler:
    """Caviar's default, asked for as many trials as its rungs let the budget train."""
    return _coarse_to_fine(problem, setting, None)


def widening(problem: Problem, setting: Setting) -> Scheduler:
    """The same with `extend: true`. Raises `CannotDrive` where a problem does not say what can be trained."""
    if problem.legal is None:
        raise CannotDrive("the problem does not say what can be trained beyond its space")
    return _coarse_to_fine(problem, setting, problem.legal)


def _coarse_to_fine(problem: Problem, setting: Setting, extend: Legal | None) -> Scheduler:
    trials = affordable_trials(problem.epochs, setting.budget)
    return CoarseToFine(problem.space, trials=trials, epochs=problem.epochs, seed=setting.seed, extend=extend)


def affordable_trials(epochs: int, budget: float) -> int:
    """How many trials a sweep has that pays a budget of full trainings."""
    settings = CoarseToFineSettings()
    cost = rung_cost(rung_epochs(epochs, settings.factor, settings.rungs), settings.promotion_share)
    return math.ceil(budget * epochs / cost)


def random(problem: Problem, setting: Setting) -> Scheduler:
    """Independent draws, each a full training."""
    enough = math.ceil(setting.budget * problem.epochs)  # even if every one diverges in its first epoch
    return RandomSearch(problem.space, trials=enough, epochs=problem.epochs, seed=setting.seed)


class Sobol(Peer):
    """Scrambled Sobol points, each a full training."""

    def __init__(self, problem: Problem, setting: Setting) -> None:
        super().__init__(problem.epochs)
        self._space = problem.space
        self._sampler = SobolSampler(len(problem.space.searched), setting.seed)

    def choose(self) -> PeerTrial:
        return self.add(self._space.config(self._sampler.draw(len(self.trials))))

    def take(self, trial: PeerTrial, diverged: bool) -> None: ...


sobol = Sobol
