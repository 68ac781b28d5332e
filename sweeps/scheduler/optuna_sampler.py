"""Any sampler of Optuna's as a scheduler. Optuna is imported when one is made, and not before."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sweeps.errors import BadInput
from sweeps.scheduler.optuna_names import SAMPLERS, check_installed, make_sampler
from sweeps.scheduler.optuna_values import suggest
from sweeps.scheduler.search import FullTraining
from sweeps.space import Config, Space
from sweeps.trial import Mode, Outcome, Report

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial


class OptunaScheduler(FullTraining):
    """Configs come from a sampler of Optuna's, which hears each trial's objective; all train to the end.

    space: what to search. trials: how many configs to ask for. epochs: how long each trains.
    mode: whether a smaller ("min") or a larger ("max") objective is better.
    sampler: one of Optuna's, such as ``optuna.samplers.GPSampler(seed=0)``, made for this sweep alone; or a
        name: "tpe" (multivariate; the default), "gp" (needs torch), "cmaes" (needs cmaes), "nsgaii", "qmc"
        or "random".
    seed: of a sampler given by name, and of the training.

    A sampler that has tried all it has, such as Optuna's over grids, ends the sweep early.
    What is infeasible, failed or not finite is told as failed, and Optuna's samplers pass over it.
    Equal seeds and calls give equal jobs; a sampler that is handed in must have a seed for that.
    Raises `BadInput` where Optuna or what a sampler needs is not installed.
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
        self.origin = f"Optuna's {type(chosen).__name__} chooses"
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        directions = optuna.study.StudyDirection
        with _quiet():
            self._study = optuna.create_study(
                sampler=chosen, direction=directions.MINIMIZE if mode == "min" else directions.MAXIMIZE
            )
        # A sampler with nothing left stops the study, which Optuna allows in its own loop alone.
        self._study.stop = self._run_out  # type: ignore[method-assign]
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

    def _run_out(self) -> None:
        self._no_more = True

    def _config(self, trial: int) -> Config:
        with _quiet():
            asked = self._live[trial] = self._study.ask()
            return self.space.decide(lambda name, distribution: suggest(asked, name, distribution))


def _value(report: Report) -> float | None:
    """What Optuna may learn from a report, if anything."""
    value = report.objective
    known = report.outcome in (Outcome.DONE, Outcome.ENDED) and value is not None and math.isfinite(value)
    return value if known else None


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
