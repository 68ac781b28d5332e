"""Short jobs, several to a call of a worker: their order, ends, deaths and failures."""

import os
import signal
import time
from contextlib import contextmanager

import pytest

from cluster.pool.pace import Pace
from sweeps.execution import Workload
from sweeps.trial import Job, Outcome
from tests.cluster.pools import process_executor, ray_executor


@pytest.fixture(params=["ray", "processes"])
def pool(request):
    """Starts a pool of one worker for a trainable, which gives out so many jobs a call."""
    executors = []
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
    make = ray_executor if request.param == "ray" else process_executor

    def start(train, data=None, most=8, workers=1):
        executors.append(make(Workload(train, "val_loss", "min", data), workers))
        executor = executors[-1]
        while not executor.free:
            executor.poll(0.1)
        executor._pace.usual = 0.1 / most
        return executor

    yield start
    for executor in executors:
        executor.close()


def train(config, run):
    """Notes in run.data that it has begun, and does what the config says: die, raise, or wait for `go`."""
    mine = run.data / f"began-{config['trial']}"
    again = mine.exists()
    with mine.open("a") as file:
        file.write(f"{os.getpid()}\n")
    if config["does"] == "die" or (config["does"] == "die once" and not again):
        os.kill(os.getpid(), signal.SIGKILL)
    if config["does"] == "raise":
        raise ValueError("from the trainable")
    while config["does"] == "wait" and not (run.data / "go").exists():
        yield {"val_loss": 1.0}
        time.sleep(0.01)
    yield {"val_loss": float(config["trial"])}


def job(trial, does="", stop=1):
    return Job(trial, {"trial": trial, "does": does}, stop=stop)


def waits(trial):
    return job(trial, "wait", stop=10**9)


def submit(executor, *jobs):
    for each in jobs:
        executor.submit(each)


def ends(executor, count):
    """The next so many reports that end jobs."""
    reports = []
    while len(reports) < count:
        reports += [each for each in executor.poll(0.1) if each.outcome is not Outcome.RUNNING]
    return reports


def poll_until(executor, condition):
    reports = []
    while not condition():
        reports += [each for each in executor.poll(0.1) if each.outcome is not Outcome.RUNNING]
    return reports


def times_begun(folder, trial):
    return len((folder / f"began-{trial}").read_text().split())


@contextmanager
def calls_counted(monkeypatch):
    """How many jobs each call that is handed out has."""
    from cluster.pool.slot import WorkerSlot

    sizes, submit = [], WorkerSlot.submit
    with monkeypatch.context() as patch:
        patch.setattr(WorkerSlot, "submit", lambda slot, jobs: (sizes.append(len(jobs)), submit(slot, jobs)))
        yield sizes


def test_short_jobs_go_together_and_are_trained_in_their_order(pool, tmp_path, monkeypatch):
    executor = pool(train, tmp_path)
    assert executor.free == 16
    with calls_counted(monkeypatch) as sizes:
        submit(executor, *(job(trial) for trial in range(16)))
        assert executor.free == 0
        reports = ends(executor, 16)
    assert sizes == [8, 8]
    assert [report.trial for report in reports] == list(range(16))
    assert [report.objective for report in reports] == list(range(16))


def test_two_workers_share_what_there_is(pool, tmp_path, monkeypatch):
    executor = pool(train, tmp_path, workers=2)
    poll_until(executor, lambda: executor.free == 32)
    with calls_counted(monkeypatch) as sizes:
        submit(executor, *(job(trial) for trial in range(8)))
        ends(executor, 8)
    assert sizes[0] == 4


def test_each_end_in_a_call_is_its_jobs_alone(pool, tmp_path):
    executor = pool(train, tmp_path)
    submit(executor, job(0), job(1, "raise"), job(2))
    reports = ends(executor, 3)
    assert [report.outcome for report in reports] == [Outcome.DONE, Outcome.FAILED, Outcome.DONE]


def test_the_ended_are_told_of_while_a_job_of_their_call_goes_on(pool, tmp_path):
    executor = pool(train, tmp_path)
    submit(executor, job(0), job(1), waits(2), job(3))
    assert [report.trial for report in ends(executor, 2)] == [0, 1]
    poll_until(executor, lambda: 2 in executor.silent())
    (tmp_path / "go").touch()
    assert [report.trial for report in ends(executor, 2)] == [2, 3], "and each once"
    assert executor.poll(0) == []


def test_jobs_behind_one_that_turns_out_long_are_trained_by_others(pool, tmp_path):
    executor = pool(train, tmp_path, workers=2)
    poll_until(executor, lambda: executor.free == 32)
    submit(executor, waits(0), *(job(trial) for trial in range(1, 8)))
    assert sorted(report.trial for report in ends(executor, 7)) == list(range(1, 8))
    (tmp_path / "go").touch()
    assert [report.trial for report in ends(executor, 1)] == [0]


def test_of_a_call_some_jobs_are_stopped_in_training_and_some_before(pool, tmp_path):
    executor = pool(train, tmp_path)
    submit(executor, waits(1), job(2), job(3))
    poll_until(executor, (tmp_path / "began-1").exists)
    executor.stop(2, "not wanted")
    executor.stop(1, "enough")
    reports = {report.trial: report for report in ends(executor, 3)}
    assert (reports[1].outcome, reports[1].error) == (Outcome.STOPPED, "enough")
    assert reports[1].rows, "what it had reported stays"
    assert (reports[2].outcome, reports[2].error, reports[2].rows) == (Outcome.STOPPED, "not wanted", ())
    assert reports[3].outcome is Outcome.DONE
    assert not (tmp_path / "began-2").exists()


def test_a_job_of_a_call_is_killed_and_the_others_are_trained(pool, tmp_path):
    executor = pool(train, tmp_path)
    submit(executor, job(0), waits(1), job(2))
    before = poll_until(executor, lambda: 1 in executor.silent())
    assert [report.trial for report in before] == [0]
    executor.kill(1, "it hangs")
    reports = {report.trial: report for report in ends(executor, 2)}
    assert (reports[1].outcome, reports[1].error) == (Outcome.FAILED, "it hangs")
    assert reports[2].outcome is Outcome.DONE
    assert [times_begun(tmp_path, trial) for trial in (0, 1, 2)] == [1, 1, 1]
    assert executor.retried() == []


def test_a_death_in_the_middle_of_a_call_loses_and_doubles_nothing(pool, tmp_path):
    executor = pool(train, tmp_path)
    submit(executor, *(job(trial, "die once" if trial == 3 else "") for trial in range(8)))
    poll_until(executor, lambda: executor.retried() != [])
    assert all(each.deaths == 0 for each in executor._backlog), "nobody knows who was in training"
    reports = ends(executor, 8)
    assert sorted(report.trial for report in reports) == list(range(8))
    assert all(report.outcome is Outcome.DONE for report in reports)
    assert [times_begun(tmp_path, trial) for trial in (3, 4)] == [2, 1]
    assert any("with one of 8 trials in training" in notice for notice in executor.notices())


def test_a_job_that_kills_its_workers_fails_alone_whatever_its_call(pool, tmp_path):
    executor = pool(train, tmp_path)
    submit(executor, *(job(trial, "die" if trial == 3 else "") for trial in range(6)))
    reports = {report.trial: report for report in ends(executor, 6)}
    assert [trial for trial in reports if reports[trial].outcome is Outcome.FAILED] == [3]
    assert "died 3 times while training it" in reports[3].error
    assert times_begun(tmp_path, 3) == 4, "once in company, which charges nobody, and three times alone"


class Explodes:
    """A config's value that no worker can unpickle."""

    def __reduce__(self):
        return (_explode, ())


def _explode():
    raise RuntimeError("cannot be unpickled here")


def test_a_config_that_cannot_be_unpickled_fails_alone(pool, tmp_path):
    executor = pool(train, tmp_path)
    submit(executor, job(0), Job(1, {"trial": 1, "does": Explodes()}, stop=1), job(2))
    reports = {report.trial: report for report in ends(executor, 3)}
    assert {trial: report.outcome for trial, report in reports.items()} == {
        0: Outcome.DONE,
        1: Outcome.FAILED,
        2: Outcome.DONE,
    }
    assert "cannot be unpickled here" in reports[1].error


def test_how_many_jobs_go_together_follows_how_long_they_take():
    pace = Pace()
    pace.learn(5.0, 1)
    assert (pace.most, pace.ahead) == (1, False)
    pace.learn(0.5, 100)
    assert (pace.most, pace.ahead) == (19, True)
    pace.learn(1e-9, 10**4)
    assert pace.most == 256
    pace.learn(0.0, 0)
    assert pace.most == 256
    pace.learn(60.0, 1)
    assert (pace.most, pace.ahead) == (1, False)
