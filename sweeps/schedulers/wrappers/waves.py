"""The same decisions on any number of workers: asked and told in waves, whoever is first."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from sweeps.observation import Observation, observe
from sweeps.schedulers.population import PopulationTraining
from sweeps.schedulers.protocol import Scheduler
from sweeps.trial import Job, Report, Round

WAVE = 16  # jobs decided on at once; workers idle at the end of a wave, so there are several each


class InWaves:
    """Hands out a scheduler's jobs in waves and tells it of a wave when all of it is in, by trial.

    What it decides then depends on its seed alone, not on which worker was faster or how many there
    are. The price is that nobody begins the next wave before the last of this one has ended.

    Args:
        scheduler: Whose decisions they are.
        wave: How many jobs it is asked for at once, by default 16.

    Examples:
        >>> from sweeps.schedulers import RandomSearch
        >>> from sweeps.space import Space
        >>> space = Space({"learning_rate": {"log": [1e-4, 1e-1]}})
        >>> len(InWaves(RandomSearch(space, trials=64, epochs=27)).ask(100))
        16
    """

    def __init__(self, scheduler: Scheduler, wave: int = WAVE) -> None:
        self._scheduler, self._wave = scheduler, wave
        self._waiting: deque[Job] = deque()
        self._running: set[int] = set()
        self._reports: list[Report] = []

    def ask(self, capacity: int) -> list[Job]:
        if not self._waiting and not self._running:
            self._waiting.extend(self._scheduler.ask(self._wave))
        jobs = [self._waiting.popleft() for _ in range(min(capacity, len(self._waiting)))]
        self._running.update(job.trial for job in jobs)
        return jobs

    def tell(self, report: Report) -> None:
        self._running.remove(report.trial)
        self._reports.append(report)
        if self._waiting or self._running:
            return
        for each in sorted(self._reports, key=lambda report: report.trial):
            self._scheduler.tell(each)
        self._reports = []

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """Those in training are the first wave."""
        observe(self._scheduler, observations, rounds)
        self._running.update(seen.trial for seen in observations if seen.running)

    @property
    def between_waves(self) -> bool:
        """Whether all that was asked for is in; then nothing depends on who was first."""
        return not self._waiting and not self._running

    @property
    def finished(self) -> bool:
        return not self._waiting and not self._running and self._scheduler.finished

    @property
    def population(self) -> PopulationTraining | None:
        """The scheduler, where it trains a population."""
        return self._scheduler if isinstance(self._scheduler, PopulationTraining) else None

    @property
    def planned_epochs(self) -> float | None:
        """What the search is to cost in all; None where its scheduler does not say."""
        planned: float | None = getattr(self._scheduler, "planned_epochs", None)
        return planned

    @property
    def worth(self) -> Mapping[str, float]:
        """How much the search has found earlier sweeps to be worth; nothing where there are none."""
        worth: Mapping[str, float] = getattr(self._scheduler, "worth", {})
        return worth

    @property
    def rounds(self) -> Sequence[Round]:
        return self._scheduler.rounds
