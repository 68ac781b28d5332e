"""Repeats of finalists that were observed: whose numbers they take, and which need not be asked for again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sweeps.observation import Observation
from sweeps.trial import Job, Outcome, Report


class Numbers:
    """A search numbers its trials one after the other; in the sweep, observed repeats lie between.

    search: the observed trials of the search. observed: how many were observed in all, repeats among them.
    """

    def __init__(self, search: Sequence[Observation] = (), observed: int = 0) -> None:
        self.observed = observed
        self._ahead = observed - len(search)  # by so many are new trials
        self._sweep = [seen.trial for seen in search]
        self._search = {trial: i for i, trial in enumerate(self._sweep)}

    def in_sweep(self, jobs: list[Job]) -> list[Job]:
        """The search's jobs with the sweep's numbers."""
        if not self._ahead:
            return jobs
        count = len(self._sweep)
        return [
            replace(job, trial=self._sweep[job.trial] if job.trial < count else job.trial + self._ahead)
            for job in jobs
        ]

    def in_search(self, report: Report) -> Report:
        """A report with the search's number."""
        if not self._ahead:
            return report
        return replace(report, trial=self._search.get(report.trial, report.trial - self._ahead))


class KnownRepeats:
    """Which repeats there are already, by finalist and seed. epochs: of a whole one."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._all: dict[
            tuple[int | None, int | None], Job | None
        ] = {}  # with the next job, if it waits for one
        self._running: dict[int, Job] = {}  # observed in training, as far as they had come then

    def __contains__(self, key: tuple[int, int]) -> bool:
        return key in self._all

    def add(self, seen: Observation) -> None:
        """One that was observed; in no order."""
        seed = 0 if seen.seed is None else seen.seed
        job = Job(seen.trial, seen.config, self._epochs, seen.epochs, seen.round, seed, seen.repeats)
        self._all[seen.repeats, seen.seed] = job if seen.waits and seen.epochs < self._epochs else None
        if seen.running:
            self._running[seen.trial] = job

    def take(self, report: Report) -> Job | None:
        """A repeat has reported; returns the next job of an observed one that must go on."""
        job = self._running.pop(report.trial, None)
        if job is None or report.outcome is not Outcome.DONE or report.epochs >= self._epochs:
            return None
        self._all[job.repeats, job.seed] = job = replace(job, start=report.epochs)
        return job

    def broken_off(self, finalist: int, seed: int) -> Job | None:
        """The next job of a repeat that waits for one."""
        return self._all[finalist, seed]
