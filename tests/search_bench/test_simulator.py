"""The simulator's clock and its accounts."""

import numpy as np
import pytest

from benchmarks.search.peers.own import Sobol, affordable_trials, coarse_to_fine
from benchmarks.search.peers.setting import Setting
from benchmarks.search.simulator import simulate
from sweeps.trial import Outcome
from tests.search_bench.toy import Script, Toy, job


def run(scheduler, workers=1, until=100.0):
    return simulate(Toy(), scheduler, workers=workers, seed=0, until=until)


def test_a_job_takes_as_long_as_its_epochs_and_is_told_in_the_order_of_ending():
    script = Script(job(0, 10), job(1, 4), job(2, 3))
    trace = run(script, workers=2)
    assert [stretch.began for stretch in trace.stretches] == [0, 0, 4]
    assert [report.trial for report in script.told] == [1, 2, 0]


def test_a_promoted_trial_pays_its_further_epochs_alone():
    script = Script(job(0, 3), job(0, 10, start=3))
    trace = run(script)
    assert trace.spent(100) == 10
    assert [report.epochs for report in script.told] == [3, 10]
    assert script.told[1].objective == pytest.approx(0.5 + 1 / 10)


def test_a_report_has_the_trials_best_so_far():
    """Not the job's alone: a trial that gets worse as it goes on keeps what it had."""

    class Rises(Toy):
        def curve(self, config, seed, epochs):
            return np.arange(1.0, 11.0)[:epochs]

    script = Script(job(0, 3), job(0, 10, start=3))
    simulate(Rises(), script, workers=1, seed=0, until=100.0)
    assert [report.objective for report in script.told] == [1.0, 1.0]


def test_a_trial_that_begins_anew_pays_from_epoch_0():
    assert run(Script(job(0, 3), job(0, 10))).spent(100) == 13


def test_waiting_workers_are_counted():
    trace = run(Script(job(0, 10), job(1, 5)), workers=2)
    assert trace.busy(10) == 15 / 20
    assert trace.spent(4) == 8


def test_no_job_begins_after_the_budget():
    trace = run(Script(*(job(trial, 10) for trial in range(100))), workers=3, until=25)
    assert max(stretch.began for stretch in trace.stretches) < 25
    assert trace.busy(25) == 1
    assert trace.trials == 9


@pytest.mark.parametrize(
    "jobs",
    [
        (job(0, 3), job(0, 10, start=3)),
        (job(0, 3), job(1, 5, start=2)),
        (job(0, 11),),
    ],
)
def test_a_scheduler_that_breaks_the_rules_is_caught(jobs):
    with pytest.raises(AssertionError):
        run(Script(*jobs), workers=2)


def test_a_trial_that_diverges_ends_there():
    script = Script(job(0, 10, x=0.95))
    trace = run(script)
    (report,) = script.told
    assert (report.epochs, report.outcome) == (3, Outcome.INFEASIBLE)
    assert report.objective == pytest.approx(0.95 + 1 / 2)
    assert trace.spent(100) == 3


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("peer", [coarse_to_fine, Sobol])
def test_runs_repeat(peer, workers):
    def once():
        trace = run(peer(Toy(), Setting(10, workers, 7)), workers, until=100 / workers)
        return [(s.began, s.trial, s.config, s.start, len(s.rows)) for s in trace.stretches]

    first = once()
    assert first == once()
    for _, trial, _, start, length in first:
        reached = [s for s in first if s[1] == trial and s[3] < start]
        assert sum(s[4] for s in reached) == start, (trial, length)


def test_the_incumbent_is_known_epoch_by_epoch():
    trace = run(Script(job(0, 10, x=0.5), job(1, 10, x=0.2)), workers=1)
    assert trace.score(0.5) == Toy.nothing
    assert trace.score(4) == pytest.approx(0.5 + 1 / 4)
    assert trace.score(10.9) == pytest.approx(0.5 + 1 / 10)
    assert trace.score(12) == pytest.approx(0.5 + 1 / 10)
    assert trace.score(14) == pytest.approx(0.2 + 1 / 4)


def test_the_incumbent_is_chosen_by_what_was_seen_and_judged_by_the_truth():
    class Noisy(Toy):
        def truth(self, config, seed, epoch):
            return 100.0 * epoch + config["x"]

    trace = simulate(Noisy(), Script(job(0, 2, x=0.3), job(1, 2, x=0.2)), workers=1, seed=0, until=9)
    assert trace.score(9) == 200.2


def test_trials_that_are_tied_count_alike():
    class Noisy(Toy):
        def curve(self, config, seed, epochs):
            return np.array([0.0, 0.0, 0.5])[:epochs] if config["x"] < 0.5 else np.full(epochs, 0.1)

        def truth(self, config, seed, epoch):
            return 10.0 * epoch + config["x"]

        def test(self, config, seed, epoch):
            return -self.truth(config, seed, epoch)

    jobs = job(0, 3, x=0.1), job(1, 3, x=0.3), job(2, 3, x=0.8)
    trace = simulate(Noisy(), Script(*jobs), workers=1, seed=0, until=9)
    assert trace.score(3) == 10.1
    assert trace.score(9) == pytest.approx(10.2)
    assert trace.test(9) == pytest.approx(-10.2)


def test_the_trials_a_budget_pays():
    # Rungs 1, 3 and 10 of 10 epochs, of which 40 % climb each.
    assert affordable_trials(10, 7) == np.ceil(70 / (1 + 0.4 * 2 + 0.16 * 7))
