"""Asynchronous successive halving, held against the paper's algorithm 2."""

import math

import pytest

from sweeps.errors import BadInput
from sweeps.schedulers import Asha, Observation, RandomSearch
from sweeps.schedulers.baselines.promotion import Promotions
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.schedulers.test_contract import SPACE, drive, equal, good, infeasible

ONE = Space({"x": {"uniform": [0, 1]}})


def one_by_one(scheduler, losses, count):
    """Ask for one job at a time and answer with its trial's loss; returns (trial, start, stop) of each."""
    seen = []
    for _ in range(count):
        (job,) = scheduler.ask(1)
        seen.append((job.trial, job.start, job.stop))
        scheduler.tell(Report(job.trial, job.stop, losses[job.trial]))
    return seen


def paper(losses, factor, top, count):
    """`get_job` of algorithm 2 as it is written there, on rungs of 1, factor, factor², … epochs."""
    rungs, promoted, new, jobs = [{} for _ in range(top + 1)], set(), 0, []
    while len(jobs) < count:
        for k in range(top - 1, -1, -1):
            best = sorted(rungs[k], key=rungs[k].get)[: len(rungs[k]) // factor]
            able = [trial for trial in best if (trial, k) not in promoted]
            if able:
                trial, level = able[0], k + 1
                promoted.add((trial, k))
                break
        else:
            trial, level, new = new, 0, new + 1
        rungs[level][trial] = losses[trial]
        jobs.append((trial, factor ** (level - 1) if level else 0, factor**level))
    return jobs


def test_a_sequence_by_hand():
    """Factor 2 on rungs of 1, 2 and 4 epochs: one of two climbs, and one of two of those."""
    losses = [4.0, 3.0, 2.0, 1.0, 0.0]
    assert one_by_one(Asha(ONE, trials=9, epochs=4, factor=2), losses, 9) == [
        (0, 0, 1),
        (1, 0, 1),
        (1, 1, 2),  # the better of two
        (2, 0, 1),  # nobody: half of two is one, and that one has climbed
        (2, 1, 2),  # half of three is one, and it is another now
        (2, 2, 4),  # the better of two at the second rung
        (3, 0, 1),
        (3, 1, 2),
        (3, 2, 4),  # the upper rung goes first
    ]


@pytest.mark.parametrize(("factor", "top"), [(2, 4), (3, 2), (4, 3)])
@pytest.mark.parametrize("seed", range(5))
def test_it_promotes_as_the_paper_does(factor, top, seed):
    losses = [math.sin(1e4 * (trial + 1) + seed) for trial in range(400)]
    scheduler = Asha(ONE, trials=400, epochs=factor**top, factor=factor)
    assert one_by_one(scheduler, losses, 400) == paper(losses, factor, top, 400)


@pytest.mark.parametrize(
    ("epochs", "options", "rungs"),
    [
        (27, {}, {2, 7, 27}),
        (64, {}, {1, 4, 16, 64}),
        (27, {"factor": 3}, {1, 3, 9, 27}),
        (81, {"factor": 3, "min_epochs": 9}, {9, 27, 81}),
        (1, {}, {1}),
        (3, {}, {1, 3}),
        (20, {"min_epochs": 20}, {20}),
    ],
)
def test_rungs(epochs, options, rungs):
    scheduler = Asha(ONE, trials=300, epochs=epochs, **options)
    assert {job.stop for job in drive(scheduler, equal)} == rungs


def test_each_rung_passes_on_a_quarter():
    jobs = drive(Asha(SPACE, trials=256, epochs=64), good, capacity=1)
    begun, *climbed = ([job.trial for job in jobs if job.stop == stop] for stop in (1, 4, 16, 64))
    assert len(begun) == 256
    for below, above in zip([begun, *climbed], climbed, strict=False):
        # A quarter at least; more where a trial was among the best only when it came.
        assert len(below) // 4 <= len(above) <= len(below) // 2


def test_draws_are_those_of_random_search():
    ours = {job.trial: job.config for job in drive(Asha(SPACE, trials=30, epochs=9, seed=5), good)}
    theirs = {job.trial: job.config for job in drive(RandomSearch(SPACE, trials=30, epochs=9, seed=5), good)}
    assert ours == theirs


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_has_no_finite_objective_counts_and_never_climbs(value):
    """Of eight arrivals two may climb; the six without a value make room for them and stay."""
    scheduler = Asha(ONE, trials=100, epochs=4)
    jobs = scheduler.ask(8)
    for job in jobs:
        scheduler.tell(Report(job.trial, job.stop, 1.0 if job.trial in (3, 6, 7) else value))
    assert [(job.trial, job.stop) for job in scheduler.ask(3)] == [(3, 4), (6, 4), (8, 1)]


def test_nobody_climbs_where_all_are_infeasible():
    jobs = drive(Asha(SPACE, trials=40, epochs=64), infeasible)
    assert [job.stop for job in jobs] == [1] * 40


def test_a_trial_that_ends_by_itself_climbs_no_more():
    def ends(job):
        return Report(job.trial, 1, float(job.trial), Outcome.ENDED if job.trial < 4 else Outcome.DONE)

    climbed = {job.trial for job in drive(Asha(ONE, trials=40, epochs=16), ends) if job.start}
    assert climbed
    assert min(climbed) >= 4


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"factor": 1}, "factor"),
        ({"factor": 2.5}, "factor"),
        ({"min_epochs": 0}, "min_epochs"),
        ({"min_epochs": 10}, "min_epochs"),
        ({"trials": 0}, "trials"),
        ({"epochs": 0}, "epochs"),
    ],
)
def test_bad_input(options, place):
    with pytest.raises(BadInput) as caught:
        Asha(ONE, **{"trials": 9, "epochs": 9, **options})
    assert caught.value.place == place


def test_a_trial_climbs_when_it_is_in_the_top_quarter():
    promotions = Promotions((1, 4), factor=4)
    for trial, loss in enumerate([4.0, 3.0, 2.0]):
        promotions.arrive(trial, 0, loss)
        assert promotions.next(all_asked=False, running=[]) is None
    promotions.arrive(3, 0, 5.0)
    assert promotions.next(all_asked=False, running=[]) == (2, 1)
    promotions.leave(2, 0)
    assert promotions.next(all_asked=False, running=[]) is None


def test_the_last_rungs_let_the_best_through_when_nobody_else_comes():
    promotions = Promotions((1, 4, 16), factor=4)
    promotions.arrive(0, 0, 1.0)
    assert promotions.next(all_asked=True, running=[0]) is None
    assert promotions.next(all_asked=True, running=[]) == (0, 1)


def test_where_those_promoted_diverge_others_take_their_place():
    """The best of few is the only one that climbs; here the three best diverge at the second rung."""

    def cliff(job):
        if job.trial < 3 and job.start:
            return Report(job.trial, job.stop, None, Outcome.INFEASIBLE)
        return Report(job.trial, job.stop, float(job.trial))

    jobs = drive(Asha(ONE, trials=5, epochs=27), cliff)
    assert [job.trial for job in jobs if job.stop == 27] == [3]


def standing(*trials):
    """Observed trials that wait: (epochs, objective) of each."""
    return [
        Observation(i, {"x": i / 16}, epochs, value, Outcome.DONE) for i, (epochs, value) in enumerate(trials)
    ]


def test_an_observed_trial_has_arrived_at_all_rungs_that_it_has_passed():
    """Rungs at 1, 2 and 4: of four at the lowest two may climb, and one of these has."""
    scheduler = Asha(ONE, trials=9, epochs=4, factor=2)
    scheduler.observe(standing((2, 0.1), (1, 0.2), (1, 0.3), (1, 0.4)))
    assert [(job.trial, job.stop) for job in scheduler.ask(2)] == [(1, 2), (4, 1)]


def test_where_rungs_have_moved_one_between_them_stands_at_the_lower():
    scheduler = Asha(ONE, trials=4, epochs=16, factor=2, min_epochs=4)
    scheduler.observe(standing((5, 0.1), (6, 0.2), (3, 0.3), (16, 0.4)))
    jobs = [(job.trial, job.start, job.stop) for job in scheduler.ask(3)]
    assert jobs == [(2, 3, 4), (0, 5, 8)], "the third is not among the best half of three"
