"""Trials that a scheduler did not ask for, and how it is told of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sweeps.errors import BadInput
from sweeps.nudges import Pending
from sweeps.space import Config
from sweeps.trial import Outcome


@dataclass(frozen=True)
class Observation:
    """A trial as it stands, however it came about.

    Numbers come in order, 0, 1, 2, …; new trials are numbered on from the last.

    Args:
        trial: Its number in the sweep.
        config: Its config. Where it is none of the space's, the trial keeps its number, is never trained on
            and says nothing of the space.
        epochs: How many it has been trained for so far; 0 where it has not been trained yet.
        objective: As it stands; None while it has none.
        outcome: Of its last job. DONE: it waits and may go on, or be trained for the first time. ENDED,
            INFEASIBLE, FAILED, STOPPED: it is over. RUNNING: it is in training up to `stop`, and its report
            will be told like any other.
        stop: Up to which epoch it is in training; None where it is not.
        round: The round it was drawn in, as its jobs say again.
        earlier: (epochs, objective) as it stood after each job before the last, fewest epochs first. What is
            not known may be left out; it shows a model how well early epochs tell of late ones.
        seed: Of its training; None for the scheduler's own.
        repeats: The trial that it trains again, where it is the repeat of a finalist.
        measured: Whether it was trained elsewhere: its objective was given. It has cost nothing here, and is
            none of the trials that are to be trained. It has ENDED, or, where the measurement is of fewer
            epochs than the sweep's, was STOPPED.
        parent: The trial and the epoch of the checkpoint that it began from, where it was not epoch 0.
        replaces: The trial in whose place it went on.
        pending: Of a branch that a person babysits, what is decided and not trained yet.
    """

    trial: int
    config: Config
    epochs: int
    objective: float | None
    outcome: Outcome
    stop: int | None = None
    round: int = 0
    earlier: Sequence[tuple[int, float | None]] = ()
    seed: int | None = None
    repeats: int | None = None
    measured: bool = False
    parent: tuple[int, int] | None = None
    replaces: int | None = None
    pending: Pending | None = None

    @property
    def begun(self) -> bool:
        """Whether it has epochs of its own behind it."""
        return self.epochs > (0 if self.parent is None else self.parent[1])

    @property
    def running(self) -> bool:
        """Whether a report of it is owed."""
        return self.outcome is Outcome.RUNNING

    @property
    def waits(self) -> bool:
        """Whether it may be trained on, and is not in training."""
        return self.outcome is Outcome.DONE

    @property
    def result(self) -> float | None:
        """Its objective, if it is finite and comes of training that neither failed nor diverged."""
        bad = self.outcome.lost
        trained = self.epochs > 0 or self.outcome is Outcome.ENDED
        known = self.objective is not None and math.isfinite(self.objective)
        return self.objective if known and trained and not bad else None

    @property
    def paid(self) -> int:
        """The epochs it has cost here, those of a job that is under way among them."""
        if self.measured:
            return 0
        return max(self.epochs, self.stop or 0) if self.running else self.epochs


@runtime_checkable
class Observing(Protocol):
    """A scheduler that takes in trials which it did not ask for, as all of this package do."""

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """Go on from these trials as if they had been asked for here; called once, before the first `ask`.

        They count among the sweep's trials, and their epochs as paid, but for those that were measured
        elsewhere. None of their configs is tried again, those that wait may go on, and those in training are
        owed a report.

        rounds: how many were begun before. Those that begin here are numbered on from there, the first with a
            sentence that says what was taken in.
        """


def measured(
    trial: int, config: Config, objective: float | None, epochs: int, sweep_epochs: int
) -> Observation:
    """A config whose objective was measured elsewhere.

    Args:
        trial: Its number in the sweep.
        config: What was measured.
        objective: What it gave; None where that is of another metric than the sweep's.
        epochs: How long it was trained for that.
        sweep_epochs: How long a trial of the sweep is trained at most.
    """
    whole = objective is not None and epochs >= sweep_epochs
    outcome = Outcome.ENDED if whole else Outcome.STOPPED
    return Observation(trial, config, epochs, objective, outcome, measured=True)


def observe(scheduler: object, observations: Sequence[Observation], rounds: int = 0) -> None:
    """Tell a scheduler of trials that it did not ask for.

    Raises `BadInput` where there are some and it has no `observe`.
    """
    if isinstance(scheduler, Observing):
        scheduler.observe(observations, rounds)
    elif observations:
        fix = "give its class a method observe(observations, rounds), as sweeps.schedulers.Observing says"
        rule = "takes in no trials that it did not ask for, as resumed and changed sweeps need"
        raise BadInput("scheduler", type(scheduler).__name__, rule, fix)


def with_known(reason: str, trials: int) -> str:
    """A round's reason, and how many trials were there before the scheduler decided anything."""
    return (
        f"{reason}; {trials} {'trial was' if trials == 1 else 'trials were'} known before"
        if trials
        else reason
    )
