"""What the model makes of a sweep's results, and sweeps in which there is little to make of."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.schedulers import CoarseToFine, CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.surrogate_model import SurrogateModel
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.schedulers.test_contract import drive, equal

LINE = Space({"x": {"uniform": [0, 1]}})


def line(*units):
    return [np.array([unit]) for unit in units]


def model_of(points, rungs, memory):
    return SurrogateModel(LINE, rungs, CoarseToFineSettings(memory=memory), points)


def hear(model, results):
    for trial, rung, loss in results:
        model.add_result(int(trial), int(rung), loss)
    model.update()


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
    scheduler = CoarseToFine(Space(form), trials=30, epochs=9)
    jobs = drive(scheduler, objective)
    assert {job.trial for job in jobs} == set(range(scheduler.space.size))
    if objective is not mostly_infeasible:
        assert max(job.stop for job in jobs) == 9


def test_who_became_infeasible_later_is_no_elite():
    model = model_of(line(0.1, 0.5, 0.9), rungs=2, memory=8)
    hear(model, np.array([(0, 0, 3.0), (1, 0, 2.0), (2, 0, 1.0), (2, 1, math.inf)]))
    assert sorted(model.feasible()[:, 0]) == [0.1, 0.5]
    assert model.infeasible()[:, 0] == [0.9]
    assert 0.9 not in model.elites(3)


def test_where_all_became_infeasible_there_still_are_elites():
    model = model_of(line(0.1, 0.9), rungs=2, memory=8)
    hear(model, np.array([(0, 0, 3.0), (1, 0, math.inf), (0, 1, math.inf)]))
    assert model.elites(6)[:, 0] == [0.1]


def test_one_feasible_trial_among_the_infeasible_is_expected_to_be_best():
    model = model_of(line(0.1, 0.9, 0.95), rungs=1, memory=8)
    hear(model, np.array([(0, 0, 3.0), (1, 0, math.inf), (2, 0, math.inf)]))
    improvement = model.expected_improvement([], np.array([[0.2], [0.85]])).log_values()
    assert improvement[0] > improvement[1]


@pytest.mark.parametrize("count", [4, 5, 100])
def test_memory_keeps_the_best(count):
    points = line(*np.linspace(0, 1, count))
    model = model_of(points, rungs=1, memory=4)
    hear(model, np.array([(trial, 0, float(count - trial)) for trial in range(count)]))
    kept = model.feasible()
    assert len(kept) == 4
    assert {points[-1][0], points[-2][0]} <= set(kept[:, 0])


def test_only_equal_configs_are_known_however_far_the_range_is_bent():
    """Bent as far as it may be, an end of the range is flat: points there have next to no distance."""
    model = model_of(line(1e-3, 0.9), rungs=1, memory=8)
    model._process._theta[1] = model._process._covariance.high[1]  # the power of x
    model._refit_at = 3  # not now
    hear(model, np.array([(0, 0, 3.0), (1, 0, 1.0)]))
    near = np.array([2e-3])
    assert model.expected_improvement([], near[None]).nearest()[0] < 1e-6
    assert model.trials_at(near) == []
    assert model.trials_at(np.array([1e-3])) == [0]
    assert model.expected_improvement([], np.array([[2e-3], [1e-3]])).tried.tolist() == [False, True]


def test_what_was_tried_stays_so_once_it_is_forgotten():
    points = line(*np.linspace(0, 1, 100))
    model = model_of(points, rungs=1, memory=4)
    hear(model, np.array([(trial, 0, float(trial)) for trial in range(90)]))
    model.set_pending([95])
    tried = model.expected_improvement([], np.array(points)).tried
    assert np.flatnonzero(tried).tolist() == [*range(90), 95]


@given(units=st.lists(st.sampled_from([math.nan, 0.1, 0.5, 0.9]), max_size=12), batch=st.integers(1, 4))
def test_trials_at_a_point_are_those_with_its_config(units, batch):
    """However many trials come between two questions; those outside the space are like none."""
    model = model_of([], rungs=1, memory=8)
    for count, unit in enumerate(units, start=1):
        model.add_trial(np.array([unit]))
        if count % batch == 0:
            for asked in (0.1, 0.5, 0.9):
                found = model.trials_at(np.array([asked]))
                assert found == [trial for trial, other in enumerate(units[:count]) if other == asked]
