"""The record of trials: what was begun, how far each was trained, and how it stands."""

import math

import numpy as np
import pytest

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
