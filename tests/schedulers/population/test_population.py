"""Population based training: who goes on from whom, when, and with what."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.errors import BadInput
from sweeps.schedulers import Observation, PopulationSettings, PopulationTraining, build_scheduler
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.schedulers.test_contract import SPACE, drive

WIDE = Space({"rate": {"log": [1e-5, 1]}})


def population(trials=8, epochs=12, ready=3, **more):
    return PopulationTraining(
        WIDE, trials=trials, epochs=epochs, settings=PopulationSettings(ready=ready), **more
    )


def by_rate(job):
    return Report(job.trial, job.stop, abs(np.log10(job.config["rate"]) + 3) + 1 / job.stop)


def of_trials(jobs):
    found = {}
    for job in jobs:
        found.setdefault(job.trial, []).append(job)
    return found


def lost_where(bad):
    """Jobs of which this is so diverge."""

    def objective(job):
        if bad(job):
            return Report(job.trial, job.start + 1, None, Outcome.INFEASIBLE)
        return by_rate(job)

    return objective


@settings(max_examples=60, deadline=None)
@given(
    trials=st.integers(1, 20), epochs=st.integers(1, 30), capacity=st.integers(1, 24), seed=st.integers(0, 99)
)
def test_whoever_is_among_the_worst_goes_on_from_one_of_the_best(trials, epochs, capacity, seed):
    asked = drive(population(trials, epochs, seed=seed), by_rate, capacity, seed)
    losses = {(job.trial, job.stop): by_rate(job).objective for job in asked}
    trained = sum(job.stop - job.start for job in asked)
    assert trained == trials * epochs, "a member trains for all epochs, and no others"
    for job in asked:
        if job.parent is None or job.start != job.parent[1]:
            assert job.change is None
            continue
        assert job.change.author == "pbt"
        assert losses[job.parent] < losses[job.replaces, job.start]
        assert job.start == job.parent[1]
        assert job.start % 3 == 0


def test_with_as_many_workers_as_members_in_step_the_worst_quarter_exploits_the_best():
    scheduler = population(trials=16)
    first = scheduler.ask(16)
    for job in first:
        scheduler.tell(Report(job.trial, job.stop, float(job.trial)))
    second = scheduler.ask(16)
    assert [job.trial for job in second] == [*range(12), 16, 17, 18, 19]
    assert [job.replaces for job in second[12:]] == [12, 13, 14, 15]
    assert all(job.parent[0] in range(4) for job in second[12:])
    assert all(job.config != first[job.parent[0]].config for job in second[12:])
    assert all(job.change.before == first[job.parent[0]].config for job in second[12:])


def test_nobody_waits_for_a_slow_member():
    """Fifteen of sixteen train to their ends while one is still in its first job."""
    scheduler = population(trials=16)
    jobs = scheduler.ask(16)
    slow = jobs.pop(0)
    reached = set()
    while jobs:
        for job in jobs:
            scheduler.tell(by_rate(job))
            reached.add(job.stop)
        jobs = scheduler.ask(15)
    assert reached == {3, 6, 9, 12}
    assert not scheduler.finished
    scheduler.tell(by_rate(slow))
    assert [job.start for job in scheduler.ask(3)] == [3]


def test_members_are_compared_as_they_stood_at_the_same_epoch():
    """One that is behind is not worse for that."""
    scheduler = population(trials=4, epochs=6)
    jobs = scheduler.ask(4)
    late = jobs.pop()  # the best of all
    for job in jobs:
        scheduler.tell(Report(job.trial, 3, 5.0 + job.trial))
    ahead = scheduler.ask(3)
    assert [job.replaces for job in ahead] == [None, None, 2]
    for job in ahead:
        scheduler.tell(Report(job.trial, 6, 1.0))
    scheduler.tell(Report(late.trial, 3, 4.0))
    (job,) = scheduler.ask(1)
    assert (job.trial, job.start, job.parent) == (late.trial, 3, None)


def test_what_was_told_of_the_last_epochs_alone_counts():
    scheduler = population(trials=4, epochs=6)
    for job in scheduler.ask(4):
        scheduler.tell(Report(job.trial, 3, objective=float(job.trial), recent=-float(job.trial)))
    assert [job.replaces for job in scheduler.ask(4)] == [0, None, None, None]


def test_lost_members_are_replaced():
    asked = drive(population(trials=8), lost_where(lambda job: job.trial in (1, 5)), capacity=8)
    replacing = {job.replaces: job for job in asked if job.replaces is not None and job.change is not None}
    assert {1, 5} <= replacing.keys()
    assert "was lost" in replacing[1].change.reason
    ends = [job.stop for job in asked]
    assert ends.count(12) == 8


def test_a_member_that_is_lost_again_and_again_is_given_up():
    asked = drive(population(trials=4), lost_where(lambda job: job.trial >= 3), capacity=1)
    assert max(job.trial for job in asked) <= 3 + 4 * 4


def test_checkpoints_are_kept_while_somebody_may_go_on_from_them():
    """All that anybody goes on from was kept up to then."""
    scheduler = population(trials=9, epochs=18)
    rng, running, stored = np.random.default_rng(0), [], {}
    most = 0
    while not scheduler.finished:
        jobs = scheduler.ask(4 - len(running))
        for job in jobs:
            assert job.parent is None or job.start != job.parent[1] or job.parent in stored
        running += jobs
        job = running.pop(rng.integers(len(running)))
        scheduler.tell(lost_where(lambda job: job.trial % 5 == 4)(job))
        stored[job.trial, job.stop] = True
        kept = {(trial, epoch) for trial, _ in stored for epoch in scheduler.kept(trial)}
        stored = {at: True for at in stored if at in kept or at == (job.trial, job.stop)}
        most = max(most, len(stored))
    assert most <= 3 * 9
    assert not any(scheduler.kept(trial) for trial, _ in stored)


@settings(max_examples=40, deadline=None)
@given(done=st.integers(0, 60), seed=st.integers(0, 20), more=st.integers(0, 3))
def test_goes_on_from_observed_trials(done, seed, more):
    """Broken off after some jobs, and taken over with more members and epochs."""
    scheduler, seen, jobs = population(seed=seed), {}, []
    bad = lost_where(lambda job: job.trial % 6 == 5)
    for _ in range(done):
        if not (jobs := jobs or scheduler.ask(3)):
            break
        job = jobs.pop(0)
        report = bad(job)
        scheduler.tell(report)
        before = seen.get(job.trial)
        earlier = (*before.earlier, (before.epochs, before.objective)) if before else ()
        extra = {"parent": job.parent, "replaces": job.replaces}
        seen[job.trial] = Observation(
            job.trial,
            job.config,
            report.epochs,
            report.objective,
            report.outcome,
            earlier=earlier,
            **extra,
        )
    for job in jobs:
        before = seen.get(job.trial)
        known = (before.epochs, before.objective) if before else (job.start, None)
        seen[job.trial] = Observation(
            job.trial,
            job.config,
            *known,
            Outcome.RUNNING,
            job.stop,
            parent=job.parent,
            replaces=job.replaces,
        )
    fresh = population(trials=8 + more, epochs=12 + more, seed=seed)
    observed = [seen[trial] for trial in sorted(seen)]
    fresh.observe(observed, 1)
    for job in jobs:
        fresh.tell(by_rate(job))
    asked = drive(fresh, by_rate)
    new = {job.trial for job in asked if job.trial >= len(observed)}
    assert new == set(range(len(observed), len(observed) + len(new)))
    drawn = [each for each in observed if each.parent is None]
    assert len({job.trial for job in asked if job.trial in new and job.parent is None}) == 8 + more - len(
        drawn
    )
    ends = [job.stop for job in (*asked, *jobs)].count(12 + more)
    assert ends >= (8 if more else 8 - sum(each.epochs == 12 for each in observed))


def test_a_trial_outside_the_space_is_no_member():
    scheduler = build_scheduler("pbt", SPACE, trials=3, epochs=9, mode="min", seed=0)
    scheduler.observe([Observation(0, {"rate": 30.0}, 4, 0.1, Outcome.DONE)], 1)
    asked = drive(scheduler, by_rate)
    assert 0 not in {job.trial for job in asked}
    assert len({job.trial for job in asked if job.parent is None}) == 3


def test_the_name_says_when_members_are_ready():
    scheduler = build_scheduler("pbt:4", WIDE, trials=4, epochs=20, mode="max", seed=0)
    assert scheduler.ask(1)[0].stop == 4
    with pytest.raises(BadInput, match="does not say after how many epochs"):
        build_scheduler("pbt:often", WIDE, trials=4, epochs=20, mode="min", seed=0)
