"""Long shots: new trials that early epochs have no say in."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.schedulers import CoarseToFine, CoarseToFineSettings, rung_cost, rung_epochs
from sweeps.schedulers.coarse_to_fine.budget import Budget
from sweeps.schedulers.coarse_to_fine.long_shots import LongShots
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.schedulers.test_contract import drive, good

BOWL = Space({f"x{i}": {"uniform": [0, 1]} for i in range(3)})
RATE = Space({"rate": {"log": [1e-5, 1]}})
EPOCHS = 27
SHARE, AFTER = CoarseToFineSettings().long_shots, CoarseToFineSettings().long_shots_after


def height(job):
    return sum((value - 0.3) ** 2 for value in job.config.values())


def deceptive(job):
    """A bowl, upside down until the last epoch: what looks best before is worst there."""
    return Report(job.trial, job.stop, height(job) if job.stop == EPOCHS else 2 - height(job))


def straight(jobs):
    return [job for job in jobs if job.start < EPOCHS // 3 and job.stop == EPOCHS]


def best_found(seed, **changed):
    scheduler = CoarseToFine(
        BOWL, trials=150, epochs=EPOCHS, seed=seed, settings=CoarseToFineSettings(**changed)
    )
    jobs = drive(scheduler, deceptive, capacity=1)
    return min(deceptive(job).objective for job in jobs if job.stop == EPOCHS)


def test_where_all_configs_have_begun_those_that_wait_go_on():
    """None of a grid's configs is new; what early epochs hide is found by training it further."""
    grid = Space({"x": {"int": [1, 16]}, "y": {"int": [1, 16]}})

    def hidden(job):
        x, y = job.config["x"], job.config["y"]
        return Report(job.trial, job.stop, x + y if job.stop == EPOCHS else -x - y)

    jobs = drive(CoarseToFine(grid, trials=256, epochs=EPOCHS, seed=0), hidden, capacity=1)
    shots = straight(jobs)
    assert any(job.start > 0 for job in shots)
    assert min(job.config["x"] + job.config["y"] for job in shots) <= 4


def test_they_find_what_early_epochs_hide():
    assert best_found(0) < 0.3 * best_found(0, long_shots=0)


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_they_have_their_share_of_the_later_epochs(share):
    """Even where there are epochs for more than all trials, so that these are used up early."""
    settings = CoarseToFineSettings(promotion_share=share)
    early = AFTER * 150 * rung_cost(rung_epochs(EPOCHS, factor=3, count=4), share)
    jobs = drive(CoarseToFine(RATE, trials=150, epochs=EPOCHS, settings=settings), good, capacity=1)
    first = jobs.index(straight(jobs)[0])
    before = sum(job.stop - job.start for job in jobs[:first])
    assert early <= before <= early + 2 * EPOCHS
    most = SHARE * (sum(job.stop - job.start for job in jobs) - early)
    assert most - 2 * EPOCHS <= EPOCHS * len(straight(jobs)) <= most + EPOCHS


def test_a_sweep_may_go_without():
    settings = CoarseToFineSettings(long_shots=0)
    jobs = drive(CoarseToFine(RATE, trials=150, epochs=EPOCHS, settings=settings), good)
    assert not straight(jobs)


def test_a_sweep_has_no_more_trials_for_them():
    """Even where hardly any can go on, so that its last plan is for new ones alone."""
    scheduler = CoarseToFine(
        BOWL,
        trials=150,
        epochs=EPOCHS,
        settings=CoarseToFineSettings(promotion_share=1, long_shots=1, long_shots_after=0),
    )

    def short(job):
        assert job.trial < scheduler.trials
        ends = Outcome.ENDED if job.stop < EPOCHS and job.trial > 4 else Outcome.DONE
        return Report(job.trial, job.stop, sum(job.config.values()), ends)

    jobs = drive(scheduler, short, capacity=1)
    assert len(straight(jobs)) > 5
    assert {job.trial for job in jobs} == set(range(150))


def test_they_follow_a_range_that_grows():
    scheduler = CoarseToFine(RATE, trials=150, epochs=EPOCHS, seed=0, extend=lambda config: True)
    jobs = drive(
        scheduler, lambda job: Report(job.trial, job.stop, -math.log(job.config["rate"])), capacity=4
    )
    assert max(job.config["rate"] for job in straight(jobs)) > 1


@settings(max_examples=50, deadline=None)
@given(trials=st.integers(1, 1000), paid=st.integers(0, 20_000))
def test_where_there_is_one_rung_none_is_due(trials, paid):
    budget = Budget([EPOCHS], trials, promotion_share=0.4)
    budget.paid = paid
    assert not LongShots(BOWL, [EPOCHS], budget, CoarseToFineSettings()).due()


def test_those_taken_count():
    budget = Budget([3, 9, EPOCHS], 20, promotion_share=0.4)
    shots = LongShots(BOWL, [3, 9, EPOCHS], budget, CoarseToFineSettings())
    for unit in (0.2, 0.4, 0.9):
        shots.add_trial(np.full(3, unit))
    budget.paid = math.floor(AFTER * budget.total + EPOCHS / SHARE)  # of which one is theirs
    assert shots.due()
    rng = np.random.default_rng(0)
    for trial, level, loss in ((0, 2, 1.0), (1, 0, 0.5), (2, 2, 2.0)):
        shots.add_result(trial, level, loss)
    point = shots.take({1: 2}, rng)
    assert point.shape == (3,)
    assert ((point >= 0) & (point <= 1)).all()
    assert not shots.due()


@pytest.mark.parametrize("seed", range(2))
def test_trials_are_kept_for_them_before_any_has_been_to_the_end(seed):
    """Where early epochs tell all, many workers would begin all trials before one is trained to the end."""

    def tells_all(job):
        return Report(job.trial, job.stop, height(job) + 1 / job.stop)

    scheduler = CoarseToFine(BOWL, trials=64, epochs=EPOCHS, seed=seed)
    budget = 64 * rung_cost(rung_epochs(EPOCHS, factor=3, count=4), 0.4)
    jobs = drive(scheduler, tells_all, capacity=8)
    assert len(straight(jobs)) >= math.floor(SHARE * (1 - AFTER) * budget / EPOCHS)
