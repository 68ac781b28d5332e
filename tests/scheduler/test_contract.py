"""What every scheduler must keep, whoever drives it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.scheduler import NAMES, Scheduler, build_scheduler
from sweeps.space import Space
from sweeps.trial import Outcome, Report

SPACE = Space(
    {
        "rate": {"log": [1e-5, 1]},
        "kind": {"choice": ["a", "b", "c"]},
        "size": {"int": [1, 9], "when": {"kind": "a"}},
        "fixed": 3,
    }
)


def drive(scheduler, objective, capacity=3, seed=0, mode="min"):
    """Run to the end with jobs that come back in random order; returns the jobs in the order asked."""
    rng = np.random.default_rng(seed)
    running, asked = [], []
    while not scheduler.finished:
        jobs = scheduler.ask(capacity - len(running))
        assert len(jobs) <= capacity - len(running)
        running += jobs
        asked += jobs
        assert len({job.trial for job in running}) == len(running), "two live jobs for one trial"
        assert running, "nothing runs, nothing is asked, and yet it is not finished"
        job = running.pop(rng.integers(len(running)))
        scheduler.tell(objective(job))
    assert scheduler.ask(capacity) == []
    return asked


def good(job):
    return Report(job.trial, job.stop, abs(np.log10(job.config["rate"]) + 3) + 1 / job.stop)


def infeasible(job):
    return Report(job.trial, job.start + 1, None, Outcome.INFEASIBLE)


def failed(job):
    return Report(job.trial, job.start, None, Outcome.FAILED, error="no")


def equal(job):
    return Report(job.trial, job.stop, 1.0)


def mixed(job):
    """Some trials end each way."""
    return [good, infeasible, failed, lambda job: Report(job.trial, 1, 0.5, Outcome.ENDED)][job.trial % 4](
        job
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("objective", [good, infeasible, failed, equal, mixed])
@pytest.mark.parametrize("trials", [1, 2, 5, 64])
def test_every_sweep_ends_within_its_limits(name, objective, trials):
    scheduler = build_scheduler(name, SPACE, trials=trials, epochs=27, mode="min", seed=1)
    assert isinstance(scheduler, Scheduler)
    asked = drive(scheduler, objective)
    assert {job.trial for job in asked} == set(range(trials))
    reached = dict.fromkeys(range(trials), 0)
    for job in asked:
        assert reached[job.trial] <= job.start < job.stop <= 27
        reached[job.trial] = job.stop
    if objective in (good, equal):
        assert max(reached.values()) == 27, "somebody trains to the end"


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32),
    trials=st.integers(1, 40),
    epochs=st.integers(1, 100),
    capacity=st.integers(1, 70),
)
def test_replays_exactly(name, seed, trials, epochs, capacity):
    runs = [
        drive(
            build_scheduler(name, SPACE, trials=trials, epochs=epochs, mode="min", seed=seed), mixed, capacity
        )
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("name", NAMES)
def test_one_value_spaces_and_all_fixed_spaces(name):
    for form in ({"x": {"choice": ["only"]}}, {"x": 1, "y": "z"}):
        scheduler = build_scheduler(name, Space(form), trials=5, epochs=9, mode="min", seed=0)
        jobs = drive(scheduler, equal)
        assert all(job.config == jobs[0].config for job in jobs)


@pytest.mark.parametrize("name", NAMES)
def test_a_wide_pool_gets_work_at_once(name):
    scheduler = build_scheduler(name, SPACE, trials=500, epochs=27, mode="min", seed=0)
    assert len(scheduler.ask(200)) == 200


@pytest.mark.parametrize("name", NAMES)
def test_every_round_says_why(name):
    scheduler = build_scheduler(name, SPACE, trials=64, epochs=27, mode="min", seed=0)
    drive(scheduler, good)
    for i, round_ in enumerate(scheduler.rounds):
        assert round_.index == i
        assert [region.hyperparameter for region in round_.regions] == ["rate", "kind", "size"]
        assert all(region.reason for region in round_.regions)
