"""Any sampler of Optuna's as a scheduler. Optuna is imported when one is made, and not before."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeps.errors import BadInput, choices
from sweeps.scheduler.optuna_values import suggest
from sweeps.scheduler.search import FullTraining
from sweeps.space import Config, Space
from sweeps.trial import Mode, Outcome, Report

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial

# Name → Optuna's class and the options that suit conditions and several trials at once.
_SAMPLERS: dict[str, tuple[str, dict[str, Any]]] = {
    "tpe": ("TPESampler", {"multivariate": True, "group": True, "constant_liar": True}),
    "gp": ("GPSampler", {}),
    "cmaes": ("CmaEsSampler", {}),
    "nsgaii": ("NSGAIISampler", {}),
    "qmc": ("QMCSampler", {"scramble": True}),
    "random": ("RandomSampler", {}),
}
_INSTALL = {
    "optuna": 'pip install "caviar-sweeps[optuna]"',
    "torch": 'pip install "caviar-sweeps[torch]"',
    "cmaes": "pip install cmaes",
}
NEEDS = {"gp": "torch", "cmaes": "cmaes"}

OPTUNA_NAMES = ("optuna", *(f"optuna:{name}" for name in _SAMPLERS))


class OptunaScheduler(FullTraining):
    """Configs come from a sampler of Optuna's, which hears each trial's objective; all train to the end.

    space: what to search. trials: how many configs to ask for. epochs: how long each trains.
    mode: whether a smaller ("min") or a larger ("max") objective is better.
    sampler: one of Optuna's, such as ``optuna.samplers.GPSampler(seed=0)``, made for this sweep alone; or a
        name: "tpe" (multivariate; the default), "gp" (needs torch), "cmaes" (needs cmaes), "nsgaii", "qmc"
        or "random".
    seed: of a sampler given by name, and of the training.

    What is infeasible, failed or not finite is told as failed, and Optuna's samplers pass over it. What is
    still running counts for tpe alone. Equal seeds and calls give equal jobs, as far as the sampler was given
    a seed. Raises `BadInput` where Optuna or what a sampler needs is not installed.
    """

    origin = "Optuna's sampler chooses"

    def __init__(
        self,
        space: Space,
        *,
        trials: int,
        epochs: int,
        mode: Mode = "min",
        seed: int = 0,
        sampler: BaseSampler | str = "tpe",
    ) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        name = f"optuna:{sampler}" if isinstance(sampler, str) else sampler
        _check_installed(name, "optuna")
        import optuna

        chosen = _make_sampler(sampler, seed) if isinstance(sampler, str) else sampler
        if not isinstance(chosen, optuna.samplers.BaseSampler):
            raise BadInput("sampler", sampler, "is not a sampler of Optuna's", choices(_SAMPLERS))
        directions = optuna.study.StudyDirection
        with _quiet():
            self._study = optuna.create_study(
                sampler=chosen, direction=directions.MINIMIZE if mode == "min" else directions.MAXIMIZE
            )
        self._live: dict[int, Trial] = {}

    def tell(self, report: Report) -> None:
        import optuna

        super().tell(report)
        trial, value = self._live.pop(report.trial), _value(report)
        with _quiet():
            if value is None:
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                self._study.tell(trial, value)

    def _config(self, trial: int) -> Config:
        with _quiet():
            asked = self._live[trial] = self._study.ask()
            return self.space.decide(lambda name, distribution: suggest(asked, name, distribution))


def _value(report: Report) -> float | None:
    """What Optuna may learn from a report, if anything."""
    known = report.outcome in (Outcome.DONE, Outcome.ENDED) and report.objective is not None
    return report.objective if known and math.isfinite(report.objective or 0.0) else None


def _make_sampler(name: str, seed: int) -> BaseSampler:
    if name not in _SAMPLERS:
        raise BadInput(
            "scheduler",
            f"optuna:{name}",
            "names none of Optuna's samplers",
            choices(OPTUNA_NAMES, f"optuna:{name}"),
        )
    _check_installed(f"optuna:{name}", NEEDS.get(name, "optuna"))
    import optuna

    kind, options = _SAMPLERS[name]
    # Optuna takes seeds of 32 bits alone.
    bits = int(np.random.SeedSequence(seed).generate_state(1)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler: BaseSampler = getattr(optuna.samplers, kind)(seed=bits, **options)
    return sampler


def _check_installed(scheduler: object, package: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise BadInput("scheduler", scheduler, f"needs {package}, which is not installed", _INSTALL[package])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna's log to errors while we call it; others who use Optuna here find it as it was."""
    logger = logging.getLogger("optuna")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
