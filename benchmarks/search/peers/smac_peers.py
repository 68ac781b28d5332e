"""SMAC, through its own ask and tell. Configs that come back with more epochs are trained from their first.

Its intensifier would compare configs over several seeds; our problems are declared deterministic.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from smac import HyperparameterOptimizationFacade, MultiFidelityFacade, Scenario
from smac.runhistory.dataclasses import TrialValue
from smac.runhistory.enumerations import StatusType

from benchmarks.search.peers.config_space import config_space
from benchmarks.search.peers.peer import Peer, PeerTrial
from benchmarks.search.peers.setting import CannotDrive, Setting
from benchmarks.search.problems.problem import Problem
from sweeps.space import as_plain

_NO_END = 100_000  # trials; the simulator's clock ends the run


class Smac(Peer):
    """facade: SMAC's own bundle of model, acquisition and intensifier. first: configs before the model."""

    def __init__(
        self, problem: Problem, setting: Setting, facade: Any, first: int, **fidelity: float
    ) -> None:
        super().__init__(problem.epochs)
        self._folder = tempfile.TemporaryDirectory()  # it writes its state wherever it runs
        space = config_space(problem.space, setting.seed)
        scenario = Scenario(
            space,
            deterministic=True,
            n_trials=_NO_END,
            seed=setting.seed,
            output_directory=Path(self._folder.name),
            **fidelity,
        )
        initial = facade.get_initial_design(scenario, n_configs=first)
        self._smac = facade(scenario, _never_called, initial_design=initial, overwrite=True, logging_level=40)

    def choose(self) -> PeerTrial:
        own = self._smac.ask()
        return self.add({name: as_plain(value) for name, value in dict(own.config).items()}, own)

    def stop(self, trial: PeerTrial) -> int:
        return max(round(trial.own.budget), 1) if trial.own.budget else self.epochs

    def take(self, trial: PeerTrial, diverged: bool) -> None:
        status = StatusType.CRASHED if diverged else StatusType.SUCCESS
        self._smac.tell(trial.own, TrialValue(cost=trial.loss, time=trial.reached, status=status))


def _never_called(config: Any, seed: int = 0, budget: float | None = None) -> float:
    raise AssertionError("driven by ask and tell alone")


def _first(problem: Problem) -> int:
    return 10 * len(problem.space.searched)  # its default


def full(problem: Problem, setting: Setting) -> Peer:
    """Random forests, full trainings; at most a quarter of them before the model, as by default."""
    first = min(_first(problem), int(setting.budget / 4))
    return Smac(problem, setting, HyperparameterOptimizationFacade, first)


def hyperband(problem: Problem, setting: Setting) -> Peer:
    """Random forests with Hyperband."""
    if problem.epochs == 1:
        raise CannotDrive("one epoch leaves no fidelity to choose")
    ends = {"min_budget": 1, "max_budget": problem.epochs}
    return Smac(problem, setting, MultiFidelityFacade, _first(problem), **ends)
