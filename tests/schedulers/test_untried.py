"""Spaces of few configs: each is tried once, and then the search has ended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.schedulers import CoarseToFine, Finals, RandomSampler
from sweeps.schedulers.untried import Untried, all_configs
from sweeps.space import Space
from sweeps.trial import Outcome, Report
from tests.schedulers.test_contract import EVERY, build, drive

FEW = Space(
    {
        "n": {"int": [1, 6]},
        "kind": {"choice": ["a", "b", "c"]},
        "size": {"int": [1, 5], "when": {"kind": "c"}},
        "fixed": 3,
    }
)  # 6 · 2 + 6 · 5 = 42 configs
SKEWED = Space({"units": {"log_int": [1, 512]}})  # of which the last are hardly ever drawn


def key(job):
    return tuple(job.config.items())


def by_n(job):
    return Report(job.trial, job.stop, job.config["n"] + 1 / job.stop)


def test_all_configs():
    assert FEW.size == 42
    configs = list(all_configs(FEW))
    assert len({tuple(config.items()) for config in configs}) == len(configs) == 42
    assert all(config == FEW.config(FEW.point(config)) or "size" not in config for config in configs)


@pytest.mark.parametrize("space", [FEW, SKEWED])
def test_draws_without_repeats_are_all_there_is(space):
    untried, sampler, found = Untried(space), RandomSampler(len(space.searched), 0), set()
    assert untried.fewer(10_000) == space.size
    while untried.fewer(1):
        config = space.config(untried.draw(sampler, len(found)))
        assert config in untried
        untried.add(config)
        assert config not in untried
        found.add(tuple(config.items()))
    assert len(found) == space.size


def test_where_a_range_is_continuous_nothing_is_kept_and_points_are_the_samplers():
    space = Space({"x": {"uniform": [0, 1]}})
    untried, sampler = Untried(space), RandomSampler(1, 0)
    for number in range(5):
        point = sampler.draw(number)
        assert untried.draw(sampler, number) == point
        untried.add(space.config(point))
        assert untried.instead(point) == point
    assert untried.fewer(7) == 7


@EVERY
@pytest.mark.parametrize("capacity", [1, 5, 64])
@pytest.mark.parametrize("trials", [12, 60])
def test_each_config_is_tried_once_and_an_exhausted_space_ends_the_search(name, trials, capacity):
    if name == "pbt":
        pytest.skip("members of a population go on with each other's configs")
    if name == "optuna:gp":
        trials = 12
    scheduler = build(name, FEW, trials=trials, epochs=9)
    begun = {job.trial: key(job) for job in drive(scheduler, by_n, capacity)}
    assert len(begun) == len(set(begun.values())) == min(scheduler.trials, 42)


@EVERY
def test_two_configs_are_trained_once_each_and_the_finals_follow(name):
    space = Space({"activation": {"choice": ["relu", "tanh"]}, "n": 1})
    scheduler = Finals(build(name, space, trials=20, epochs=9), top=2, seeds=3, epochs=9, mode="min", seed=0)
    jobs = drive(scheduler, by_n, 4)
    search = [job for job in jobs if job.repeats is None]
    assert {job.trial for job in search} == {0, 1}
    assert sum(job.stop - job.start for job in search) <= 2 * 9
    assert len(jobs) - len(search) == 2 * 3


@EVERY
def test_where_all_configs_fail_the_search_ends_too(name):
    scheduler = build(name, FEW, trials=60, epochs=9)
    jobs = drive(scheduler, lambda job: Report(job.trial, job.start, None, Outcome.FAILED), 3)
    assert len({key(job) for job in jobs}) == len(jobs) == min(scheduler.trials, 42)


@given(size=st.integers(1, 12), trials=st.integers(1, 40), capacity=st.integers(1, 9))
def test_coarse_to_fine_ends_whatever_the_size(size, trials, capacity):
    scheduler = CoarseToFine(Space({"n": {"choice": list(range(size))}}), trials=trials, epochs=27)
    begun = {job.trial: key(job) for job in drive(scheduler, by_n, capacity)}
    assert len(begun) == len(set(begun.values())) == min(size, trials)


@pytest.mark.parametrize("capacity", [1, 8])
def test_an_exhausted_range_grows_before_the_search_ends(capacity):
    """All eight are tried in the first round; the best lies beyond, as far as twice the width away."""
    scheduler = CoarseToFine(Space({"n": {"int": [1, 8]}}), trials=64, epochs=1, extend=lambda config: True)
    jobs = drive(scheduler, lambda job: Report(job.trial, 1, abs(job.config["n"] - 17.0)), capacity)
    assert 17 in {job.config["n"] for job in jobs}
    assert len({key(job) for job in jobs}) == len({job.trial for job in jobs})
    assert any("→" in region.reason for round_ in scheduler.rounds for region in round_.regions)
