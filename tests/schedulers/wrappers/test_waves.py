"""Decisions in waves: the same whoever is first and however many there are."""

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.schedulers import OWN_NAMES, InWaves, build_scheduler
from tests.schedulers.test_contract import SPACE, drive, good, mixed


def waves(name, trials=40, wave=16):
    scheduler = build_scheduler(name, SPACE, trials=trials, epochs=27, mode="min", seed=1)
    return InWaves(scheduler, wave)


@pytest.mark.parametrize("name", OWN_NAMES)
@pytest.mark.parametrize("objective", [good, mixed])
@settings(max_examples=6)
@given(workers=st.sampled_from([1, 2, 3, 8, 64]), order=st.integers(0, 2**32 - 1))
def test_the_same_jobs_on_any_number_of_workers(name, objective, workers, order):
    one_by_one, rounds = with_one_worker(name, objective)
    many = waves(name)
    assert drive(many, objective, capacity=workers, seed=order) == one_by_one
    assert many.rounds == rounds


@functools.cache
def with_one_worker(name, objective):
    alone = waves(name)
    return drive(alone, objective, capacity=1), alone.rounds


def test_nothing_of_the_next_wave_before_the_last_of_this_one():
    scheduler = waves("random", trials=5, wave=3)
    first = scheduler.ask(10)
    assert [job.trial for job in first] == [0, 1, 2]
    for job in first[1:]:
        scheduler.tell(good(job))
        assert scheduler.ask(10) == []
    scheduler.tell(good(first[0]))
    assert [job.trial for job in scheduler.ask(1)] == [3]
    assert [job.trial for job in scheduler.ask(10)] == [4]
    assert not scheduler.finished


def test_without_waves_the_order_of_arrival_decides():
    """Else the law above would show nothing."""
    asked = [
        drive(build_scheduler("coarse_to_fine", SPACE, trials=40, epochs=27, mode="min", seed=1), good, 8, n)
        for n in range(3)
    ]
    assert asked[0] != asked[1] or asked[1] != asked[2]
