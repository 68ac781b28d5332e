"""The record of trials: what was begun, how far each was trained, and how it stands."""

import math
from dataclasses import replace
from enum import Enum

import numpy as np
import pytest

from sweeps.schedulers import Observation
from sweeps.schedulers.record import INFEASIBLE, Arrival, TrialRecord
from sweeps.space import Space
from sweeps.trial import Job, Outcome, Report

LINE = Space({"x": {"uniform": [0, 1]}})


def record(trials=4, mode="min", space=LINE):
    return TrialRecord(space, (1, 3, 9), trials=trials, mode=mode, seed=5)


def begun(**options):
    found = record(**options)
    found.begin(LINE, np.array([0.25]), round_=2)
    return found


def test_a_trial_goes_from_rung_to_rung():
    trials = record()
    assert trials.begin(LINE, np.array([0.25]), round_=2) == Job(0, {"x": 0.25}, 1, 0, 2, 5)
    assert (len(trials), trials.to_begin, trials.running) == (1, 3, {0: 0})
    assert trials.take(Report(0, 1, 0.5)) == Arrival(0, 0, 0.5, ended=False)
    assert (trials.reached(0), trials.running, trials.losses) == (1, {}, [0.5])
    assert trials.go_on(0, 2) == Job(0, {"x": 0.25}, 9, 1, 2, 5)
    assert trials.running == {0: 2}


@pytest.mark.parametrize(
    ("report", "loss", "ended"),
    [
        (Report(0, 1, 0.5, Outcome.ENDED), 0.5, True),
        (Report(0, 1, 0.5, Outcome.INFEASIBLE), INFEASIBLE, True),
        (Report(0, 0, None, Outcome.FAILED), INFEASIBLE, True),
        (Report(0, 1, math.nan), INFEASIBLE, True),
        (Report(0, 1, -math.inf), INFEASIBLE, True),
        (Report(0, 1, None), INFEASIBLE, True),
    ],
)
def test_how_a_trial_stands(report, loss, ended):
    assert begun().take(report) == Arrival(0, 0, loss, ended)


def test_what_is_told_last_counts_and_nothing_leaves_it():
    trials = begun()
    for told, loss in ((0.5, 0.5), (0.7, 0.7), (None, 0.7), (0.1, 0.1)):
        assert trials.take(Report(0, 1, told)).loss == loss
        trials.go_on(0, 1)


def test_of_a_larger_objective_the_loss_is_less():
    assert begun(mode="max").take(Report(0, 1, 0.5)).loss == -0.5


def test_a_stopped_job_says_nothing():
    trials = begun()
    assert trials.take(Report(0, 1, 0.5, Outcome.STOPPED)) is None
    assert (trials.running, trials.losses, trials.reached(0)) == ({}, [INFEASIBLE], 0)


def test_a_config_stays_as_the_space_grows():
    trials = begun()
    wider = LINE.grown("x", "high")
    trials.untried.grow(wider)
    trials.begin(wider, np.array([1.0]), round_=3)
    assert [trials.config(trial) for trial in (0, 1)] == [{"x": 0.25}, {"x": 1.5}]


def test_there_are_no_more_trials_than_configs():
    space = Space({"x": {"int": [1, 2]}})
    trials = record(space=space)
    assert trials.to_begin == 2
    for unit in (0.1, 0.9):
        assert not trials.exhausted
        trials.begin(space, np.array([unit]), round_=0)
    assert trials.exhausted
    assert trials.to_begin == 0


def test_a_trial_that_was_trained_past_its_rung_stands_at_the_last_one_it_has_passed():
    trials = begun()
    assert trials.take(Report(0, 5, 0.5)).level == 1
    assert trials.go_on(0, 2) == Job(0, {"x": 0.25}, 9, 5, 2, 5)


def seen(epochs, outcome=Outcome.DONE, objective=0.5, **more):
    return Observation(0, {"x": 0.25}, epochs, objective, outcome, **more)


@pytest.mark.parametrize(
    ("observed", "arrivals"),
    [
        (seen(1), [Arrival(0, 0, 0.5, ended=False)]),
        (seen(5), [Arrival(0, 1, 0.5, ended=False)]),
        (seen(12), [Arrival(0, 2, 0.5, ended=False)]),
        (seen(3, earlier=[(1, 0.7)]), [Arrival(0, 0, 0.7, ended=False), Arrival(0, 1, 0.5, ended=False)]),
        (seen(4, earlier=[(2, None), (3, 0.9)]), [Arrival(0, 1, 0.5, ended=False)]),
        (seen(3, objective=None), [Arrival(0, 1, INFEASIBLE, ended=True)]),
        (seen(5, Outcome.ENDED), [Arrival(0, 2, 0.5, ended=True)]),
        (seen(0, Outcome.ENDED), [Arrival(0, 0, 0.5, ended=True)]),
        (seen(0, Outcome.FAILED), [Arrival(0, 0, INFEASIBLE, ended=True)]),
        (
            seen(5, Outcome.INFEASIBLE, earlier=[(3, 0.7)]),
            [Arrival(0, 1, 0.7, ended=False), Arrival(0, 2, INFEASIBLE, ended=True)],
        ),
        (seen(3, Outcome.STOPPED), [Arrival(0, 1, 0.5, ended=True)]),
        (seen(3, Outcome.STOPPED, objective=None), []),
        (seen(3, Outcome.RUNNING, stop=9), [Arrival(0, 1, 0.5, ended=True)]),
        (seen(3, Outcome.RUNNING, stop=4), []),
        (seen(0, Outcome.RUNNING, objective=None, stop=9), []),
        (seen(0), []),
    ],
)
def test_where_an_observed_trial_stands(observed, arrivals):
    """The rungs lie at 1, 3 and 9 epochs."""
    assert record().observe(observed) == arrivals


def test_what_waits_below_the_lowest_rung_is_to_be_trained_to_it():
    trials = TrialRecord(LINE, (4, 9), trials=4, seed=5)
    for trial, each in enumerate(
        [seen(2), seen(0), seen(1, Outcome.RUNNING, stop=3), seen(0, Outcome.FAILED)]
    ):
        trials.observe(replace(each, trial=trial))
    assert list(trials.waiting) == [0, 1]
    assert trials.take(Report(2, 3, 0.4)) is None
    assert list(trials.waiting) == [0, 1, 2]
    assert trials.go_on(2, 0) == Job(2, {"x": 0.25}, 4, 3, 0, 5)
    assert trials.take(Report(2, 4, 0.3)) == Arrival(2, 0, 0.3, ended=False)


def test_an_observed_trial_keeps_its_seed_its_round_and_what_its_config_means():
    kind = Enum("Kind", {"RELU": "relu", "TANH": "tanh"})
    space = Space({"kind": {"choice": list(kind)}, "x": {"uniform": [0, 1]}})
    trials = record(space=space)
    trials.observe(Observation(0, {"x": 1, "kind": "relu"}, 1, 0.5, Outcome.DONE, round=3, seed=9))
    job = trials.go_on(0, 1)
    assert (job.round, job.seed, job.start) == (3, 9, 1)
    assert job.config == {"kind": kind.RELU, "x": 1.0}
    assert list(job.config) == ["kind", "x"]


def test_an_observed_trial_outside_the_space_is_counted_and_never_goes_on():
    trials = record()
    for outcome in (Outcome.DONE, Outcome.ENDED, Outcome.RUNNING):
        there = Observation(len(trials), {"x": 2.0}, 1, 0.5, outcome, stop=3)
        assert trials.observe(there) == []
    assert (len(trials), trials.inside, trials.to_begin, trials.pending) == (3, 0, 1, {})
    assert trials.running == {2: 1}
    assert trials.take(Report(2, 3, 0.4)) is None
    assert not trials.waiting


def test_where_a_range_grows_a_config_that_others_tried_beyond_its_end_counts():
    space = Space({"x": {"int": [1, 2]}})
    trials = record(trials=9, space=space)
    trials.observe(Observation(0, {"x": 3}, 1, 0.5, Outcome.DONE))
    assert trials.to_begin == 2
    trials.untried.grow(Space({"x": {"int": [1, 4]}}))
    assert trials.to_begin == 3
