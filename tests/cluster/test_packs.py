"""Packs on Ray: jobs of a call that share a key are trained as one; each comes back as it would alone."""

import os
import signal

import pytest

import sweeps
from sweeps.execution import Workload
from sweeps.trial import Job, Outcome
from tests import trainables
from tests.execution.test_executors import ray_executor, train_all
from tests.execution.test_packs import Decays, Packed, jobs, same


class Counted(Decays):
    """Reports how many were in with it, and kills its worker where its config says so."""

    def epoch(self):
        if any(config.get("kills") for seat, config in self.configs.items() if seat in self.w):
            os.kill(os.getpid(), signal.SIGKILL)
        return {seat: {**row, "seats": len(self.w)} for seat, row in super().epoch().items()}


@pytest.fixture
def start(ray_cluster):
    executors = []

    def _start(train):
        executors.append(ray_executor(Workload(train, "val_loss"), 1))
        return executors[-1]

    yield _start
    for executor in executors:
        executor.close()


def begun(executor, trial=99):
    """The executor with a first job behind it, by which it knows how many seats there are."""
    train_all(executor, [Job(trial, {"rate": 0.1}, stop=1)])
    assert executor.workers == 3
    return executor


def test_jobs_of_a_call_share_a_pack(start):
    asked = [*jobs(0.1, 0.2, 1.9, 50.0), Job(4, {"rate": 0.3, "key": "other"}, stop=2)]
    together, _ = train_all(begun(start(Packed(Counted))), asked)
    alone, _ = train_all(start(trainables.decay), asked)
    for trial, report in together.items():
        seats = [row["seats"] for row in report.rows]
        assert max(seats) > 1 or trial > 2
        same(report, alone[trial], without="seats")


def test_one_is_stopped_while_the_others_of_its_pack_train_on(start):
    executor = begun(start(Packed(Counted)))
    for trial in (0, 1):
        executor.submit(Job(trial, {"rate": 1e-9}, stop=10**9))
    heard = set()
    while heard != {0, 1}:
        heard |= {report.trial for report in executor.poll(0.1) if report.rows}
    executor.stop(1, "enough")
    ended = []
    while not ended:
        ended = [report for report in executor.poll(0.1) if report.outcome is not Outcome.RUNNING]
    assert [(report.trial, report.outcome, report.error) for report in ended] == [
        (1, Outcome.STOPPED, "enough")
    ]
    assert ended[0].checkpoint.epoch == ended[0].epochs


def test_one_that_kills_its_worker_fails_alone(start):
    asked = [*jobs(0.1, 0.2), Job(2, {"rate": 0.3, "kills": True}, stop=4)]
    last, _ = train_all(begun(start(Packed(Counted))), asked)
    assert [last[trial].outcome for trial in (0, 1, 2)] == [Outcome.DONE, Outcome.DONE, Outcome.FAILED]


def test_a_sweep(ray_cluster, tmp_path):
    options = {"trials": 16, "epochs": 3, "scheduler": "random", "finalists": False, "progress": False}
    space = {"rate": sweeps.LogUniform(0.01, 0.4), "key": sweeps.Choice(["a", "b"])}
    result = sweeps.run(Packed(Counted), space=space, **options, out=tmp_path / "run", workers=2)
    assert set(result.trials.status) == {"completed"}
    assert len(result.metrics) == 48
    assert result.metrics.seats.max() > 1
