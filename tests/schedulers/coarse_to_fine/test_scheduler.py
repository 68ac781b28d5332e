"""What coarse to fine is for."""

import math

import numpy as np
import pytest

from sweeps.schedulers import CoarseToFine, CoarseToFineSettings, rung_cost, rung_epochs
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.schedulers.test_contract import SPACE, drive, good

ONE = Space({"rate": {"log": [1e-5, 1]}})


def test_regions_close_in_on_the_best():
    scheduler = CoarseToFine(ONE, trials=64, epochs=27, seed=0)
    drive(scheduler, good)
    first, last = (scheduler.rounds[i].regions[0] for i in (0, -1))
    assert (first.low, first.high) == (1e-5, 1)
    assert last.low < 1e-3 < last.high
    assert math.log(last.high / last.low) < 0.5 * math.log(first.high / first.low)


def test_max_mode_mirrors_min_mode():
    def flipped(job):
        report = good(job)
        return Report(report.trial, report.epochs, -report.objective)

    low = drive(CoarseToFine(SPACE, trials=40, epochs=9, mode="min"), good)
    high = drive(CoarseToFine(SPACE, trials=40, epochs=9, mode="max"), flipped)
    assert low == high


def higher_is_better(job):
    return Report(job.trial, job.stop, -np.log10(job.config["rate"]))


@pytest.mark.parametrize("seed", range(3))
def test_infeasible_trials_are_never_elites(seed):
    """The better part of the range, two decades of five, diverges: the region must stay out of it."""

    def cliff(job):
        rate = job.config["rate"]
        if rate > 1e-2:
            return Report(job.trial, job.stop, -1e9, Outcome.INFEASIBLE)
        return Report(job.trial, job.stop, -rate)

    settings = CoarseToFineSettings(global_share=0)
    scheduler = CoarseToFine(ONE, trials=64, epochs=1, seed=seed, settings=settings)
    jobs = drive(scheduler, cliff, capacity=1)
    last = scheduler.rounds[-1].regions[0]
    assert last.high < 3e-2
    assert sum(job.config["rate"] > 1e-2 for job in jobs[16:]) < 0.3 * 48


def test_an_edge_that_the_elites_lean_on_is_named():
    scheduler = CoarseToFine(ONE, trials=64, epochs=1, seed=0)
    drive(scheduler, higher_is_better, capacity=1)
    last = scheduler.rounds[-1].regions[0]
    assert last.high == 1
    assert "upper end 1: 6 of 6 elites within 5 % of the edge" in last.reason


def test_a_range_grows_where_the_elites_lean_on_its_end():
    scheduler = CoarseToFine(ONE, trials=64, epochs=1, seed=0, extend=lambda config: config["rate"] < 50)
    jobs = drive(scheduler, higher_is_better, capacity=1)
    assert 1 < max(job.config["rate"] for job in jobs) < 50
    assert any("upper end 1 → " in round_.regions[0].reason for round_ in scheduler.rounds)


def test_what_was_drawn_before_a_range_grew_goes_on_as_it_was():
    scheduler = CoarseToFine(ONE, trials=64, epochs=27, seed=0, extend=lambda config: True)
    configs = {}
    for job in drive(scheduler, higher_is_better, capacity=4):
        assert configs.setdefault(job.trial, job.config) == job.config
    assert scheduler.space.distributions["rate"].high > 1


def test_a_new_config_is_not_like_one_that_was_seen():
    """Sobol points of the whole space may fall anywhere; what the model asks for keeps a distance."""
    space = Space({"x": {"uniform": [0, 1]}, "n": {"int": [1, 40]}, "kind": {"choice": ["a", "b"]}})
    settings = CoarseToFineSettings(global_share=0)
    scheduler = CoarseToFine(space, trials=60, epochs=1, seed=3, settings=settings)
    jobs = drive(
        scheduler,
        lambda job: Report(job.trial, 1, (job.config["x"] - 0.3) ** 2 + abs(job.config["n"] - 20) / 40),
        capacity=2,
    )
    assert len({tuple(job.config.values()) for job in jobs}) == 60


@pytest.mark.parametrize(
    ("trials", "capacity", "epochs"), [(12, 1, 9), (24, 8, 9), (42, 1, 9), (300, 8, 9), (60, 1, 1)]
)
def test_no_config_is_tried_twice_while_there_are_others(trials, capacity, epochs):
    """The space has 6 · 2 + 6 · 5 configs; so many trials of 300 that the model forgets some."""
    size = {"int": [1, 5], "when": {"kind": "c"}}
    space = Space({"n": {"int": [1, 6]}, "kind": {"choice": ["a", "b", "c"]}, "size": size})
    scheduler = CoarseToFine(space, trials=trials, epochs=epochs, seed=0)
    jobs = drive(
        scheduler, lambda job: Report(job.trial, job.stop, job.config["n"] + 1 / job.stop), capacity=capacity
    )
    begun = {job.trial: tuple(job.config.values()) for job in jobs}
    assert len(set(begun.values())) == min(trials, 42)


@pytest.mark.parametrize("form", [{"log_int": [16, 2048]}, {"int": [0, 2000]}, {"int": [0, 2**63 - 1]}])
def test_nor_a_whole_number_of_many(form):
    scheduler = CoarseToFine(Space({"n": form}), trials=40, epochs=9, seed=0)
    jobs = drive(
        scheduler, lambda job: Report(job.trial, job.stop, abs(job.config["n"] - 3) / 100), capacity=1
    )
    begun = {job.trial: job.config["n"] for job in jobs}
    assert len(set(begun.values())) == 40


def test_where_early_epochs_say_nothing_trials_train_to_the_end():
    """Halving would leave most at the first rungs; the model finds out that nothing can be told there."""
    space = Space({name: {"uniform": [0, 1]} for name in "abcd"})

    def unrelated(job):
        distance = sum((value - 0.6) ** 2 for value in job.config.values())
        noise = np.random.default_rng(job.trial).random()
        return Report(job.trial, job.stop, 2.0 + distance if job.stop == 27 else 4.0 - noise)

    jobs = drive(CoarseToFine(space, trials=120, epochs=27, seed=0), unrelated, capacity=1)
    completed = sum(job.stop == 27 for job in jobs)
    assert 27 * completed > 0.6 * sum(job.stop - job.start for job in jobs)


def test_a_sweep_pays_what_its_rungs_say():
    scheduler = CoarseToFine(SPACE, trials=100, epochs=27, seed=0)
    jobs = drive(scheduler, good, capacity=4)
    paid = sum(job.stop - job.start for job in jobs)
    settings = CoarseToFineSettings()
    budget = 100 * rung_cost(rung_epochs(27, settings.factor, settings.rungs), settings.promotion_share)
    assert 0.8 * budget < paid < budget + 4 * 18, "up to the longest step of each worker more"


def test_conditional_hyperparameters_follow_the_elites_that_have_them():
    def likes_a_and_nine(job):
        return Report(job.trial, job.stop, 10.0 if job.config["kind"] != "a" else 9.0 - job.config["size"])

    scheduler = CoarseToFine(SPACE, trials=96, epochs=1, seed=0)
    jobs = drive(scheduler, likes_a_and_nine, capacity=1)
    late = jobs[-40:]
    assert sum(job.config["kind"] == "a" for job in late) > 20
    assert np.mean([job.config["size"] for job in late if job.config["kind"] == "a"]) > 7


@pytest.mark.parametrize(
    ("epochs", "rungs"), [(27, (2, 7, 27)), (50, (3, 12, 50)), (1, (1,)), (2, (2,)), (9, (1, 2, 9))]
)
def test_rung_epochs(epochs, rungs):
    assert rung_epochs(epochs, factor=4, count=3) == rungs


def test_it_beats_random_on_a_bowl_at_equal_epochs():
    space = Space({name: {"uniform": [0, 1]} for name in "abcd"})

    def bowl(job):
        distance = sum((value - 0.7) ** 2 for value in job.config.values())
        return Report(job.trial, job.stop, distance + 0.5 / job.stop)

    def best(seed):
        scheduler = CoarseToFine(space, trials=100, epochs=16, seed=seed)
        epochs, reports = 0, []
        for job in drive(scheduler, lambda job: reports.append(bowl(job)) or reports[-1], capacity=2):
            epochs += job.stop - job.start
        random = np.random.default_rng(seed).random((epochs // 16, 4))
        return min(r.objective for r in reports), float(np.min(np.sum((random - 0.7) ** 2, 1)) + 0.5 / 16)

    ours, theirs = np.array([best(seed) for seed in range(4)]).T
    assert np.all(ours < theirs)


def test_trials_that_end_by_themselves_have_been_to_the_end():
    """A trainable that stops itself at epoch 20 of 27: the sweep pays no more for it than for another."""
    scheduler = CoarseToFine(SPACE, trials=64, epochs=27, seed=0)

    def stops_itself(job):
        reached = min(job.stop, 20)
        loss = abs(math.log10(job.config["rate"]) + 3) + 1 / reached
        return Report(job.trial, reached, loss, Outcome.ENDED if reached < job.stop else Outcome.DONE)

    jobs = drive(scheduler, stops_itself)
    total = 64 * rung_cost(rung_epochs(27, factor=3, count=4), 0.4)
    assert sum(job.stop - job.start for job in jobs) <= total + 3 * 27  # three were in training
    assert any(job.start == 0 and job.stop == 27 for job in jobs)  # a long shot
