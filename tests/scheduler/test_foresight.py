"""What the model makes of a sweep's results, and sweeps in which there is little to make of."""

import math

import numpy as np
import pytest

from sweeps.scheduler import CoarseToFine
from sweeps.scheduler.foresight import Foresight
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.scheduler.test_contract import drive, equal

LINE = Space({"x": {"uniform": [0, 1]}})


def line(*units):
    return [np.array([unit]) for unit in units]


def rising(job):
    return Report(job.trial, job.stop, float(job.trial))


def mostly_infeasible(job):
    if job.trial != 3:
        return Report(job.trial, job.stop, None, Outcome.INFEASIBLE)
    return Report(job.trial, job.stop, 1.0)


@pytest.mark.parametrize("form", [{"x": {"choice": ["only"]}}, {"x": 1, "y": "z"}, {"x": {"int": [1, 2]}}])
@pytest.mark.parametrize("objective", [equal, rising, mostly_infeasible])
def test_long_sweeps_of_next_to_nothing_end(form, objective):
    """Longer than the first round: the model has its say, with no feature or two values to go by."""
    space = Space(form)
    jobs = drive(CoarseToFine(space, trials=30, epochs=9), objective)
    assert {job.trial for job in jobs} == set(range(min(30, space.size)))
    assert objective is mostly_infeasible or max(job.stop for job in jobs) == 9


def test_who_became_infeasible_later_is_no_elite():
    foresight = Foresight(LINE, rungs=2, memory=8, points=line(0.1, 0.5, 0.9))
    foresight.hear(np.array([(0, 0, 3.0), (1, 0, 2.0), (2, 0, 1.0), (2, 1, math.inf)]))
    assert sorted(foresight.feasible()[:, 0]) == [0.1, 0.5]
    assert foresight.infeasible()[:, 0] == [0.9]
    assert 0.9 not in foresight.elites(3)


def test_where_all_became_infeasible_there_still_are_elites():
    foresight = Foresight(LINE, rungs=2, memory=8, points=line(0.1, 0.9))
    foresight.hear(np.array([(0, 0, 3.0), (1, 0, math.inf), (0, 1, math.inf)]))
    assert foresight.elites(6)[:, 0] == [0.1]


def test_one_feasible_trial_among_the_infeasible_is_foreseen_best():
    foresight = Foresight(LINE, rungs=1, memory=8, points=line(0.1, 0.9, 0.95))
    foresight.hear(np.array([(0, 0, 3.0), (1, 0, math.inf), (2, 0, math.inf)]))
    promise = foresight.outlook([], np.array([[0.2], [0.85]])).promise()
    assert promise[0] > promise[1]


@pytest.mark.parametrize("count", [4, 5, 100])
def test_memory_keeps_the_best(count):
    points = line(*np.linspace(0, 1, count))
    foresight = Foresight(LINE, rungs=1, memory=4, points=points)
    foresight.hear(np.array([(trial, 0, float(count - trial)) for trial in range(count)]))
    kept = foresight.feasible()
    assert len(kept) == 4
    assert {points[-1][0], points[-2][0]} <= set(kept[:, 0])


def test_only_equal_configs_are_known_however_far_the_range_is_bent():
    """Bent as far as it may be, an end of the range is flat: points there have next to no distance."""
    foresight = Foresight(LINE, rungs=1, memory=8, points=line(1e-3, 0.9))
    foresight._process._theta[1] = foresight._process._covariance.high[1]  # the power of x
    foresight._learn_at = 3  # not now
    foresight.hear(np.array([(0, 0, 3.0), (1, 0, 1.0)]))
    near = np.array([2e-3])
    assert foresight.outlook([], near[None]).known()[0] < 1e-6
    assert foresight.trials_at(near) == []
    assert foresight.trials_at(np.array([1e-3])) == [0]
    assert foresight.outlook([], np.array([[2e-3], [1e-3]])).tried.tolist() == [False, True]


def test_what_was_tried_stays_so_once_it_is_forgotten():
    points = line(*np.linspace(0, 1, 100))
    foresight = Foresight(LINE, rungs=1, memory=4, points=points)
    foresight.hear(np.array([(trial, 0, float(trial)) for trial in range(90)]))
    foresight.expect([95])
    tried = foresight.outlook([], np.array(points)).tried
    assert np.flatnonzero(tried).tolist() == [*range(90), 95]
