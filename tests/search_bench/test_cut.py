"""Ranges cut short of the best, and a peer that may widen them."""

import numpy as np
import pytest

from benchmarks.search.peers import CannotDrive, Setting, build_peer
from benchmarks.search.problems.cut import Cut
from benchmarks.search.problems.lcbench import EPOCHS, SPACE
from benchmarks.search.simulator import simulate
from tests.search_bench.toy import Toy


class BestAt:
    """A surrogate in which only the learning rate matters."""

    def __init__(self, rate):
        self.rate = rate

    def curves(self, task, configs):
        off = np.array([np.log10(config["learning_rate"] / self.rate) ** 2 for config in configs])
        return (0.1 + off)[:, None] + 1 / EPOCHS


@pytest.mark.parametrize(("rate", "low", "high"), [(0.1, 1e-4, 0.0316), (1e-3, 3.16e-3, 0.1)])
def test_the_best_lies_half_a_decade_outside(rate, low, high):
    learning_rate = Cut(BestAt(rate), "1", rate).space.distributions["learning_rate"]
    assert (learning_rate.low, learning_rate.high) == pytest.approx((low, high), rel=0.01)


def test_only_what_widens_gets_there():
    problem = Cut(BestAt(1e-3), "1", 1e-3)
    rates = {}
    for name in ("caviar", "caviar-extend"):
        scheduler = build_peer(name, problem, Setting(budget=20, workers=1, seed=0))
        trace = simulate(problem, scheduler, workers=1, seed=0, until=20 * problem.epochs)
        configs = [stretch.config for stretch in trace.stretches]
        assert all(config[key] in SPACE.distributions[key] for config in configs for key in config)
        rates[name] = [config["learning_rate"] for config in configs]
    assert min(rates["caviar"]) >= 1e-3 * np.sqrt(10) * (1 - 1e-9)
    assert min(abs(np.log10(rate / 1e-3)) for rate in rates["caviar-extend"]) < 0.1


def test_where_nobody_says_what_can_be_trained_nothing_widens():
    problem = Toy()
    problem.legal = None
    with pytest.raises(CannotDrive, match="beyond"):
        build_peer("caviar-extend", problem, Setting(budget=5, workers=1, seed=0))
