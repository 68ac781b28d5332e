"""Processes of this machine train until Ray is up; then its workers take over, one by one."""

import math
import os
import signal
import time
from pathlib import Path

import pytest

from cluster import RayExecutor
from cluster.pool.arriving import Arriving, arriving
from cluster.session import describe
from cluster.workers.shipping import payload_of
from sweeps.errors import BadInput, WorkersLost
from sweeps.execution import Workload
from sweeps.spec import DEFAULTS
from sweeps.trial import Job, Outcome
from tests.cluster.pools import Nowhere, on_its_way


class Soon(Arriving):
    """The Ray of these tests, which is up when they say so."""

    is_up = False
    error = ""

    def session(self):
        if self.error:
            raise RuntimeError(self.error)
        return describe(None, DEFAULTS.resources) if self.is_up else None


@pytest.fixture
def soon(ray_cluster):
    """A pool of two processes for a trainable, and the Ray that it waits for."""
    executors = []

    def start(train, data=None):
        workload = Workload(train, "val_loss", "min", data)
        ray = Soon(payload_of(workload), 2, Nowhere)
        executors.append(RayExecutor(workload, ray, 2))
        return executors[-1], ray

    yield start
    for executor in executors:
        executor.close()


def on_which(config, run):
    """Reports whether it trains on Ray; waits for a file of the config's name first."""
    (run.data / f"begun-{config['name']}").touch()
    while not (run.data / config["name"]).exists():
        time.sleep(0.01)
    yield {
        "val_loss": float("RAY_RAYLET_PID" in os.environ),
        "pid": os.getpid(),
    }


def job(trial, name):
    return Job(trial, {"name": name}, stop=1)


def poll_until(executor, condition):
    """The reports and notices until a condition holds."""
    reports = []
    while not condition():
        reports += [each for each in executor.poll(0.1) if each.outcome is not Outcome.RUNNING]
    return reports


def end_of(executor, jobs=1):
    reports = []
    while len(reports) < jobs:
        reports += [each for each in executor.poll(0.1) if each.outcome is not Outcome.RUNNING]
    return reports


def heirs_up(executor):
    return all(slot.heir is None or slot.heir.loading is None for slot in executor._crew.slots)


def test_workers_on_ray_take_over_when_jobs_have_ended(soon, tmp_path):
    executor, ray = soon(on_which, tmp_path)
    poll_until(executor, lambda: executor.free == 2)
    executor.submit(job(0, "a"))
    poll_until(executor, lambda: (tmp_path / "begun-a").exists())
    ray.is_up = True
    poll_until(executor, lambda: executor._crew._session is not None)
    assert "Ray is up" in " ".join(executor.notices())
    poll_until(executor, lambda: heirs_up(executor))
    executor.poll(0)
    assert executor.free == 1, "the place of the job in training is not given twice"
    for name in "ab":
        (tmp_path / name).touch()
    (first,) = end_of(executor)
    assert first.rows[0]["val_loss"] == 0.0
    executor.submit(job(1, "b"))
    executor.submit(job(2, "b"))
    assert [report.rows[0]["val_loss"] for report in end_of(executor, 2)] == [1.0, 1.0]
    assert all(slot.heir is None for slot in executor._crew.slots)


def test_a_job_whose_process_dies_is_trained_on_ray(soon, tmp_path):
    executor, ray = soon(on_which, tmp_path)
    poll_until(executor, lambda: executor.free == 2)
    executor.submit(job(0, "a"))
    poll_until(executor, lambda: (tmp_path / "begun-a").exists())
    ray.is_up = True
    poll_until(executor, lambda: executor._crew._session is not None and heirs_up(executor))
    os.kill(next(slot.pid for slot in executor._crew.slots if slot.held), signal.SIGKILL)
    (tmp_path / "a").touch()
    (report,) = end_of(executor)
    assert (report.outcome, report.rows[0]["val_loss"]) == (Outcome.DONE, 1.0)
    assert [lost.trial for lost in executor.retried()] == [0]
    assert any("SIGKILL" in text for text in executor.notices())


class OnRayAlone:
    """Data that cannot be loaded in a process without Ray."""

    def __reduce__(self):
        return _on_ray_alone, ()


def _on_ray_alone():
    if "RAY_RAYLET_PID" not in os.environ:
        raise OSError("not here")
    return OnRayAlone()


def test_what_a_process_cannot_load_waits_for_ray(soon, tmp_path):
    executor, ray = soon(lambda config, run: 1.0, OnRayAlone())
    poll_until(executor, lambda: all(slot.stands_by for slot in executor._crew.slots))
    assert executor.free == 0
    ray.is_up = True
    executor.submit(Job(0, {}, stop=1))
    assert end_of(executor)[0].outcome is Outcome.DONE


def test_where_ray_cannot_be_started_the_sweep_goes_on(soon, tmp_path):
    executor, ray = soon(on_which, tmp_path)
    poll_until(executor, lambda: executor.free == 2)
    ray.error = "Ray could not be started: no room"
    (tmp_path / "a").touch()
    executor.submit(job(0, "a"))
    assert end_of(executor)[0].outcome is Outcome.DONE
    assert any("no room; the sweep goes on" in text for text in executor.notices())


def test_with_neither_the_sweep_ends(soon):
    executor, ray = soon(lambda config, run: 1.0, OnRayAlone())
    poll_until(executor, lambda: all(slot.stands_by for slot in executor._crew.slots))
    ray.error = "Ray could not be started: no room"
    with pytest.raises(WorkersLost, match="no room"):
        executor.poll(0)


@pytest.mark.parametrize(
    ("data", "later", "is_started"),
    [(None, 0.0, True), (None, math.inf, False), (OnRayAlone(), math.inf, True)],
    ids=["due", "never", "cannot be loaded without"],
)
def test_ray_is_started_when_it_is_worth_it(tmp_path, data, later, is_started):
    started = []

    def head():
        started.append(True)
        return Nowhere()

    workload = Workload(on_which, "val_loss", "min", tmp_path if data is None else data)
    ray = Arriving(payload_of(workload), 2, head, later=later)
    executor = RayExecutor(workload, ray, 2)
    poll_until(executor, lambda: all(slot.stands_by or not slot.loading for slot in executor._crew.slots))
    executor.poll(0)
    assert ("until Ray is up" in executor.description) == (later == 0)
    executor.close()
    assert bool(started) == is_started


def test_no_process_is_left(tmp_path):
    (tmp_path / "a").touch()
    executor = RayExecutor(Workload(on_which, "val_loss", "min", tmp_path), pool_ray(tmp_path), 2)
    poll_until(executor, lambda: executor.free == 2)
    pids = [slot.pid for slot in executor._crew.slots]
    executor.submit(job(0, "never"))
    poll_until(executor, lambda: (tmp_path / "begun-never").exists())
    executor.close()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def pool_ray(data):
    return on_its_way(Workload(on_which, "val_loss", "min", data))


def test_it_is_for_sweeps_that_start_ray_on_a_cpu(ray_cluster):
    workload = Workload(on_which, "val_loss")
    assert arriving(workload, None, 2) is None, "this process is connected to a Ray"
    assert arriving(workload, "10.0.0.1:6379", 2) is None


def test_data_that_cannot_be_sent_are_named(tmp_path):
    with (tmp_path / "file").open("w") as file, pytest.raises(BadInput, match="cannot be sent"):
        payload_of(Workload(on_which, "val_loss", data={"log": file}))
