"""Trials that a scheduler did not ask for: what every scheduler makes of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.errors import BadInput
from sweeps.schedulers import (
    NAMES,
    OWN_NAMES,
    PBT,
    Finals,
    InWaves,
    Observation,
    Observing,
    Scheduler,
    observe,
)
from sweeps.schedulers.wrappers.finals import fresh_seeds
from sweeps.space import Space
from sweeps.trial import Job, Outcome, Report
from tests.schedulers.test_contract import SPACE, build, drive, mixed

# A population's trials are as many as replace one another: see tests/schedulers/population.
SEARCHES = [name for name in NAMES if name != PBT]
EVERY = pytest.mark.parametrize("name", SEARCHES)
EPOCHS = 27
FEW = Space({"rate": {"choice": [1e-4, 1e-3, 1e-2]}, "kind": {"choice": ["a", "b"]}, "size": {"int": [1, 3]}})
OUTSIDE = (
    {"rate": 3.0, "kind": "b", "fixed": 3},  # beyond an end
    {"rate": 1e-3, "kind": "d", "fixed": 3},  # none of the choices
    {"rate": 1e-3, "kind": "a", "fixed": 3},  # lacks a hyperparameter
    {"rate": 1e-3, "kind": "b", "size": 3, "fixed": 3},  # has one too many
    {"rate": 1e-3, "kind": "b", "fixed": 4},
)
FATES = tuple(Outcome)


@st.composite
def observations(draw, space=SPACE, most=24, outside=OUTSIDE):
    """Any trials in any state: before, at, between and past the rungs, in training, over, outside."""
    found = []
    for trial in range(draw(st.integers(0, most))):
        units = draw(st.lists(st.floats(0, 1), min_size=len(space.searched), max_size=len(space.searched)))
        config = space.config(np.array(units))
        if outside and draw(st.integers(0, 5)) == 0:
            config = draw(st.sampled_from(outside))
        outcome = draw(st.sampled_from(FATES))
        epochs = draw(st.integers(0, EPOCHS + 3))
        objective = draw(st.none() | st.floats(-5, 5) | st.sampled_from([float("nan"), float("inf")]))
        earlier = [(e, draw(st.none() | st.floats(-5, 5))) for e in range(1, epochs, draw(st.integers(1, 9)))]
        stop = None
        if outcome is Outcome.RUNNING:
            epochs = min(epochs, EPOCHS - 1)
            stop = draw(st.integers(epochs + 1, EPOCHS + 3))
        found.append(
            Observation(trial, config, epochs, objective, outcome, stop, round=2, earlier=earlier, seed=11)
        )
    return found


def go_on(scheduler, seen, objective, capacity, space=SPACE, rounds=3):
    """Observe and drive to the end, holding the scheduler to the rules; jobs come back in random order."""
    rng = np.random.default_rng(0)
    scheduler.observe(seen, rounds)
    running = [
        Job(each.trial, each.config, each.stop, each.epochs, each.round, each.seed, each.repeats)
        for each in seen
        if each.running
    ]
    reached = {each.trial: each.epochs for each in seen if not each.running}
    told = {each.trial: each for each in seen}
    asked, ended = [], {each.trial for each in seen if not each.waits and not each.running}
    while not scheduler.finished:
        jobs = scheduler.ask(max(capacity - len(running), 0))
        assert len(jobs) <= max(capacity - len(running), 0)
        for job in jobs:
            assert job.trial not in ended, "it is over"
            assert job.trial not in {other.trial for other in running}, "two live jobs for one trial"
            assert job.start == reached.get(job.trial, 0) < job.stop <= EPOCHS
            if job.trial in told:
                before = told[job.trial]
                assert job.config == (space.own(before.config) or before.config)
                assert (job.round, job.seed, job.repeats) == (2, before.seed, before.repeats)
            elif job.repeats is None:
                assert job.round >= rounds
        running += jobs
        asked += jobs
        assert running, "nothing runs, nothing is asked, and yet it is not finished"
        job = running.pop(rng.integers(len(running)))
        report = objective(job)
        reached[job.trial] = report.epochs
        if report.outcome is not Outcome.DONE:
            ended.add(job.trial)
        scheduler.tell(report)
    assert scheduler.ask(capacity) == []
    assert not running, "each one that runs is heard of before the end"
    return asked, reached


def best_of_all(job):
    rate = job.config.get("rate", 1)
    return Report(job.trial, job.stop, abs(np.log10(rate) + 3) + 1 / job.stop)


def check(scheduler, seen, objective, capacity, space):
    """The laws of observed trials."""
    asked, reached = go_on(scheduler, seen, objective, capacity, space)
    new = {job.trial: job.config for job in asked if job.trial >= len(seen)}
    assert list(new) == list(range(len(seen), len(seen) + len(new)))
    configs = [repr(space.own(each.config)) for each in seen] + [repr(config) for config in new.values()]
    fresh = configs[len(seen) :]
    assert not set(fresh) & set(configs[: len(seen)]), "tried again"
    if space.size is not None:
        assert len(set(fresh)) == len(fresh), "tried twice"
    inside = {repr(space.own(each.config)) for each in seen} - {"None"}
    limit = max(scheduler.trials - len(seen), 0)
    left = limit if space.size is None else min(limit, space.size - len(inside))
    assert len(new) == left
    over = {each.trial for each in seen if space.own(each.config) is not None and each.result is not None}
    full = {trial for trial in over if seen[trial].outcome is Outcome.ENDED or reached[trial] >= EPOCHS}
    if objective is best_of_all and new:
        assert full or max(reached.values()) >= EPOCHS, "somebody trains to the end"
    if new:
        first = scheduler.rounds[0]
        assert first.index == 3
        assert all("known before" in region.reason for region in first.regions) or not seen
    return asked


@EVERY
@pytest.mark.parametrize(
    "objective",
    [pytest.param(best_of_all, id="good"), pytest.param(mixed, id="mixed", marks=pytest.mark.slow)],
)
@settings(max_examples=30, deadline=None)
@given(seen=observations(), trials=st.integers(1, 40), capacity=st.integers(1, 9))
def test_every_scheduler_goes_on_from_any_trials(name, objective, seen, trials, capacity):
    scheduler = build(name, trials=trials, seed=3)
    assert isinstance(scheduler, Observing)
    asked = check(scheduler, seen, objective, capacity, SPACE)
    again = build(name, trials=trials, seed=3)
    assert go_on(again, seen, objective, capacity)[0] == asked


def test_a_config_that_was_stopped_before_it_had_a_result_is_not_tried_again():
    """At the end of a range, where the best lies and points near it fall."""

    def seen_as(trial, config, **more):
        return Observation(trial, config, round=2, earlier=[], seed=11, **more)

    elsewhere, running = OUTSIDE[0], {"objective": None, "outcome": Outcome.RUNNING}
    states = [(0, 1), (0, 1), (0, 1), (2, 3), (4, 5)]
    seen = [
        *(seen_as(i, elsewhere, epochs=n, stop=stop, **running) for i, (n, stop) in enumerate(states)),
        seen_as(5, {"rate": 1e-5, "kind": "c", "fixed": 3}, epochs=1, objective=-4.3, outcome=Outcome.DONE),
        seen_as(
            6, {"rate": 1e-5, "kind": "b", "fixed": 3}, epochs=0, objective=None, outcome=Outcome.STOPPED
        ),
    ]
    check(build("coarse_to_fine", trials=23, seed=3), seen, mixed, 1, SPACE)


@pytest.mark.parametrize("name", [name for name in SEARCHES if name != "optuna:gp"])  # which takes long
@settings(max_examples=30, deadline=None)
@given(seen=observations(FEW, outside=OUTSIDE[:3]), trials=st.integers(1, 40), capacity=st.integers(1, 9))
def test_where_there_are_few_configs_none_is_tried_again(name, seen, trials, capacity):
    check(build(name, FEW, trials=trials, seed=3), seen, best_of_all, capacity, FEW)


@st.composite
def with_repeats(draw):
    """The same, some of them repeats of finalists, one at most for a trial and a seed."""
    seen, made = draw(observations(most=12)), set()
    for i, each in enumerate(seen):
        search = [other.trial for other in seen[:i] if other.repeats is None]
        if search and draw(st.booleans()):
            of = draw(st.sampled_from(search)), draw(st.sampled_from([*fresh_seeds(0, 3), 99]))
            if of not in made:
                made.add(of)
                seen[i] = replace(each, repeats=of[0], seed=of[1])
    return seen


@pytest.mark.parametrize("name", [name for name in OWN_NAMES if name != PBT])
@settings(max_examples=40, deadline=None)
@given(seen=with_repeats(), wave=st.integers(1, 5))
def test_repeats_are_no_candidates_and_are_not_asked_for_again(name, seen, wave):
    """In waves, inside the finals, as sweeps have them; observed repeats lie between the search's trials."""
    scheduler = InWaves(build(name, trials=9, seed=3), wave)
    scheduler = Finals(scheduler, top=2, seeds=3, epochs=EPOCHS, mode="min", seed=0)
    asked, _ = go_on(scheduler, seen, best_of_all, capacity=4)
    begun = {job.trial: job for job in asked if job.trial >= len(seen)}
    assert list(begun) == list(range(len(seen), len(seen) + len(begun)))
    known = {(each.repeats, each.seed) for each in seen if each.repeats is not None}
    new = [(job.repeats, job.seed) for job in begun.values() if job.repeats is not None]
    assert not known & set(new)
    assert scheduler.repeats == len(known) + len(new)
    finalists = {of for of, _ in new}
    assert len(finalists) <= 2
    assert all(seen[of].repeats is None for of in finalists if of < len(seen))
    for of in finalists:
        assert {seed for finalist, seed in {*known, *new} if finalist == of} >= set(fresh_seeds(0, 3))


def test_a_scheduler_of_ones_own_need_not_observe():
    class Mine:
        finished, rounds = False, ()

        def ask(self, capacity):
            return []

        def tell(self, report):
            pass

    assert isinstance(Mine(), Scheduler)
    assert not isinstance(Mine(), Observing)
    observe(Mine(), [])
    for scheduler in (Mine(), InWaves(Mine()), Finals(Mine(), top=1, seeds=1, epochs=1, mode="min", seed=0)):
        with pytest.raises(BadInput, match="Mine' takes in no trials that it did not ask for"):
            observe(scheduler, [Observation(0, {"x": 1}, 1, 0.5, Outcome.DONE)])


@pytest.mark.parametrize("name", ["random", "sobol", "asha"])
@pytest.mark.parametrize("space", [SPACE, FEW], ids=["continuous", "few"])
def test_where_nothing_is_learned_the_sweep_goes_on_as_if_it_had_not_been_broken_off(name, space):
    """Broken off after each number of jobs; what was asked since is what the unbroken sweep asked."""
    whole = drive(build(name, space, trials=16), best_of_all, capacity=1)
    for done in range(1, len(whole)):
        scheduler = build(name, space, trials=16)
        scheduler.observe(recorded(whole[:done], best_of_all))
        assert drive(scheduler, best_of_all, capacity=1) == whole[done:]


def recorded(jobs, objective):
    """What is known after these jobs."""
    seen = {}
    for job in jobs:
        report = objective(job)
        before = seen.get(job.trial)
        earlier = (*before.earlier, (before.epochs, before.objective)) if before else ()
        seen[job.trial] = Observation(
            job.trial, job.config, report.epochs, report.objective, report.outcome, earlier=earlier
        )
    return list(seen.values())


@EVERY
def test_configs_to_be_tried_first_are_trained_first(name):
    """As `start_with` has them: without a value they wait, with one they have ended."""
    mine = [{"rate": rate, "kind": "b", "fixed": 3} for rate in (2e-3, 1e-3, 3e-3)]
    scheduler = build(name, trials=12)
    scheduler.observe(
        [
            Observation(0, mine[0], 0, None, Outcome.DONE),
            Observation(1, mine[1], 0, 0.5, Outcome.ENDED),
            Observation(2, mine[2], 0, None, Outcome.DONE),
        ]
    )
    asked = drive(scheduler, best_of_all, capacity=1)
    assert [(job.trial, job.config) for job in asked if not job.start][:2] == [(0, mine[0]), (2, mine[2])]
    assert 1 not in {job.trial for job in asked}
    assert max(job.trial for job in asked) == scheduler.trials - 1
