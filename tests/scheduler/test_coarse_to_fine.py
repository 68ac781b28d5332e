"""What coarse to fine is for."""

import math

import numpy as np
import pytest

from sweeps.scheduler import CoarseToFine, CoarseToFineSettings
from sweeps.scheduler.rungs import Ladder, rung_epochs
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.scheduler.test_contract import SPACE, drive, good

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


def test_infeasible_trials_are_never_elites():
    """The better half of the range diverges: the region must stay out of it."""

    def cliff(job):
        rate = job.config["rate"]
        if rate > 1e-2:
            return Report(job.trial, job.stop, -1e9, Outcome.INFEASIBLE)
        return Report(job.trial, job.stop, -rate)

    scheduler = CoarseToFine(ONE, trials=64, epochs=1, seed=0, settings=CoarseToFineSettings(global_share=0))
    jobs = drive(scheduler, cliff, capacity=1)
    last = scheduler.rounds[-1].regions[0]
    assert last.high < 3e-2
    assert sum(job.config["rate"] > 1e-2 for job in jobs[-16:]) <= 8


def test_an_edge_that_the_elites_lean_on_is_named():
    def edge(job):
        return Report(job.trial, job.stop, -job.config["rate"])

    scheduler = CoarseToFine(ONE, trials=64, epochs=1, seed=0)
    drive(scheduler, edge, capacity=1)
    assert "lean on the upper end" in scheduler.rounds[-1].regions[0].reason


def test_later_rounds_keep_some_trials_global():
    settings = CoarseToFineSettings(first_round=16, round_size=500, global_share=0.15)
    scheduler = CoarseToFine(ONE, trials=516, epochs=1, seed=0, settings=settings)
    jobs = drive(scheduler, good, capacity=1)
    region = scheduler.rounds[1].regions[0]
    outside = sum(not region.low <= job.config["rate"] <= region.high for job in jobs[16:])
    share = 0.15 * (1 - math.log(region.high / region.low) / math.log(1e5))
    # Binomial: four standard deviations either side of what is expected to land outside.
    assert abs(outside - 500 * share) < 4 * math.sqrt(500 * share)


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


def test_a_trial_climbs_when_it_is_in_the_top_quarter():
    ladder = Ladder((1, 4), factor=4, window=32)
    for trial, loss in enumerate([4.0, 3.0, 2.0]):
        ladder.arrive(trial, 0, loss)
        assert ladder.climber(all_asked=False, running=[]) is None
    ladder.arrive(3, 0, 5.0)
    assert ladder.climber(all_asked=False, running=[]) == (2, 1)
    ladder.leave(2, 0)
    assert ladder.climber(all_asked=False, running=[]) is None


def test_the_last_rungs_let_the_best_through_when_nobody_else_comes():
    ladder = Ladder((1, 4, 16), factor=4, window=32)
    ladder.arrive(0, 0, 1.0)
    assert ladder.climber(all_asked=True, running=[0]) is None
    assert ladder.climber(all_asked=True, running=[]) == (0, 1)


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

    ours, theirs = np.array([best(seed) for seed in range(8)]).T
    assert np.sum(ours < theirs) >= 7
