"""The seam between deciding and doing: what every scheduler offers the sweep loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, get_args, runtime_checkable

from sweeps.errors import BadInput
from sweeps.space import Choice, Space, Value
from sweeps.trial import Job, Mode, Region, Report, Round


def check_limits(trials: int, epochs: int, mode: str) -> None:
    """Raise `BadInput` unless a sweep can have these limits."""
    for place, value in (("trials", trials), ("epochs", epochs)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise BadInput(place, value, "must be a whole number from 1 on")
    if mode not in get_args(Mode):
        raise BadInput("mode", mode, "is neither min nor max")


def whole_space(space: Space, reason: str) -> tuple[Region, ...]:
    """The regions of a round that samples from everywhere."""
    return tuple(
        Region(name, *range_ends(space, name, 0.0, 1.0), elites=0, reason=reason) for name in space.searched
    )


def range_ends(space: Space, name: str, low: float, high: float) -> tuple[float | None, float | None]:
    """The values at two coordinates of a hyperparameter; None where they are no numbers with an order."""
    if not is_unordered(space, name):
        ends: list[Value] = [space.distributions[name].from_unit(unit) for unit in (low, high)]
        if all(isinstance(end, int | float) for end in ends):
            return float(ends[0]), float(ends[1])  # type: ignore[arg-type]
    return None, None


def is_unordered(space: Space, name: str) -> bool:
    """Whether the hyperparameter's coordinates say nothing of which values are alike."""
    distribution = space.distributions[name]
    return isinstance(distribution, Choice) and not distribution.ordered


@runtime_checkable
class Scheduler(Protocol):
    """Decides what to train next.

    A state machine: its decisions depend on its seed and the sequence of calls, and on nothing else.
    Drive it by hand like this:

        scheduler = CoarseToFine(space, trials=64, epochs=27, mode="min", seed=0)
        while not scheduler.finished:
            for job in scheduler.ask(capacity=2):
                objective = train_somehow(job.config, job.start, job.stop)
                scheduler.tell(Report(job.trial, epochs=job.stop, objective=objective))
    """

    def ask(self, capacity: int) -> list[Job]:
        """At most `capacity` jobs to start now; empty where it must hear of running jobs first."""

    def tell(self, report: Report) -> None:
        """Take in what a job gave back; exactly one final report is owed for each job asked."""

    @property
    def finished(self) -> bool:
        """Whether nothing is left to start and no report is owed."""

    @property
    def rounds(self) -> Sequence[Round]:
        """The rounds begun so far, oldest first; a round never changes once it is here."""
