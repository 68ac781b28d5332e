"""What limits a sweep, by where the loop's time goes."""

import pytest

from sweeps.sweep.bottleneck import Bottleneck


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def look(clock):
    return Bottleneck(clock)


def spend(look, clock, steps, deciding=0.0, writing=0.0, waiting=0.0, idle=0.0):
    for _ in range(steps):
        with look.during("deciding"):
            clock.now += deciding
        with look.during("writing"):
            clock.now += writing
        with look.waiting(idle):
            clock.now += waiting


def test_busy_workers_are_no_news(look, clock):
    spend(look, clock, 100, deciding=0.05, waiting=0.1)
    assert look.text == ""


def test_a_process_that_decides_all_the_time_is_the_limit(look, clock):
    spend(look, clock, 100, deciding=0.08, writing=0.015, waiting=0.005)
    assert look.text == "this process is the limit: 80 % of its time goes into deciding"


def test_writing_may_be_what_it_does(look, clock):
    spend(look, clock, 200, deciding=0.01, writing=0.09)
    assert look.text.endswith("goes into writing")


def test_workers_that_wait_for_the_search_are_said(look, clock):
    spend(look, clock, 200, deciding=0.001, waiting=0.1, idle=0.5)
    assert look.text == "50 % of the workers idle: the search waits for trials in training"


def test_nothing_is_said_in_the_first_seconds(look, clock):
    spend(look, clock, 50, deciding=0.1)
    assert look.text == ""


def test_what_is_long_over_is_forgotten(look, clock):
    spend(look, clock, 200, deciding=0.1)
    spend(look, clock, 500, waiting=0.1)
    assert look.text == ""
