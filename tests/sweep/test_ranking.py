"""The best of many trials whose standings change."""

import random

import pytest

from sweeps.sweep import ranking
from sweeps.sweep.ranking import Ranking


@pytest.mark.parametrize("seed", range(20))
def test_the_best_is_that_of_a_look_at_all(monkeypatch, seed):
    monkeypatch.setattr(ranking, "_MOST", 8)
    rng, standings = random.Random(seed), {}
    ours = Ranking(standings.get, lambda: list(standings))
    for _ in range(300):
        trial = rng.randrange(40)
        standings[trial] = None if rng.random() < 0.3 else (rng.random() < 0.5, rng.randrange(10))
        if standings[trial] is not None:
            ours.hear(trial, standings[trial])
        have = [(standing, trial) for trial, standing in standings.items() if standing is not None]
        assert ours.best() == (min(have)[1] if have else None)
        assert ours.first(4) == [trial for _, trial in sorted(have)[:4]]
        assert ours.best() == (min(have)[1] if have else None)


def test_all_trials_are_looked_at_only_where_the_best_kept_are_gone(monkeypatch):
    monkeypatch.setattr(ranking, "_MOST", 100)
    looks, standings = [], {trial: (False, trial) for trial in range(1000)}
    ours = Ranking(standings.get, lambda: looks.append(1) or standings)
    for trial, standing in standings.items():
        ours.hear(trial, standing)
    for trial in range(49):
        standings[trial] = None
        assert ours.best() == trial + 1
    assert not looks
    standings.update(dict.fromkeys(range(900)))
    assert ours.best() == 900
    assert looks == [1]
