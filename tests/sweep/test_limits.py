"""Limits: what ends a search, a sweep, a trial, and how it stands then."""

import io
import random
import sys
import time
from contextlib import contextmanager
from functools import partial
from itertools import count

import pytest

import sweeps
from sweeps.events import JobRetried, SearchEnded, SweepEnded
from sweeps.execution import Lost, SerialExecutor
from sweeps.results import summarize
from sweeps.screen.console import Screen
from sweeps.screen.summary import print_summary
from sweeps.space import Space
from sweeps.spec import Limits
from sweeps.store import LOG, LogReader, RunDirectory
from sweeps.sweep.ledger import Ledger
from sweeps.sweep.limits import Limiter
from sweeps.trial import Job, Outcome, Report
from tests import trainables
from tests.simulation.clock import Clock as SimulatedClock

X = {"x": sweeps.Uniform(0, 1)}


class Clock:
    """Tells what it is set to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limiter(tmp_path, clock):
    """Makes a limiter over a ledger that has begun twenty trials."""

    def make(epochs=10, mode="min", used=0.0, **limits):
        directory = RunDirectory(tmp_path / "run", "", Space({"x": {"uniform": [0, 1]}}))
        ledger = Ledger(directory, "val_loss", mode, epochs)
        for trial in range(20):
            ledger.begin(Job(trial, {"x": 0.5}, epochs))
        return Limiter(Limits(**limits), ledger, epochs, used, clock)

    return make


def hear(limiter, trial, losses, outcome=Outcome.DONE, seconds=0.0, first=0.0, slowest=0.0):
    """The limiter and its ledger are told of a trial's report."""
    rows = [{"val_loss": loss} for loss in losses]
    report = Report(trial, len(rows), None, outcome, rows, seconds, first=first, slowest=slowest)
    limiter.ledger.record(report)
    limiter.take(report)


def over(limiter, repeats=0, workers=1):
    return limiter.search_over(repeats, workers)


def test_without_limits_nothing_ends(limiter, clock):
    free = limiter()
    hear(free, 0, [0.0] * 1000)
    clock.now += 1e9
    assert over(free) is free.sweep_over() is None
    assert list(free.overdue({0: 86_399.0})) == []


@pytest.mark.parametrize(
    ("mode", "enough", "not_yet", "there"), [("min", 0.1, 0.11, 0.1), ("max", 0.9, 0.89, 0.9)]
)
def test_at_knows_the_mode_and_counts_what_is_still_in_training(limiter, mode, enough, not_yet, there):
    one = limiter(at=enough, mode=mode)
    hear(one, 0, [not_yet])
    assert over(one) is None
    hear(one, 3, [there], Outcome.RUNNING)
    assert over(one) == f"limits.at after trial 3 reached {there}"


def test_epochs_are_those_of_the_search(limiter):
    one = limiter()
    one.limits = Limits(epochs=5)
    one.ledger.begin(Job(20, {"x": 0.5}, 10, repeats=0))
    hear(one, 20, [1.0] * 9)
    hear(one, 0, [1.0] * 4)
    assert over(one) is None
    hear(one, 1, [1.0], Outcome.RUNNING)
    assert over(one) == "limits.epochs after 5 epochs"


def test_no_better_counts_each_trial_once_since_the_last_improvement(limiter):
    one = limiter(no_better=3)
    for trial, loss in enumerate([5.0, 6.0, 7.0, 4.0]):
        hear(one, trial, [loss])
        assert over(one) is None
    hear(one, 4, [9.0])
    hear(one, 4, [9.0, 9.0])
    hear(one, 5, [], Outcome.FAILED)
    assert over(one) is None
    hear(one, 6, [4.0])
    assert over(one) == "limits.no_better after 3 trials without a better one"


@pytest.mark.parametrize("seed", range(20))
def test_no_better_counts_the_same_in_whatever_order_jobs_end(tmp_path, clock, seed):
    losses = [5.0, 3.0, 4.0, 3.0, 6.0, 2.0, 7.0, 2.0, 9.0, 8.0]
    order = random.Random(seed).sample(range(10), 10)
    directory = RunDirectory(tmp_path / "run", "", Space({"x": {"uniform": [0, 1]}}))
    one = Limiter(Limits(no_better=4), Ledger(directory, "val_loss", "min", 10), 10, 0.0, clock)
    for trial in range(10):
        one.ledger.begin(Job(trial, {"x": 0.5}, 10))
    for trial in order:
        hear(one, trial, [losses[trial]])
        one.ledger.since_best()
    assert one.ledger.best.trial == 5
    assert one.ledger.since_best() == 4


def test_time_counts_earlier_processes(limiter, clock):
    one = limiter(time=100, used=70.0)
    clock.now += 29
    assert over(one) is one.sweep_over() is None
    clock.now += 1
    assert over(one) == one.sweep_over() == "limits.time after 1m40s"


def test_the_time_of_the_finals_is_kept_free(limiter, clock):
    one = limiter(time=100, epochs=10)
    hear(one, 0, [1.0] * 10, seconds=10.0)  # one epoch a second
    clock.now += 50
    assert over(one, repeats=6, workers=2) is None, (
        "three trainings one after the other, and a fifth more: 36 s"
    )
    clock.now += 14
    assert over(one, repeats=6, workers=2) == "limits.time after 1m4s"
    assert one.sweep_over() is None


def test_finals_that_would_take_most_of_the_time_are_left_out(limiter, clock):
    one = limiter(time=100, epochs=10)
    hear(one, 0, [1.0] * 10, seconds=10.0)
    clock.now += 99
    assert over(one, repeats=6, workers=1) is None
    clock.now += 1
    assert one.sweep_over() is not None


def test_a_trials_time_is_that_of_all_its_jobs(limiter):
    one = limiter(trial=60)
    hear(one, 0, [1.0], Outcome.DONE, seconds=50.0)
    hear(one, 0, [1.0, 1.0], Outcome.RUNNING, seconds=8.0)
    assert list(one.overdue({0: 1.0})) == []
    (due,) = one.overdue({0: 2.0})
    assert (due.trial, due.why, due.hangs) == (0, "stopped after 1m by limits.trial", False)


def test_a_trials_time_is_that_of_failed_attempts_too(limiter):
    one = limiter(trial=60)
    hear(one, 0, [1.0], Outcome.RUNNING, seconds=50.0)
    one.ledger.retry(JobRetried(trial=0, attempt=1, seconds=50.0))
    one.retry(0)
    assert list(one.overdue({0: 9.0})) == []
    hear(one, 0, [1.0, 1.0], Outcome.RUNNING, seconds=9.0)
    (due,) = one.overdue({0: 1.0})
    assert due.trial == 0


class Dying(SerialExecutor):
    """Its worker dies again and again, each time after 25 seconds, before it has said anything."""

    _stopped = False

    def poll(self, timeout):
        return super().poll(timeout) if self._stopped else []

    def stop(self, trial, why=None):
        super().stop(trial, why)
        self._stopped = True

    def submit(self, job, checkpoint=None):
        super().submit(job, checkpoint)
        self._stopped = False

    def silent(self):
        return {run.trial: 0.0 for run in self._turns.runs}

    def retried(self):
        return [Lost(run.trial, "its worker died", 25.0) for run in self._turns.runs]


def test_a_trials_time_is_that_of_dead_workers_too(serial, monkeypatch):
    @contextmanager
    def dying(plan, *others):
        yield Dying(plan.workload)

    monkeypatch.setattr(sys.modules["sweeps.face.execute"], "_executor", dying)
    options = {"trials": 2, "limits": {"trial": 60}, "scheduler": "random"}
    result = serial(trainables.parabola, space=X, **options)
    assert result.trials["error"].eq("stopped after 1m by limits.trial").all()
    assert result.trials["seconds"].eq(75.0).all()
    again = sweeps.resume(result.path, train=trainables.parabola, serial=True, progress=False)
    assert again.trials["seconds"].eq(75.0).all()


class JobsClock(SimulatedClock):
    """Tells the time to jobs in this process, too."""

    def __init__(self, monkeypatch):
        super().__init__(monkeypatch)
        for name in ("job_run", "serial", "packing.group"):
            monkeypatch.setattr(sys.modules[f"sweeps.execution.{name}"], "time", self)

    def perf_counter(self):
        return self.monotonic()


def test_a_trials_time_is_that_of_dead_processes_too(serial, tmp_path, monkeypatch):
    """Ctrl-C comes in each third epoch; without a checkpoint, the trial begins at the beginning again."""
    clock = JobsClock(monkeypatch)

    def train(config, run):
        for epoch in range(run.start, run.epochs):
            if epoch == 2:
                raise KeyboardInterrupt
            clock.pass_by(20)
            yield {"val_loss": config["x"]}

    with pytest.raises(KeyboardInterrupt):
        serial(train, space=X, trials=1, epochs=10, limits={"trial": 60}, scheduler="random")
    result = sweeps.resume(tmp_path / "run", train=train, serial=True, progress=False)
    assert result.trials["error"].tolist() == ["stopped after 1m by limits.trial"]
    assert result.trials["seconds"].tolist() == [pytest.approx(60.0, abs=0.1)]


def test_a_job_of_a_trial_whose_time_is_over_does_not_begin(limiter):
    one = limiter(trial=60)
    hear(one, 0, [1.0], Outcome.DONE, seconds=59.0)
    assert one.trial_over(0) is None
    hear(one, 0, [1.0, 1.0], Outcome.DONE, seconds=1.0)
    assert one.trial_over(0) == "stopped after 1m by limits.trial"
    assert one.trial_over(1) is one.trial_over(99) is None


def test_the_log_hears_of_long_epochs_before_they_end(limiter):
    ledger = limiter().ledger

    def heard(seconds, silent):
        event = ledger.record(Report(0, 0, None, Outcome.RUNNING, seconds=seconds, silent=silent))
        return ledger.is_news(event)

    times = [(0.0, 29.0), (0.0, 30.0), (0.0, 59.0), (0.0, 61.0)]
    assert [heard(*each) for each in times] == [False, True, False, True]


def test_a_limit_for_epochs_names_a_trial_that_hangs(limiter):
    one = limiter(epoch=5)
    assert list(one.overdue({0: 4.9})) == []
    (due,) = one.overdue({0: 5.0})
    assert due.hangs
    assert due.why == "no new epoch for 5s, longer than limits.epoch allows"


def test_without_a_limit_for_epochs_the_longest_one_seen_says_what_hangs(limiter):
    one = limiter()
    hear(one, 0, [1.0, 1.0], seconds=310.0, first=300.0, slowest=10.0)
    hear(one, 1, [1.0], Outcome.RUNNING, seconds=10.0)
    hear(one, 2, [], Outcome.RUNNING)
    assert list(one.overdue({1: 1799.0, 2: 5999.0})) == [], "half an hour at least; first epochs take longer"
    assert [due.trial for due in one.overdue({1: 1800.0, 2: 5999.0})] == [1]
    assert [due.trial for due in one.overdue({1: 1.0, 2: 6000.0})] == [2]


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"epochs": 20}, "limits.epochs after "),
        ({"at": 0.5}, "limits.at after trial "),
        ({"no_better": 5}, "limits.no_better after "),
    ],
)
def test_a_limit_ends_the_search_and_the_finals_follow(run, limits, why):
    result = run(
        trainables.decay, space={"rate": sweeps.Uniform(0, 0.9)}, trials=60, limits=limits, finalists=2
    )
    search = result.trials[result.trials["repeats"].isna()]
    assert len(search) < 60
    assert search["status"].isin(["stopped", "completed"]).all()
    assert result.trials["repeats"].notna().sum() == 2 * 3
    assert result.best.seeds == 3
    assert result.ended_by.startswith(why)
    assert summarize(result).ended_by == result.ended_by
    log = LogReader(result.path / LOG)
    assert log.last(SearchEnded).why == result.ended_by
    assert log.last(SweepEnded).how == "complete"
    trained = result.trials["epochs"][result.trials["epochs"] > 0]  # some were stopped before their first
    assert result.metrics.groupby("trial").size().tolist() == trained.tolist()


def test_a_sweep_whose_time_is_over_is_complete_and_can_be_read(run, monkeypatch, tmp_path):
    """Endless trials; the hour is over once one of them has had five epochs."""
    trained = tmp_path / "trained"
    clock = partial(Limiter, clock=lambda: 3600.0 * trained.exists())
    monkeypatch.setattr(sys.modules["sweeps.face.execute"], "Limiter", clock)

    def train(config, run):
        for epoch in count():
            yield {"val_loss": config["x"]}
            time.sleep(0.01)
            if epoch == 5:
                trained.touch()

    result = run(
        train, space=X, trials=50, epochs=10**9, limits={"time": "1h"}, finalists=True, scheduler="random"
    )
    assert result.trials["status"].eq("stopped").all()
    assert result.ended_by == "limits.time after 1h"
    assert LogReader(result.path / LOG).last(SweepEnded).how == "complete"
    assert result.best is not None
    assert result.metrics.groupby("trial").size().max() == result.trials["epochs"].max()


def test_a_trial_that_comes_to_its_limit_is_stopped_with_its_rows(run):
    """Endless trials, of which the first two can only end by the limit."""

    def train(config, run):
        while True:
            yield {"val_loss": config["x"]}
            time.sleep(0.01)

    result = run(train, space=X, trials=2, epochs=10**9, limits={"trial": 0.3}, scheduler="random")
    assert result.trials["status"].eq("stopped").all()
    assert result.trials["error"].eq("stopped after 0.3s by limits.trial").all()
    assert result.trials["objective"].notna().all()
    assert result.metrics.groupby("trial").size().tolist() == result.trials["epochs"].tolist()
    assert summarize(result).first_error is None
    assert result.ended_by is None


def test_what_has_ended_a_search_is_known_when_it_is_resumed(serial, tmp_path):
    space = {"rate": sweeps.Uniform(0, 0.9)}
    first = serial(trainables.decay, space=space, trials=60, limits={"epochs": 20}, finalists=2)
    again = sweeps.resume(first.path, train=trainables.decay, progress=False, serial=True)
    assert again.trials.equals(first.trials)
    assert again.ended_by == first.ended_by


def test_the_summary_says_what_ended_the_search(serial):
    result = serial(trainables.parabola, space=X, trials=60, limits={"no_better": 3})
    text = io.StringIO()
    print_summary(summarize(result), every_round=False, screen=Screen(file=text))
    assert "ended by limits.no_better after 3 trials" in text.getvalue()
    assert summarize(result).to_json()["ended_by"].startswith("limits.no_better after 3 trials")


@pytest.mark.parametrize("limits", [{"epochs": 30}, {"at": 2.0}, {"no_better": 4}])
def test_a_deterministic_sweep_has_the_same_end_on_any_number_of_workers(ray_cluster, tmp_path, limits):
    def trials(name, **how):
        result = sweeps.run(
            trainables.decay,
            space={"rate": sweeps.Uniform(0, 0.4)},
            trials=200,
            limits=limits,
            deterministic=True,
            finalists=1,
            progress=False,
            out=tmp_path / name,
            **how,
        )
        assert result.ended_by is not None
        return result.trials.drop(columns=["seconds", "worker"])

    assert trials("three", workers=3).equals(trials("serial", serial=True))
