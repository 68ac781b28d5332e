"""How far ahead of its reports a search is asked for jobs, where an executor would take any number."""

import importlib
from contextlib import contextmanager

import pytest

from sweeps.face import execute
from sweeps.sweep.progress import Silent
from sweeps.trial import Outcome, Report
from tests.sweep.plans import plan_of


class Roomy:
    """An executor that has room for a thousand jobs and ends them in the next poll."""

    description, workers = "roomy", 2

    def __init__(self):
        self.jobs, self.seen = [], []

    @property
    def free(self):
        return 1000 - len(self.jobs)

    def submit(self, job, checkpoint=None):
        self.jobs.append(job)

    def poll(self, timeout):
        self.seen.append(len(self.jobs))
        ended, self.jobs = self.jobs, []
        return [Report(job.trial, job.stop, job.config["x"], Outcome.DONE, _rows(job)) for job in ended]

    def silent(self):
        return {}

    def retried(self):
        return []

    def notices(self):
        return []


def _rows(job):
    return [{"val_loss": job.config["x"]}] * (job.stop - job.start)


@pytest.fixture
def in_flight(tmp_path, monkeypatch):
    """How many jobs were in flight at each poll of a sweep."""

    def run(scheduler):
        executor = Roomy()

        @contextmanager
        def running(plan, *others):
            yield executor

        monkeypatch.setattr(importlib.import_module("sweeps.face.execute"), "_executor", running)
        spec = {"space": {"x": {"uniform": [0, 1]}}, "trials": 200, "epochs": 1, "finalists": False}
        plan = plan_of(lambda config, run: config["x"], scheduler=scheduler, **spec)
        execute(plan, out=tmp_path / "run", observer=Silent())
        return executor.seen

    return run


def test_a_search_that_compares_nothing_is_asked_for_all_there_is_room_for(in_flight):
    assert max(in_flight("random")) == 200


def test_a_search_that_learns_has_few_jobs_in_flight_for_those_that_have_ended(in_flight):
    seen = in_flight("asha")
    assert seen[0] == 4
    ended = 0
    for count in seen:
        assert count <= max(4, ended // 16)
        ended += count
    assert max(seen) > 4
