"""Syne Tune's schedulers, called as its tuner calls them; no backend is started."""

from __future__ import annotations

import datetime
import logging
from typing import Any

import numpy as np
from syne_tune.backend.trial_status import Trial
from syne_tune.config_space import choice, lograndint, loguniform, randint, uniform
from syne_tune.optimizer.baselines import ASHA, ASHACQR, CQR
from syne_tune.optimizer.scheduler import SchedulerDecision

from benchmarks.search.peers.peer import Peer, PeerTrial, Stepwise
from benchmarks.search.peers.setting import Setting
from benchmarks.search.problems.problem import Problem
from sweeps.space import Choice, Distribution, Numeric, Space, as_plain
from sweeps.space.scale import LOG

logging.getLogger("syne_tune").setLevel(logging.ERROR)
_METRIC, _TIME = "loss", "epoch"


def syne_space(space: Space) -> dict[str, Any]:
    """The space in Syne Tune's terms."""
    return {name: _syne(space.distributions[name]) for name in space.searched}


def _syne(distribution: Distribution) -> Any:
    if isinstance(distribution, Choice):
        return choice(list(distribution.values))
    assert isinstance(distribution, Numeric)
    ends = distribution.low, distribution.high
    if distribution.scale is LOG:
        return lograndint(*ends) if distribution.integer else loguniform(*ends)
    return randint(*ends) if distribution.integer else uniform(*ends)


class Syne(Peer):
    """Suggests, and is told of full trainings."""

    def __init__(self, problem: Problem, scheduler: Any) -> None:
        super().__init__(problem.epochs)
        self._scheduler = scheduler

    def choose(self) -> PeerTrial:
        return _begin(self, self._scheduler)

    def take(self, trial: PeerTrial, diverged: bool) -> None:
        if diverged:
            self._scheduler.on_trial_error(trial.own)
        else:
            self._scheduler.on_trial_complete(trial.own, {_METRIC: trial.loss, _TIME: trial.reached})


class SyneStepwise(Stepwise):
    """Suggests, and decides after every epoch."""

    def __init__(self, problem: Problem, scheduler: Any) -> None:
        super().__init__(problem.epochs)
        self._scheduler = scheduler

    def begin(self) -> PeerTrial:
        return _begin(self, self._scheduler)

    def goes_on(self, trial: PeerTrial, diverged: bool) -> bool:
        if diverged:
            self._scheduler.on_trial_error(trial.own)
            return False
        result = {_METRIC: trial.loss, _TIME: trial.reached}
        decision = self._scheduler.on_trial_result(trial.own, result)
        return bool(decision == SchedulerDecision.CONTINUE)


def _begin(peer: Peer, scheduler: Any) -> PeerTrial:
    config = scheduler.suggest().config
    own = Trial(len(peer.trials), config, datetime.datetime.now(tz=datetime.UTC))
    scheduler.on_trial_add(own)
    return peer.add({name: as_plain(value) for name, value in config.items()}, own)


def asha(problem: Problem, setting: Setting) -> Peer:
    """ASHA over random configs, factor 3 and grace period 1 as by default."""
    return SyneStepwise(problem, _halving(ASHA, problem, setting))


def asha_cqr(problem: Problem, setting: Setting) -> Peer:
    """ASHA over conformalised quantile regression."""
    return SyneStepwise(problem, _halving(ASHACQR, problem, setting))


def cqr(problem: Problem, setting: Setting) -> Peer:
    """Conformalised quantile regression, full trainings."""
    return Syne(problem, CQR(syne_space(problem.space), metric=_METRIC, random_seed=setting.seed))


def _halving(kind: Any, problem: Problem, setting: Setting) -> Any:
    np.random.seed(setting.seed)  # noqa: NPY002  a trial's bracket is drawn from here
    space = syne_space(problem.space)
    return kind(space, metric=_METRIC, time_attr=_TIME, max_t=problem.epochs, random_seed=setting.seed)
