"""What coarse to fine makes of trials that it did not ask for."""

import math

import numpy as np
import pytest

from sweeps.schedulers import CoarseToFine, Observation, rung_cost, rung_epochs
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.schedulers.test_contract import drive
from tests.schedulers.test_observe import recorded

BOWL = Space({f"x{i}": {"uniform": [0, 1]} for i in range(3)})
RATE = Space({"rate": {"log": [1e-5, 1]}})
COST = rung_cost(rung_epochs(27, factor=3, count=4), 0.4)


def bowl(job):
    return Report(job.trial, job.stop, sum((x - 0.3) ** 2 for x in job.config.values()) + 1 / job.stop)


def epochs_of(jobs):
    return sum(job.stop - job.start for job in jobs)


def best(jobs):
    return min(bowl(job).objective for job in jobs)


def halves(trials, after, seed):
    """A sweep's jobs up to its first so many trials, and those of another that goes on from there."""
    whole = drive(CoarseToFine(BOWL, trials=trials, epochs=27, seed=seed), bowl, capacity=1)
    place = next(i for i, job in enumerate(whole) if job.trial == after)
    scheduler = CoarseToFine(BOWL, trials=trials, epochs=27, seed=seed)
    scheduler.observe(recorded(whole[:place], bowl), rounds=4)
    return whole, whole[:place], drive(scheduler, bowl, capacity=1), scheduler


def test_a_sweep_that_goes_on_pays_and_finds_what_the_unbroken_one_does():
    """On average over seeds: no more than a fifth of the epochs and a factor of two of the distance away."""
    ratios = []
    for seed in range(3):
        whole, before, after, _ = halves(40, 20, seed)
        assert 0.8 * epochs_of(whole) < epochs_of(before) + epochs_of(after) < 1.2 * epochs_of(whole)
        ratios.append(math.log((best(before + after) - 1 / 27) / (best(whole) - 1 / 27)))
    assert abs(np.mean(ratios)) < math.log(2) + 4 * np.std(ratios) / math.sqrt(3)


def test_its_model_uses_what_it_is_told():
    """Told 40 trials, it begins the next ones near the best of them and not as a first round would."""
    _, _, after, scheduler = halves(60, 40, seed=1)
    begun = np.array([list(job.config.values()) for job in after if job.trial >= 40])
    assert (abs(begun - 0.3).mean(axis=0) < 0.2).all(), "of the whole range it would be 0.29"
    first = scheduler.rounds[0]
    assert (first.index, {region.elites for region in first.regions}) == (4, {6})
    assert all(region.reason.endswith("; 40 trials were known before") for region in first.regions)


def test_its_first_round_counts_what_it_is_told():
    scheduler = CoarseToFine(BOWL, trials=60, epochs=27, seed=2)
    seen = [
        Observation(i, BOWL.config(np.full(3, 0.1 * i)), 1, 0.5 - 0.1 * i, Outcome.DONE) for i in range(1, 6)
    ]
    seen = [Observation(0, BOWL.config(np.zeros(3)), 1, 0.5, Outcome.INFEASIBLE), *seen]
    scheduler.observe(seen, rounds=1)
    jobs = drive(scheduler, bowl, capacity=1)
    assert [job.round for job in jobs if job.trial >= 6][:11] == [1] * 10 + [2]
    assert "the first round; 6 trials were known before" in scheduler.rounds[0].regions[0].reason


def test_epochs_already_trained_count_as_paid():
    seen = [Observation(i, BOWL.config(np.full(3, i / 40)), 9, 1 - i / 40, Outcome.DONE) for i in range(40)]
    scheduler = CoarseToFine(BOWL, trials=80, epochs=27)
    scheduler.observe(seen)
    jobs = drive(scheduler, bowl, capacity=1)
    assert 40 * 9 + epochs_of(jobs) == pytest.approx(80 * COST + 40 * max(9 - COST, 0), abs=2 * 27)


def test_after_full_trainings_those_to_come_have_their_share():
    """A search that goes over from random draws, all trained to the end, has paid many times what it may."""
    seen = [Observation(i, BOWL.config(np.full(3, i / 40)), 27, 1 - i / 40, Outcome.DONE) for i in range(40)]
    scheduler = CoarseToFine(BOWL, trials=80, epochs=27)
    scheduler.observe(seen)
    jobs = drive(scheduler, bowl, capacity=1)
    assert epochs_of(jobs) == pytest.approx(40 * COST, abs=2 * 27)
    assert any(job.stop == 27 for job in jobs)


@pytest.mark.parametrize(("trained", "start", "stop"), [(9, 9, 27), (4, 4, 9), (1, 1, 3), (2, 2, 3)])
def test_a_paused_trial_goes_on_to_the_first_rung_above(trained, start, stop):
    """Rungs lie at 3, 9, 27 and 81 epochs, and lay elsewhere when it was paused."""
    scheduler = CoarseToFine(RATE, trials=1, epochs=81)
    scheduler.observe([Observation(0, {"rate": 1e-3}, trained, 0.5, Outcome.DONE)])
    (job,) = scheduler.ask(1)
    assert (job.trial, job.start, job.stop) == (0, start, stop)


def test_one_that_has_all_its_epochs_is_completed():
    scheduler = CoarseToFine(RATE, trials=1, epochs=9)
    scheduler.observe([Observation(0, {"rate": 1e-3}, 27, 0.5, Outcome.DONE)])
    assert scheduler.finished


def test_what_lies_outside_says_nothing_of_the_space():
    """The best by far, beyond an end that the user has pulled in since: nobody leans on that end."""

    def objective(job):
        return Report(job.trial, job.stop, abs(math.log10(job.config["rate"]) + 3))

    def jobs(outside):
        scheduler = CoarseToFine(RATE, trials=60, epochs=1, seed=3)
        scheduler.observe([Observation(i, {"rate": 10.0 + i}, 1, -9.0, Outcome.DONE) for i in range(outside)])
        found = drive(scheduler, objective, capacity=1)
        assert all("edge" not in region.reason for r in scheduler.rounds for region in r.regions)
        return found

    few = jobs(20)
    assert {job.trial for job in few} == set(range(20, 60))
    assert all(1e-5 <= job.config["rate"] <= 1 for job in few)
    assert min(objective(job).objective for job in few) < 0.05


def test_ranges_that_had_grown_grow_again_to_hold_what_was_tried_there():
    def better_above(job):
        return Report(job.trial, 1, -math.log10(job.config["rate"]))

    def new():
        return CoarseToFine(RATE, trials=64, epochs=1, extend=lambda config: config["rate"] < 50)

    whole = drive(new(), better_above, capacity=1)
    assert max(job.config["rate"] for job in whole) > 1
    scheduler = new()
    scheduler.observe(recorded(whole[:48], better_above))
    high = scheduler.space.distributions["rate"].high
    assert max(job.config["rate"] for job in whole[:48]) <= high < 50
    assert max(job.config["rate"] for job in drive(scheduler, better_above, capacity=1)) > 1
    fixed = CoarseToFine(RATE, trials=64, epochs=1)
    fixed.observe(recorded(whole[:48], better_above))
    assert fixed.space is RATE
