"""An earlier winner tried again: what is asked for, in which order, and when it is enough."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.observation import Observation
from sweeps.schedulers import Finals, InWaves, Retune, Scheduler, lead_of, noise_of, sizes_for
from sweeps.schedulers.retune.growth import Growth, fitted
from sweeps.schedulers.retune.probes import combined, probes
from sweeps.space import Space
from sweeps.spec import Retuning
from sweeps.trial import Outcome, Report

SPACE = Space({"x": {"uniform": [0, 1]}, "y": {"uniform": [0, 1]}, "kind": {"choice": ["a", "b"]}})
OLD = [{"x": 0.5, "y": 0.5 + k / 10, "kind": "a"} for k in range(4)]
RULE = Retuning(of="runs/old", elites=len(OLD), epochs=100, noise=0.01, old_epochs=500)


def begun(rule=RULE, epochs=27, trials=13, mode="min", old=OLD, wrap=lambda each: each):
    scheduler = Retune(SPACE, trials=trials, epochs=epochs, mode=mode, seed=0, rule=rule)
    scheduler = wrap(scheduler)
    scheduler.observe([Observation(i, config, 0, None, Outcome.DONE) for i, config in enumerate(old)])
    return scheduler


def drive(scheduler, objective, capacity=3, seed=0):
    """To the end, with reports in random order; the jobs as they were asked for."""
    rng, running, asked = np.random.default_rng(seed), [], []
    while not scheduler.finished:
        jobs = scheduler.ask(capacity - len(running))
        asked, running = asked + jobs, running + jobs
        assert running
        job = running.pop(rng.integers(len(running)))
        given = objective(job)
        scheduler.tell(given if isinstance(given, Report) else Report(job.trial, job.stop, given))
    assert scheduler.ask(capacity) == []
    return asked


def bowl(at, noise=0.0):
    def objective(job):
        off = (
            noise
            * np.random.default_rng([job.seed, job.trial if job.repeats is None else job.repeats]).normal()
        )
        return (job.config["x"] - at) ** 2 + 0.3 * (job.config["kind"] == "b") + 1 / job.stop + off

    return objective


def epochs_of(jobs):
    return sum(job.stop - job.start for job in jobs)


def test_it_is_a_scheduler():
    assert isinstance(begun(), Scheduler)


def test_nothing_changed_costs_no_more_than_planned_and_races_nobody_for_long():
    jobs = drive(begun(), bowl(0.5, noise=0.01))
    assert [job.config for job in jobs[:4]] == OLD
    assert epochs_of(jobs) <= RULE.epochs
    assert (0, 27) in {(job.trial, job.stop) for job in jobs}, "the winner is trained to the end"


def test_a_winner_that_loses_is_found_on_three_fresh_seeds():
    scheduler = begun()
    jobs = drive(scheduler, bowl(0.8, noise=0.01))
    repeats = [job for job in jobs if job.repeats is not None]
    assert scheduler.lead.standing == "ahead"
    assert len({job.seed for job in repeats}) == 3
    assert 0 not in {job.seed for job in repeats}, "seeds that nobody was chosen by"
    assert {job.repeats for job in repeats} > {0}


def test_larger_may_be_better():
    scheduler = begun(mode="max")
    drive(scheduler, lambda job: -bowl(0.8, noise=0.01)(job))
    assert scheduler.lead.standing == "ahead"


@pytest.mark.parametrize("epochs", [1, 2, 4, 27])
@pytest.mark.parametrize("trials", [5, 8, 13])
@pytest.mark.parametrize("capacity", [1, 3, 50])
def test_it_ends_at_any_size(epochs, trials, capacity):
    jobs = drive(begun(epochs=epochs, trials=trials), bowl(0.2), capacity)
    search = [job for job in jobs if job.repeats is None]
    assert len({job.trial for job in search}) <= trials
    assert max(job.stop for job in jobs) == epochs


def infeasible(job):
    return Report(job.trial, job.start + 1, None, Outcome.INFEASIBLE)


def of_the_winner(job):
    return infeasible(job) if job.config == OLD[0] else bowl(0.5)(job)


@pytest.mark.parametrize(
    ("objective", "lost"),
    [
        (infeasible, False),
        (of_the_winner, True),
        (lambda job: float("nan"), False),
        (lambda job: Report(job.trial, job.start, None, Outcome.FAILED, error="no"), False),
        (lambda job: Report(job.trial, 1, bowl(0.5)(job), Outcome.ENDED), False),
        (lambda job: 1.0, False),
    ],
)
def test_it_ends_whatever_comes_of_trials(objective, lost):
    scheduler = begun()
    drive(scheduler, objective)
    assert (scheduler.lead is not None) == lost


@given(st.integers(1, 40), st.integers(0, 9))
def test_the_order_of_reports_decides_nothing_within_waves(capacity, seed):
    wrapped = begun(wrap=lambda each: Finals(InWaves(each), top=0, seeds=3, epochs=27, mode="min", seed=0))
    one = begun(wrap=lambda each: Finals(InWaves(each), top=0, seeds=3, epochs=27, mode="min", seed=0))

    def keys(jobs):
        return sorted((job.trial, job.start, job.stop, job.seed, repr(job.config)) for job in jobs)

    assert keys(drive(wrapped, bowl(0.8), capacity, seed)) == keys(drive(one, bowl(0.8), 1))


def test_a_replay_gives_the_same_jobs():
    first = drive(begun(), bowl(0.8, noise=0.01))
    again = drive(begun(), bowl(0.8, noise=0.01))
    assert first == again


def test_a_check_of_any_sweep_costs_about_a_fifth():
    for old, epochs in ((503, 27), (1786, 54), (3000, 81), (73, 1)):
        sizes = sizes_for(old, epochs)
        assert sizes.elites <= sizes.counts[0]
        assert sizes.counts[-1] >= 2
        assert sizes.cost <= 0.2 * old


def test_equal_configs_are_said_to_be_beaten_in_five_of_a_hundred_at_most():
    rng, wrong, runs = np.random.default_rng(0), 0, 2000
    for _ in range(runs):
        winner, rivals = rng.normal(size=5), rng.normal(size=(3, 5))
        wrong += any(
            lead_of(dict(enumerate(winner[:n])), dict(enumerate(rival[:n])), seeds=5, rivals=3).standing
            == "ahead"
            for rival in rivals
            for n in range(1, 6)
        )
    assert wrong / runs <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)


def test_a_lead_has_an_interval_and_is_no_lead_within_the_spread():
    winner, rival = {1: 1.0, 2: 1.1, 3: 1.05}, {1: 0.5, 2: 0.61, 3: 0.54}
    lead = lead_of(winner, rival, seeds=5, rivals=1)
    assert lead.standing == "ahead"
    assert lead.low < lead.mean < lead.high
    assert lead.mean == pytest.approx(0.5)
    assert lead_of(winner, rival, seeds=5, rivals=1, spread=0.6).standing == "open"
    assert lead_of(rival, winner, seeds=5, rivals=1).standing == "behind"
    assert lead_of({1: 1.0}, {1: 0.9}, seeds=5, rivals=1).low is None
    assert lead_of({1: 1.0}, {1: 0.9}, seeds=5, rivals=1, noise=0.1).low < 0


def test_the_noise_is_what_seeds_change_beside_what_they_change_for_all():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(40, 1)) + rng.normal(size=(1, 30)) + 0.1 * rng.normal(size=(40, 30))
    assert noise_of(table) == pytest.approx(0.1, rel=3 / math.sqrt(2 * 39 * 29))
    assert noise_of([[1.0, 2.0]]) == 0.0


def test_probes_are_steps_of_one_hyperparameter_then_points_of_the_space():
    found = probes(SPACE, OLD[0], 8, seed=0, known=OLD)
    steps = [{name for name in OLD[0] if each[name] != OLD[0][name]} for each in found]
    assert steps[:5] == [{"x"}, {"y"}, {"kind"}, {"x"}, {"y"}]
    assert len({repr(each) for each in found}) == 8
    assert all(SPACE.own(each) == each for each in found)
    both = combined(SPACE, OLD[0], [(0.1, found[0]), (0.2, found[2]), (-0.1, found[1])])
    assert both == {**OLD[0], "x": found[0]["x"], "kind": "b"}
    assert combined(SPACE, OLD[0], [(0.1, found[0])]) is None


def test_probes_of_a_small_space_end():
    space = Space({"kind": {"choice": ["a", "b", "c"]}, "when": {"int": [1, 2], "when": {"kind": "b"}}})
    assert len(probes(space, {"kind": "a"}, 9, seed=0, known=[{"kind": "a"}])) == 3


def test_growth_tells_fast_learners_from_good_ones():
    rng = np.random.default_rng(0)
    points = rng.random((30, 2))
    late = points[:, 1]
    early = late + 2 - points[:, 0]
    growth = Growth(fitted(points, [early, np.full(30, np.nan), late])[:1])
    assert growth.expected(1.0, points[0], 0) == 1.0, "nothing is known of what nobody has reached"
    growth = Growth(fitted(points, [early, late]))
    expected = [growth.expected(loss, point, 0) for loss, point in zip(early, points, strict=True)]
    np.testing.assert_allclose(expected, late, atol=0.02)
