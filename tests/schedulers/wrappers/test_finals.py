"""The finals: which configs are trained again, and that the search goes on as if there were none."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.schedulers import OWN_NAMES, Asha, Finals, InWaves, Scheduler
from sweeps.schedulers.wrappers.finals import fresh_seeds
from sweeps.space import Space
from sweeps.trial import Job, Outcome, Report
from tests.schedulers.test_contract import (
    EVERY,
    build,
    drive,
    equal,
    failed,
    good,
    infeasible,
    mixed,
    not_a_number,
)


def finals(scheduler, top=3, seeds=3, epochs=27, mode="min", seed=0):
    return Finals(scheduler, top=top, seeds=seeds, epochs=epochs, mode=mode, seed=seed)


def split(jobs):
    """The search's jobs and the repeats, which must come after all of them."""
    repeats = [job for job in jobs if job.repeats is not None]
    assert repeats == jobs[len(jobs) - len(repeats) :]
    return jobs[: len(jobs) - len(repeats)], repeats


@EVERY
@pytest.mark.parametrize("objective", [good, infeasible, failed, not_a_number, equal, mixed])
@pytest.mark.parametrize("trials", [1, 2, 24])
def test_the_search_is_as_without_and_repeats_follow(name, objective, trials):
    alone = drive(build(name, trials=trials, seed=1), objective)
    inner = build(name, trials=trials, seed=1)
    scheduler = finals(inner)
    assert isinstance(scheduler, Scheduler)
    search, repeats = split(drive(scheduler, objective))
    assert search == alone
    assert scheduler.rounds == inner.rounds
    assert scheduler.repeats == len(repeats)
    begun = len({job.trial for job in search})
    assert [job.trial for job in repeats] == list(range(begun, begun + len(repeats)))
    assert all((job.start, job.stop) == (0, 27) for job in repeats)
    if objective in (good, equal):
        assert len(repeats) == 3 * min(3, inner.trials)
    if objective in (infeasible, failed, not_a_number):
        assert not repeats


@pytest.mark.parametrize("name", OWN_NAMES)
@pytest.mark.parametrize("top", [1, 4])
def test_finalists_are_the_best_trials_that_neither_diverged_nor_failed(name, top):
    search, repeats = split(drive(finals(build(name, trials=40), top=top), mixed))
    last, configs = {}, {job.trial: job.config for job in search}
    for job in search:
        report = mixed(job)
        if report.outcome in (Outcome.DONE, Outcome.ENDED):
            last[job.trial] = min(report.objective, last.get(job.trial, report.objective))
    assert [job.repeats for job in repeats[:top]] == sorted(last, key=lambda trial: (last[trial], trial))[
        :top
    ]
    assert all(job.config == configs[job.repeats] for job in repeats)


def test_all_finalists_share_the_same_fresh_seeds():
    search, repeats = split(drive(finals(build("random", trials=9), top=2, seeds=3), good))
    seeds_of = {}
    for job in repeats:
        seeds_of.setdefault(job.repeats, []).append(job.seed)
    first, second = seeds_of.values()
    assert first == second
    assert len({*first, search[0].seed}) == 4


def test_equal_configs_count_once_and_the_better_trial_stands_for_both():
    space = Space({"kind": {"choice": ["a", "b"]}})
    scheduler = finals(build("random", space, trials=8, epochs=3), epochs=3)
    jobs = scheduler.ask(8)
    assert {job.config["kind"] for job in jobs} == {"a", "b"}
    for job in jobs:
        scheduler.tell(Report(job.trial, 3, -float(job.trial)))
    repeats = scheduler.ask(100)
    assert len(repeats) == 2 * 3
    best = {kind: max(job.trial for job in jobs if job.config["kind"] == kind) for kind in "ab"}
    assert {job.repeats for job in repeats} == set(best.values())


def test_one_that_diverges_as_it_climbs_is_no_finalist():
    class Climbs:
        """Trial 0 is best after one epoch; then it goes on."""

        def __init__(self):
            self.jobs = [Job(0, {"x": 0.0}, 1), Job(1, {"x": 1.0}, 1), Job(0, {"x": 0.0}, 9, start=1)]
            self.owed, self.rounds = 0, ()

        def ask(self, capacity):
            jobs = [self.jobs.pop(0) for _ in range(min(capacity, len(self.jobs), 1))]
            self.owed += len(jobs)
            return jobs

        def tell(self, report):
            self.owed -= 1

        finished = property(lambda self: not self.jobs and not self.owed)

    def objective(job):
        return infeasible(job) if job.start else Report(job.trial, 1, job.config["x"])

    _, repeats = split(drive(finals(Climbs(), top=1), objective, capacity=1))
    assert {job.repeats for job in repeats} == {1}


@pytest.mark.parametrize(("last", "finalist"), [(9.0, 1), (None, 0), (0.5, 0), (float("nan"), 1)])
def test_a_finalist_is_chosen_by_its_objective_as_it_was_told_last(last, finalist):
    scheduler = finals(Asha(Space({"x": {"uniform": [0, 1]}}), trials=4, epochs=4), top=1, epochs=4)
    first = scheduler.ask(4)
    for job in first:
        scheduler.tell(Report(job.trial, job.stop, float(1 + job.trial)))
    (again,) = scheduler.ask(4)
    assert again.trial == 0
    scheduler.tell(Report(0, again.stop, last))
    jobs = scheduler.ask(9)
    while jobs[0].repeats is None:  # where the first one failed, another is trained to the end
        for job in jobs:
            scheduler.tell(Report(job.trial, job.stop, float(1 + job.trial)))
        jobs = scheduler.ask(9)
    assert {job.repeats for job in jobs} == {finalist}


def test_more_is_better_in_max_mode():
    scheduler = finals(build("random", trials=6), top=1, mode="max")
    for job in scheduler.ask(6):
        scheduler.tell(Report(job.trial, 27, float(job.trial)))
    assert {job.repeats for job in scheduler.ask(9)} == {5}


def test_off_means_off():
    plain, off = build("coarse_to_fine", trials=20), finals(build("coarse_to_fine", trials=20), top=0)
    assert drive(off, good) == drive(plain, good)
    assert off.repeats == 0


def test_what_becomes_of_a_repeat_changes_nothing():
    for end in (good, infeasible, failed):
        scheduler = finals(build("random", trials=5))
        for job in scheduler.ask(5):
            scheduler.tell(good(job))
        repeats = scheduler.ask(100)
        assert len(repeats) == 9
        assert scheduler.ask(100) == []
        assert not scheduler.finished
        for job in repeats:
            scheduler.tell(end(job))
        assert scheduler.finished


@pytest.mark.parametrize("name", OWN_NAMES)
@settings(max_examples=10)
@given(workers=st.sampled_from([1, 2, 3, 8, 64]), order=st.integers(0, 2**32 - 1))
def test_the_same_repeats_on_any_number_of_workers(name, workers, order):
    alone, many = (finals(InWaves(build(name, trials=30))) for _ in range(2))
    assert drive(many, mixed, capacity=workers, seed=order) == drive(alone, mixed, capacity=1)


@EVERY
def test_replays_exactly(name):
    runs = [drive(finals(build(name, trials=20, seed=3), seed=3), mixed, capacity=5) for _ in range(2)]
    assert runs[0] == runs[1]


@given(seed=st.integers(0, 2**63 - 1), count=st.integers(1, 50))
def test_fresh_seeds_are_fresh(seed, count):
    seeds = fresh_seeds(seed, count)
    assert len({*seeds, seed}) == count + 1
    assert all(0 <= fresh < 2**31 for fresh in seeds)
    assert fresh_seeds(seed, count + 1)[:count] == seeds
    assert fresh_seeds(seeds[0], count) != seeds


def test_a_repeat_is_its_finalists_job_but_for_number_and_seed():
    search, repeats = split(drive(finals(build("random", trials=1)), good))
    for number, job in enumerate(repeats, start=1):
        assert job == replace(search[0], trial=number, seed=job.seed, repeats=0)


@EVERY
@pytest.mark.parametrize("told", [0, 1, 5, 12])
def test_a_search_that_is_ended_owes_what_it_has_asked_for_and_then_the_finals_begin(name, told):
    scheduler = finals(build(name, trials=24), top=2, seeds=3)
    running, trials = [], 0
    for _ in range(told):
        running += scheduler.ask(4 - len(running))
        scheduler.tell(good(running.pop(0)))
    assert scheduler.searching
    scheduler.end_search()
    assert not scheduler.searching
    while running:
        assert scheduler.ask(4) == []
        assert not scheduler.finished
        scheduler.tell(replace(good(job := running.pop()), outcome=Outcome.ENDED))
        trials = max(trials, job.trial)
    repeats = scheduler.ask(100)
    assert all(job.repeats is not None and job.trial > trials for job in repeats)
    assert len(repeats) == scheduler.repeats
    assert bool(repeats) == bool(told)
    for job in repeats:
        scheduler.tell(good(job))
    assert scheduler.finished


def test_finals_that_are_ended_owe_what_they_have_asked_for():
    scheduler = finals(build("random", trials=5))
    for job in scheduler.ask(5):
        scheduler.tell(good(job))
    first = scheduler.ask(2)
    scheduler.end()
    assert scheduler.ask(100) == []
    assert (scheduler.finished, scheduler.repeats) == (False, 2)
    for job in first:
        scheduler.tell(good(job))
    assert scheduler.finished


def test_a_search_that_is_ended_with_its_finals_has_none():
    scheduler = finals(build("random", trials=5))
    jobs = scheduler.ask(3)
    scheduler.end()
    for job in jobs:
        scheduler.tell(good(job))
    assert scheduler.ask(100) == []
    assert (scheduler.finished, scheduler.repeats) == (True, 0)


def test_some_are_always_trained_again():
    jobs = drive(
        Finals(build("random", trials=12), top=1, seeds=3, epochs=27, mode="min", seed=0, always=(5,)), good
    )
    _, repeats = split(jobs)
    best = split(drive(finals(build("random", trials=12), top=1), good))[1][0].repeats
    assert best != 5
    assert [job.repeats for job in repeats] == [5, best] * 3
    alone = drive(
        Finals(build("random", trials=12), top=1, seeds=3, epochs=27, mode="min", seed=0, always=(best,)),
        good,
    )
    assert len({job.repeats for job in split(alone)[1]}) == 2, "the best beside it"


def test_repeats_of_a_race_inside_are_counted():
    class Race:
        finished, rounds = False, ()

        def ask(self, capacity):
            return [Job(0, {"rate": 0.1}, 27), Job(1, {"rate": 0.1}, 27, seed=7, repeats=0)]

        def tell(self, report):
            raise AssertionError

    scheduler = finals(Race(), top=0)
    assert scheduler.repeats == 0
    scheduler.ask(2)
    assert scheduler.repeats == 1
