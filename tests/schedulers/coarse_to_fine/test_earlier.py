"""What the scheduler makes of earlier sweeps: where it begins, whom it believes, and what it leaves alone."""

import math

import numpy as np
import pytest

from sweeps.knowledge import Knowledge, KnownTrial, known_point
from sweeps.schedulers import CoarseToFine
from sweeps.schedulers.coarse_to_fine.earlier_results import at_rungs
from sweeps.space import Space
from sweeps.trial import Outcome, Report

SPACE = Space({"rate": {"log": [1e-5, 1]}, "keep": {"uniform": [0, 1]}})
EPOCHS = 27


def loss(config, epochs, best=-2.0):
    """Least at rate 10^best and keep 0.7; it comes down with the epochs."""
    return (math.log10(config["rate"]) - best) ** 2 / 4 + abs(config["keep"] - 0.7) + 1 / epochs


def swept(seed, trials=40, earlier=(), best=-2.0):
    """The scheduler at its end, and its jobs in order."""
    scheduler = CoarseToFine(SPACE, trials=trials, epochs=EPOCHS, seed=seed, earlier=earlier)
    jobs = []
    while not scheduler.finished:
        for job in scheduler.ask(1):
            jobs.append(job)
            scheduler.tell(Report(job.trial, job.stop, loss(job.config, job.stop, best)))
    return scheduler, jobs


def found(seed, sign=1.0, best=-2.0, name="old"):
    """What a sweep has found; sign: -1 where its losses are the opposite of what they should be."""
    curves = {}
    for job in swept(seed, best=best)[1]:
        config, curve = curves.setdefault(job.trial, (job.config, []))
        curve.append((job.stop, sign * loss(config, job.stop, best)))
    return Knowledge(name, [KnownTrial(config, curve) for config, curve in curves.values()])


def same(configs, expected):
    """Up to the rounding of a value's way to the unit interval and back."""
    return [{k: pytest.approx(v, rel=1e-12) for k, v in each.items()} for each in expected] == configs


@pytest.mark.parametrize("seed", range(3))
def test_the_first_trials_are_the_best_of_before(seed):
    old = found(seed)
    _, jobs = swept(seed + 10, earlier=[old])
    ranked = sorted(old.trials, key=lambda trial: trial.curve[-1][1])
    first = [job.config for job in jobs if job.start == 0][:5]
    assert same(first, [trial.config for trial in ranked[:5]])


def test_of_several_sweeps_the_best_take_turns():
    one, other = found(0, name="one"), found(1, best=-4.0, name="other")
    _, jobs = swept(2, earlier=[one, other])
    best = [sorted(each.trials, key=lambda trial: trial.curve[-1][1]) for each in (one, other)]
    first = [job.config for job in jobs if job.start == 0][:4]
    assert same(first, [best[0][0].config, best[1][0].config, best[0][1].config, best[1][1].config])


@pytest.mark.parametrize("seed", range(3))
def test_the_same_again_is_found_to_be_worth_much_and_the_opposite_little(seed):
    same, _ = swept(seed + 10, earlier=[found(seed)])
    opposite, _ = swept(seed + 10, earlier=[found(seed, sign=-1.0)])
    assert same.worth["old"] > 0.8
    assert opposite.worth["old"] < 0.4


def test_whom_to_believe_is_learned_of_each():
    scheduler, _ = swept(20, earlier=[found(0, name="right"), found(1, sign=-1.0, name="wrong")])
    assert scheduler.worth["right"] > 0.8 > 0.4 > scheduler.worth["wrong"]


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_metric_of_before_may_have_any_scale(scale):
    old = found(0)
    scaled = Knowledge(
        "old",
        [
            KnownTrial(trial.config, [(epochs, 5 + scale * value) for epochs, value in trial.curve])
            for trial in old.trials
        ],
    )
    plain, other = swept(9, earlier=[old])[1], swept(9, earlier=[scaled])[1]
    # Up to rounding: 5 + 1e-6 x has four digits fewer than x, so late decisions may differ.
    assert [job.config for job in plain[:20]] == [job.config for job in other[:20]]


def test_none_of_them_is_a_trial_here():
    scheduler, jobs = swept(1, trials=20, earlier=[found(0)])
    assert {job.trial for job in jobs} == set(range(20))
    assert scheduler.planned_epochs == swept(1, trials=20)[0].planned_epochs


def test_what_was_infeasible_before_is_not_begun_with():
    good, bad = {"rate": 0.01, "keep": 0.7}, {"rate": 1.0, "keep": 0.7}
    old = Knowledge("old", [KnownTrial(bad, [(1, math.inf)]), KnownTrial(good, [(27, 0.1)])])
    _, jobs = swept(0, earlier=[old])
    assert same([jobs[0].config], [good])
    assert bad not in [job.config for job in jobs[:16]]


def test_where_nothing_lies_inside_the_search_begins_as_ever():
    outside = Knowledge("old", [KnownTrial({"rate": 7.0, "keep": 0.5}, [(27, 0.1)])])
    cold, warm = swept(3)[1], swept(3, earlier=[outside])[1]
    assert [job.config for job in warm[:16]] == [job.config for job in cold[:16]]


def test_a_search_of_nothing_but_infeasible_trials_goes_on():
    scheduler = CoarseToFine(SPACE, trials=30, epochs=EPOCHS, earlier=[found(0)])
    while not scheduler.finished:
        for job in scheduler.ask(2):
            scheduler.tell(Report(job.trial, job.stop, None, Outcome.INFEASIBLE))
    assert len(scheduler._record) == 30


@pytest.mark.parametrize(
    ("config", "point"),
    [
        ({"rate": 1e-5, "keep": 1.0}, [0, 1]),
        ({"rate": 1.0}, [1, 0.5]),
        ({"rate": 1.0, "keep": 0, "other": "x"}, [1, 0]),
        ({"rate": 2.0, "keep": 0.5}, None),
        ({"rate": "much", "keep": 0.5}, None),
    ],
    ids=["whole", "without one", "with another", "outside", "of another type"],
)
def test_where_a_config_of_before_lies(config, point):
    found = known_point(SPACE, config)
    assert (found is None) if point is None else np.allclose(found, point, atol=1e-12)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([(1, 0.9), (2, 0.8), (3, 0.7), (9, 0.5), (27, 0.3)], [(0, 0.9), (1, 0.7), (2, 0.5), (3, 0.3)]),
        ([(2, 0.8)], [(1, 0.8)]),
        ([(50, 0.2)], [(3, 0.2)]),
        ([(60, 0.2)], []),
        ([(25, 0.4), (26, math.inf)], [(3, math.inf)]),
    ],
    ids=["all", "between", "a little beyond", "far beyond", "infeasible"],
)
def test_which_rungs_a_curve_of_before_tells_of(curve, expected):
    assert at_rungs(curve, (1, 3, 9, 27)) == expected


@pytest.mark.parametrize(
    "curve", [[(1, math.inf)], [(1000, 0.1)]], ids=["all infeasible", "of no rung's epochs"]
)
def test_where_nothing_of_before_counts_the_search_goes_its_own_way(curve):
    configs = [{"rate": 10.0**-k, "keep": 0.5} for k in range(5)]
    old = Knowledge("old", [KnownTrial(config, curve) for config in configs])
    scheduler = CoarseToFine(SPACE, trials=40, epochs=EPOCHS, earlier=[old])
    jobs = scheduler.ask(40)
    assert jobs
    for job in jobs:
        scheduler.tell(Report(job.trial, job.stop, loss(job.config, job.stop)))
    assert scheduler.ask(8)
    assert scheduler.worth == {}


def test_nothing_is_said_of_worth_before_it_could_be_learned():
    scheduler = CoarseToFine(SPACE, trials=40, epochs=EPOCHS, earlier=[found(0)])
    for job in scheduler.ask(3):
        scheduler.tell(Report(job.trial, job.stop, loss(job.config, job.stop)))
    assert scheduler.worth == {}
