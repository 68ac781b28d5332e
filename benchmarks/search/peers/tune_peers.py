"""Ray Tune's trial schedulers over random configs, its default; Ray itself is never started.

A Tune scheduler is called by Tune's controller. The stand-ins below offer what the two schedulers use of a
trial (its id, status and whether it is being saved) and of the controller (`stop_trial`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from ray.tune.experiment import Trial
from ray.tune.schedulers import AsyncHyperBandScheduler, HyperBandScheduler, TrialScheduler

from benchmarks.search.peers.peer import Peer, PeerTrial, Stepwise
from benchmarks.search.peers.setting import Setting
from benchmarks.search.problems.problem import Problem
from sweeps.schedulers import RandomSampler

logging.getLogger("ray.tune").setLevel(logging.ERROR)
_METRIC, _TIME = "loss", "training_iteration"


@dataclass(eq=False)
class _TuneTrial:
    trial_id: str
    status: str = Trial.PENDING
    is_saving: bool = False


def _result(trial: PeerTrial, diverged: bool) -> dict[str, float]:
    return {_METRIC: float("nan") if diverged else trial.loss, _TIME: trial.reached}


class Asha(Stepwise):
    """ASHA, stopping type, factor 4 and grace period 1 as by default."""

    def __init__(self, problem: Problem, setting: Setting) -> None:
        super().__init__(problem.epochs)
        self._space = problem.space
        self._sampler = RandomSampler(len(problem.space.searched), setting.seed)
        np.random.seed(setting.seed)  # noqa: NPY002  Tune draws a trial's bracket from here
        self._tune: Any = AsyncHyperBandScheduler(_TIME, _METRIC, "min", max_t=problem.epochs)

    def begin(self) -> PeerTrial:
        own = _TuneTrial(str(len(self.trials)))
        self._tune.on_trial_add(None, own)
        return self.add(self._space.config(self._sampler.draw(len(self.trials))), own)

    def goes_on(self, trial: PeerTrial, diverged: bool) -> bool:
        if diverged:
            self._tune.on_trial_remove(None, trial.own)
            return False
        action = self._tune.on_trial_result(None, trial.own, _result(trial, diverged))
        return bool(action == TrialScheduler.CONTINUE)


class HyperBand(Peer):
    """Synchronous HyperBand, factor 3 as by default: trials pause until their bracket is complete."""

    def __init__(self, problem: Problem, setting: Setting) -> None:
        super().__init__(problem.epochs)
        self._space = problem.space
        self._sampler = RandomSampler(len(problem.space.searched), setting.seed)
        self._tune: Any = HyperBandScheduler(_TIME, _METRIC, "min", max_t=problem.epochs)
        self._going_on: list[PeerTrial] = []

    def choose(self) -> PeerTrial:
        if self._going_on:
            return self._going_on.pop(0)
        own = self._tune.choose_trial_to_run(self)
        trial = self._new() if own is None else self.trials[int(own.trial_id)]
        bracket, _ = self._tune._trial_info[trial.own]
        bracket.trials_to_unpause.discard(trial.own)
        trial.own.status = Trial.RUNNING
        return trial

    def stop(self, trial: PeerTrial) -> int:
        return trial.reached + 1

    def take(self, trial: PeerTrial, diverged: bool) -> None:
        if diverged:
            trial.own.status = Trial.ERROR
            self._tune.on_trial_error(self, trial.own)
            return
        action = self._tune.on_trial_result(self, trial.own, _result(trial, diverged))
        if action == TrialScheduler.CONTINUE:
            self._going_on.append(trial)
        elif action == TrialScheduler.PAUSE:
            trial.own.status = Trial.PAUSED
        else:
            trial.own.status = Trial.TERMINATED

    def stop_trial(self, own: _TuneTrial) -> None:
        """What the controller does with a trial that is not running."""
        own.status = Trial.TERMINATED
        self._tune.on_trial_remove(self, own)

    def _new(self) -> PeerTrial:
        own = _TuneTrial(str(len(self.trials)))
        self._tune.on_trial_add(self, own)
        return self.add(self._space.config(self._sampler.draw(len(self.trials))), own)


asha, hyperband = Asha, HyperBand
