"""Every peer that is installed can be driven by several workers; the others are passed over."""

import pytest

from benchmarks.search.peers import PEERS, CannotDrive, Setting, build_peer
from benchmarks.search.simulator import simulate
from tests.search_bench.toy import Toy


class OneEpoch(Toy):
    epochs = 1


def drive(problem, peer, workers, budget=6):
    try:
        scheduler = build_peer(peer, problem, Setting(budget, workers, seed=3))
    except ImportError as missing:
        pytest.skip(f"{peer}: {missing}")
    until = budget * problem.epochs / workers
    return simulate(problem, scheduler, workers=workers, seed=3, until=until), until


# Their warnings are theirs.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_spends_its_budget_within_the_space(peer, workers):
    trace, until = drive(Toy(), peer, workers)
    assert trace.trials > 1
    assert trace.score(until) < Toy.nothing
    assert trace.busy(until) > 0.9
    assert all(0 <= stretch.config["x"] <= 1 for stretch in trace.stretches)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("peer", PEERS)
def test_a_problem_of_one_epoch_is_driven_or_refused(peer):
    try:
        trace, until = drive(OneEpoch(), peer, workers=1)
    except CannotDrive:
        return
    assert trace.busy(until) == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("peer", ["tune-hyperband", "optuna-tpe-hyperband", "dehb", "syne-asha"])
def test_a_peer_repeats(peer):
    first, second = ([s.config for s in drive(Toy(), peer, workers=2)[0].stretches] for _ in range(2))
    assert first == second
