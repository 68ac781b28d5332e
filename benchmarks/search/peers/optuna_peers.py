"""Optuna's samplers and pruners, through its own ask and tell."""

from __future__ import annotations

import warnings
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from benchmarks.search.peers.peer import Peer, PeerTrial, Stepwise
from benchmarks.search.peers.setting import Setting
from benchmarks.search.problems.problem import Problem
from sweeps.space import Choice, Distribution, Numeric, Space
from sweeps.space.scale import LOG

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


def optuna_space(space: Space) -> dict[str, BaseDistribution]:
    """The space in Optuna's terms."""
    return {name: _optuna(space.distributions[name]) for name in space.searched}


def _optuna(distribution: Distribution) -> BaseDistribution:
    if isinstance(distribution, Choice):
        return CategoricalDistribution(list(distribution.values))  # type: ignore[arg-type]
    assert isinstance(distribution, Numeric)
    log = distribution.scale is LOG
    if distribution.integer:
        return IntDistribution(int(distribution.low), int(distribution.high), log=log)
    return FloatDistribution(distribution.low, distribution.high, log=log)


class Full(Peer):
    """A sampler alone: every trial is a full training."""

    def __init__(self, problem: Problem, sampler: optuna.samplers.BaseSampler) -> None:
        super().__init__(problem.epochs)
        self._space = optuna_space(problem.space)
        self._study = optuna.create_study(sampler=sampler)

    def choose(self) -> PeerTrial:
        own = self._study.ask(self._space)
        return self.add(own.params, own)

    def take(self, trial: PeerTrial, diverged: bool) -> None:
        failed = optuna.trial.TrialState.FAIL
        if diverged:
            self._study.tell(trial.own, state=failed)
        else:
            self._study.tell(trial.own, trial.loss)


class Pruned(Stepwise):
    """A sampler with a pruner, which hears the best so far after every epoch."""

    def __init__(
        self,
        problem: Problem,
        sampler: optuna.samplers.BaseSampler,
        pruner: optuna.pruners.BasePruner,
        name: str,
    ) -> None:
        super().__init__(problem.epochs)
        self._space = optuna_space(problem.space)
        self._study = optuna.create_study(sampler=sampler, pruner=pruner, study_name=name)

    def begin(self) -> PeerTrial:
        own = self._study.ask(self._space)
        return self.add(own.params, own)

    def goes_on(self, trial: PeerTrial, diverged: bool) -> bool:
        states = optuna.trial.TrialState
        if diverged:
            self._study.tell(trial.own, state=states.FAIL)
            return False
        trial.own.report(trial.loss, trial.reached)
        if trial.reached == self.epochs:
            self._study.tell(trial.own, trial.loss)
            return False
        if trial.own.should_prune():
            self._study.tell(trial.own, state=states.PRUNED)
            return False
        return True


def _tpe_sampler(setting: Setting) -> optuna.samplers.BaseSampler:
    # constant_liar is Optuna's advice where trials run side by side.
    several = setting.workers > 1
    return optuna.samplers.TPESampler(multivariate=True, constant_liar=several, seed=setting.seed)


def tpe(problem: Problem, setting: Setting) -> Peer:
    """TPE, multivariate, full trainings."""
    return Full(problem, _tpe_sampler(setting))


def gp(problem: Problem, setting: Setting) -> Peer:
    """Gaussian process, full trainings."""
    return Full(problem, optuna.samplers.GPSampler(seed=setting.seed))


def cmaes(problem: Problem, setting: Setting) -> Peer:
    """CMA-ES, full trainings."""
    return Full(problem, optuna.samplers.CmaEsSampler(seed=setting.seed))


def tpe_hyperband(problem: Problem, setting: Setting) -> Peer:
    """TPE with Hyperband, factor 3 as by default."""
    pruner: Any = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=problem.epochs)
    return Pruned(problem, _tpe_sampler(setting), pruner, _name(setting))


def tpe_halving(problem: Problem, setting: Setting) -> Peer:
    """TPE with asynchronous successive halving, factor 4 as by default."""
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=1)
    return Pruned(problem, _tpe_sampler(setting), pruner, _name(setting))


def _name(setting: Setting) -> str:
    # Optuna takes a trial's bracket from a hash of the study's name, which is random if not given.
    return f"seed {setting.seed}"
