"""Any sampler of Optuna's as a scheduler. Optuna is imported when one is made, and not before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sweeps.errors import BadInput
from sweeps.logs import errors_alone
from sweeps.observation import Observation
from sweeps.schedulers.baselines.full_training import FullTraining
from sweeps.schedulers.baselines.optuna.samplers import SAMPLERS, check_installed, make_sampler
from sweeps.schedulers.baselines.optuna.values import as_optunas, asked_as, suggest
from sweeps.space import Config, Space
from sweeps.trial import Mode, Outcome, Report

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial, TrialState

_ASKED_AGAIN = 16  # times, for a config that was not tried yet


class OptunaScheduler(FullTraining):
    """Configs come from a sampler of Optuna's, which hears each trial's objective; all train to the end.

    A sampler that has tried all it has, such as Optuna's over grids, ends the sweep early; so does a space
    without continuous ranges once each of its configs was tried. What is infeasible, failed or not finite is
    told as failed, and Optuna's samplers pass over it. Equal seeds and calls give equal jobs; a sampler that
    is handed in must have a seed for that.

    Args:
        space: What to search.
        trials: How many configs to ask for.
        epochs: How long each trains.
        mode: Whether a smaller ("min") or a larger ("max") objective is better.
        seed: Of a sampler given by name, and of the training.
        sampler: One of Optuna's, such as ``optuna.samplers.GPSampler(seed=0)``, made for this sweep alone;
            or a name: "tpe" (multivariate; the default), "gp" (needs torch), "cmaes" (needs cmaes),
            "nsgaii", "qmc" or "random".

    Raises:
        BadInput: Where Optuna or what a sampler needs is not installed, and on limits that no sweep can have.

    Example:
        scheduler = OptunaScheduler(space, trials=64, epochs=27, sampler="gp")
        results = sweeps.run(train, space=space, trials=64, epochs=27, scheduler=scheduler)
    """

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
        check_installed("optuna", f"optuna:{sampler}" if isinstance(sampler, str) else sampler)
        import optuna

        chosen = make_sampler(sampler, seed) if isinstance(sampler, str) else sampler
        if not isinstance(chosen, optuna.samplers.BaseSampler):
            fix = f"give an object of a class in optuna.samplers, or a name: {', '.join(SAMPLERS)}"
            raise BadInput("sampler", sampler, "is not a sampler of Optuna's", fix)
        self._name = sampler if isinstance(sampler, str) else None
        self.origin = f"Optuna's {type(chosen).__name__} chooses"
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        directions = optuna.study.StudyDirection
        with errors_alone("optuna"):
            self._study = optuna.create_study(
                sampler=chosen, direction=directions.MINIMIZE if mode == "min" else directions.MAXIMIZE
            )
        # A sampler with nothing left stops the study, which Optuna allows in its own loop alone.
        self._study.stop = self._run_out  # type: ignore[method-assign]
        self._live: dict[int, tuple[Trial | int, Config]] = {}
        self._values: dict[str, float | None] = {}  # of configs that were trained, where there are so many

    def tell(self, report: Report) -> None:
        if self._take(report) and report.trial in self._live:  # those outside the space never were
            trial, config = self._live.pop(report.trial)
            if self.space.size is not None:
                self._values[repr(config)] = _value(report)
            self._answer(trial, _value(report))

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """Those inside the space are given to Optuna's study as its own.

        TPE and the Gaussian process learn from them; CMA-ES and NSGA-II, which keep notes of their own with
        each trial, pass over trials without. Of those that failed or diverged Optuna hears nothing. A sampler
        given by name draws anew from here on, by a seed that follows from this one's and the trials' number.
        """
        if self._name is not None:
            self._study.sampler = make_sampler(self._name, self.seed, len(observations))
        super().observe(observations, rounds)

    def _resume(self, seen: Observation, config: Config) -> bool:
        from optuna.trial import TrialState

        at_end = super()._resume(seen, config)
        if not at_end:
            self._add(config, TrialState.RUNNING)
            self._live[seen.trial] = len(self._study.get_trials(deepcopy=False)) - 1, config
        else:
            self._values[repr(config)] = seen.result
            if seen.result is not None:
                self._add(config, TrialState.COMPLETE, seen.result)
        return at_end

    def _add(self, config: Config, state: TrialState, value: float | None = None) -> None:
        """Add a trial to the study. No sampler is asked, which for some takes long."""
        from optuna.trial import create_trial

        params, distributions = as_optunas(self.space, config)
        trial = create_trial(state=state, value=value, params=params, distributions=distributions)
        with errors_alone("optuna"):
            self._study.add_trial(trial)

    def _answer(self, trial: Trial | int, value: float | None) -> None:
        """Tell Optuna what a trial gave, or that it gave nothing."""
        from optuna.trial import TrialState

        with errors_alone("optuna"):
            if value is None:
                self._study.tell(trial, state=TrialState.FAIL)
            else:
                self._study.tell(trial, value)

    def _run_out(self) -> None:
        self._no_more = True

    def _config(self, trial: int) -> Config:
        """A config that no trial has had.

        One that was tried is answered with what it gave, and Optuna asked again; if it does not come up with
        a new one, it is handed one.
        """
        for _ in range(_ASKED_AGAIN):
            asked, config = self._suggested()
            if config in self._untried:
                break
            self._answer(asked, self._values.get(repr(config)))
        else:
            asked, config = self._handed(trial)
        self._live[trial] = asked, config
        return config

    def _handed(self, trial: int) -> tuple[Trial, Config]:
        """A trial of Optuna's with a config that is new."""
        if self.space.size is None:
            new = self.space.config(
                np.random.default_rng([self.seed, trial]).random(len(self.space.searched))
            )
        else:
            new = self._untried.next_config()
        names = [name for name in new if name in self.space.searched]
        self._study.enqueue_trial({n: asked_as(self.space.distributions[n], new[n]) for n in names})
        return self._suggested()

    def _suggested(self) -> tuple[Trial, Config]:
        """Optuna's next trial, and its config."""
        with errors_alone("optuna"):
            asked = self._study.ask()
            return asked, self.space.decide(lambda name, each: suggest(asked, name, each))


def _value(report: Report) -> float | None:
    """What Optuna may learn from a report, if anything."""
    value = report.objective
    known = report.outcome in (Outcome.DONE, Outcome.ENDED) and value is not None and math.isfinite(value)
    return value if known else None
