"""What every scheduler must keep, whoever drives it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.schedulers import NAMES, Scheduler, build_scheduler
from sweeps.schedulers.baselines.optuna.samplers import NEEDS
from sweeps.space import Space
from sweeps.trial import Outcome, Report

SLOW = {"optuna:gp"}  # a Gaussian process of torch; the other samplers pass through the same code of ours
EVERY = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in NAMES]
)
MOST = {"optuna:gp": 13}  # ten at random, then about a second for each
SPACE = Space(
    {
        "rate": {"log": [1e-5, 1]},
        "kind": {"choice": ["a", "b", "c"]},
        "size": {"int": [1, 9], "when": {"kind": "a"}},
        "fixed": 3,
    }
)


def build(name, space=SPACE, *, trials, epochs=27, seed=0):
    """A scheduler; skips the test where what it needs is not installed, and gives slow ones fewer trials."""
    if name.startswith("optuna"):
        pytest.importorskip("optuna")
        pytest.importorskip(NEEDS.get(name.partition(":")[2], "optuna"))
    trials = min(trials, MOST.get(name, trials))
    return build_scheduler(name, space, trials=trials, epochs=epochs, mode="min", seed=seed)


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


def not_a_number(job):
    return Report(job.trial, job.stop, float("nan"))


def equal(job):
    return Report(job.trial, job.stop, 1.0)


def mixed(job):
    """Some trials end each way."""
    return [good, infeasible, failed, lambda job: Report(job.trial, 1, 0.5, Outcome.ENDED)][job.trial % 4](
        job
    )


@EVERY
@pytest.mark.parametrize("objective", [good, infeasible, failed, not_a_number, equal, mixed])
@pytest.mark.parametrize("trials", [1, 2, 5, 64])
def test_every_sweep_ends_within_its_limits(name, objective, trials):
    scheduler = build(name, trials=trials, seed=1)
    assert isinstance(scheduler, Scheduler)
    asked = drive(scheduler, objective)
    trials = scheduler.trials
    begun = {job.trial for job in asked}
    assert begun == set(range(len(begun)))
    assert len({job.trial for job in asked if job.parent is None}) == trials
    reached = dict.fromkeys(begun, 0)
    for job in asked:
        assert reached[job.trial] <= job.start < job.stop <= 27
        reached[job.trial] = job.stop
    if objective in (good, equal):
        assert max(reached.values()) == 27, "somebody trains to the end"


@EVERY
@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32),
    trials=st.integers(1, 40),
    epochs=st.integers(1, 100),
    capacity=st.integers(1, 70),
)
def test_replays_exactly(name, seed, trials, epochs, capacity):
    runs = [drive(build(name, trials=trials, epochs=epochs, seed=seed), mixed, capacity) for _ in range(2)]
    assert runs[0] == runs[1]


@EVERY
def test_one_value_spaces_and_all_fixed_spaces(name):
    for form in ({"x": {"choice": ["only"]}}, {"x": 1, "y": "z"}):
        scheduler = build(name, Space(form), trials=5, epochs=9)
        jobs = drive(scheduler, equal)
        assert all(job.config == jobs[0].config for job in jobs)


@EVERY
def test_a_wide_pool_gets_work_at_once(name):
    scheduler = build(name, trials=500)
    assert len(scheduler.ask(200)) == min(200, scheduler.trials)


@EVERY
def test_every_round_says_why(name):
    scheduler = build(name, trials=64)
    drive(scheduler, good)
    for i, round_ in enumerate(scheduler.rounds):
        assert round_.index == i
        assert [region.hyperparameter for region in round_.regions] == ["rate", "kind", "size"]
        assert all(region.reason for region in round_.regions)


@pytest.mark.parametrize("name", ["asha", "coarse_to_fine"])
def test_a_trials_objective_is_what_was_told_last(name):
    """A trial that gets worse as it goes on, or better, stands where it is now; without a value it stays."""

    def told(objective):
        scheduler = build(name, Space({"x": {"uniform": [0, 1]}}), trials=60, epochs=16)
        return drive(scheduler, objective, capacity=1)

    def now(job):
        return Report(job.trial, job.stop, job.config["x"] if job.stop < 3 else 1 - job.config["x"])

    def kept(job):
        return Report(job.trial, job.stop, None if job.start else job.config["x"])

    def same(job):
        return Report(job.trial, job.stop, job.config["x"])

    def best(job):
        return Report(job.trial, job.stop, min(job.config["x"], now(job).objective))

    assert told(kept) == told(same)
    assert told(now) != told(best)
