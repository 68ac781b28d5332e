"""The contract every executor keeps, and what Ray adds to it."""

import os
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from sweeps.errors import BadInput, WorkersLost
from sweeps.execution import SerialExecutor, Workload
from sweeps.trial import Job, Outcome
from tests import trainables
from tests.cluster.pools import process_executor, ray_executor


@pytest.fixture(params=["serial", "ray", "processes"])
def start(request):
    """A function that starts an executor of any kind for a trainable."""
    yield from starter(request, request.param)


@pytest.fixture(params=["ray", "processes"])
def pool(request):
    """The same, of those that have workers."""
    yield from starter(request, request.param)


@pytest.fixture
def on_ray(request):
    yield from starter(request, "ray")


def starter(request, kind):
    executors = []
    if kind == "ray":
        request.getfixturevalue("ray_cluster")
    make = {"serial": lambda workload, workers: SerialExecutor(workload), "ray": ray_executor}

    def _start(train, data=None, workers=2):
        workload = Workload(train, "val_loss", "min", data)
        executors.append(make.get(kind, process_executor)(workload, workers))
        return executors[-1]

    yield _start
    for executor in executors:
        executor.close()


def train_all(executor, jobs, checkpoints=None):
    """Each trial's last report, and all reports as they came."""
    waiting, last, every = list(jobs), {}, []
    while len(last) < len(jobs):
        while waiting and executor.free:
            job = waiting.pop(0)
            executor.submit(job, (checkpoints or {}).get(job.trial))
        for report in executor.poll(0.2):
            every.append(report)
            if report.outcome is not Outcome.RUNNING:
                assert report.trial not in last, "one last report a job"
                last[report.trial] = report
    return last, every


def test_every_job_reports_once(start):
    jobs = [Job(i, {"x": i / 20}, stop=2) for i in range(20)]
    last, _ = train_all(start(trainables.endless), jobs)
    assert {i: report.objective for i, report in last.items()} == {i: i / 20 for i in range(20)}
    assert all(report.outcome is Outcome.DONE and report.worker for report in last.values())


def test_a_trainable_may_take_its_config_apart(start):
    job = Job(0, {"x": 0.5}, stop=1)
    last, _ = train_all(start(trainables.takes_its_config_apart), [job])
    assert last[0].objective == 0.5
    assert job.config == {"x": 0.5}


def test_checkpoints_travel_both_ways(start):
    executor = start(trainables.decay)
    config = {"rate": 0.1}
    first, _ = train_all(executor, [Job(0, config, stop=3)])
    second, _ = train_all(executor, [Job(0, config, start=3, stop=6)], {0: first[0].checkpoint})
    whole, _ = train_all(executor, [Job(1, config, stop=6)])
    assert [*first[0].rows, *second[0].rows] == list(whole[1].rows)


def test_failure_comes_back_as_data(start):
    last, _ = train_all(
        start(trainables.raises_above_half), [Job(i, {"x": x}, stop=2) for i, x in enumerate((0.2, 0.8))]
    )
    assert last[0].outcome is Outcome.DONE
    assert last[1].outcome is Outcome.FAILED
    assert "x is 0.8" in last[1].error


def test_divergence_and_early_ends_come_back(start):
    last, _ = train_all(start(trainables.decay), [Job(0, {"rate": 1e9}, stop=5)])
    assert last[0].outcome is Outcome.INFEASIBLE
    last, _ = train_all(start(trainables.short), [Job(0, {"x": 1.0}, stop=5)])
    assert last[0].outcome is Outcome.ENDED


def test_polling_without_jobs_returns_nothing(start):
    executor = start(trainables.endless)
    while not executor.free:
        assert executor.poll(0.1) == []
    assert executor.poll(0.01) == []


def test_closing_twice_is_fine(start):
    executor = start(trainables.endless)
    executor.close()
    executor.close()


def test_a_long_job_reports_on_the_way(start, tmp_path):
    """The job goes on until it is told that its first rows were seen, so it cannot report only at its end."""
    seen = tmp_path / "seen"

    def train(config, run):
        while not seen.exists():
            yield {"val_loss": 1.0}

    executor = start(train)
    while not executor.free:
        executor.poll(0.1)
    executor.submit(Job(0, {"x": 1.0}, stop=10**9))
    reports = []
    while not reports or reports[-1].outcome is Outcome.RUNNING:
        reports += executor.poll(0.1)
        if reports and reports[-1].rows:
            seen.touch()
    assert reports[0].outcome is Outcome.RUNNING
    assert len(reports[-1].rows) >= len(reports[0].rows) > 0


def test_a_trainable_may_change_the_current_folder(start, tmp_path):
    """It stays there to its job's end, over several polls; the next job and the sweep are where they were."""
    seen = tmp_path / "seen"

    def train(config, run):
        before = os.getcwd()  # noqa: PTH109
        (tmp_path / "other").mkdir(exist_ok=True)
        os.chdir(tmp_path / "other")
        while not seen.exists():
            yield {"val_loss": 1.0}
            assert os.getcwd() == str(tmp_path / "other")  # noqa: PTH109
        yield {"val_loss": 1.0, "same": float(before == run.data)}

    here = Path.cwd()
    executor = start(train, data=str(here), workers=1)
    while not executor.free:
        executor.poll(0.1)
    for trial in range(2):
        executor.submit(Job(trial, {}, stop=10**9))
        reports = executor.poll(0.05)
        assert Path.cwd() == here
        seen.touch()
        while not reports or reports[-1].outcome is Outcome.RUNNING:
            reports += executor.poll(0.1)
        assert reports[-1].rows[-1]["same"] == 1.0, reports[-1].error
    assert Path.cwd() == here


def endless_with_checkpoints(config, run):
    """Endless; its first epoch is marked in the folder that is its data."""
    saved = run.restore()
    for epoch in count(run.start):
        run.save({"epoch": [epoch]})
        yield {"val_loss": config["x"], "restored": -1.0 if saved is None else float(saved["epoch"][0])}
        (run.data / str(config["x"])).touch()
        time.sleep(0.01)


def poll_until(executor, condition):
    """The reports up to when the condition of them holds."""
    reports = []
    while not condition(reports):
        reports += executor.poll(0.1)
    return reports


def ends(reports):
    return [report for report in reports if report.outcome is not Outcome.RUNNING]


def test_a_job_that_is_to_stop_ends_with_what_it_has(start, tmp_path):
    executor = start(endless_with_checkpoints, data=tmp_path, workers=1)
    poll_until(executor, lambda _: executor.free)
    executor.submit(Job(0, {"x": 0.5}, stop=10**9))
    poll_until(executor, lambda _: (tmp_path / "0.5").exists())
    executor.stop(0, "enough")
    executor.stop(0, "no other reason counts")
    (end,) = ends(poll_until(executor, ends))
    assert (end.trial, end.outcome, end.error, end.objective) == (0, Outcome.STOPPED, "enough", 0.5)
    assert end.epochs == len(end.rows) == end.checkpoint.epoch > 0
    executor.stop(0, "it has ended")
    poll_until(executor, lambda _: executor.free)
    executor.submit(Job(0, {"x": 0.5}, start=end.epochs, stop=end.epochs + 2), end.checkpoint)
    (again,) = ends(poll_until(executor, ends))
    assert again.outcome is Outcome.DONE
    assert again.rows[0]["restored"] == end.epochs - 1


def says_that_it_is_ended(config, run):
    try:
        while True:
            (run.data / "begun").touch()
            yield {"val_loss": 1.0}
    finally:
        print("let go of everything")


def test_what_a_stopped_trial_prints_at_its_end_is_kept(start, tmp_path):
    executor = start(says_that_it_is_ended, data=tmp_path, workers=1)
    executor.submit(Job(0, {}, stop=10**9))
    poll_until(executor, lambda _: (tmp_path / "begun").exists())
    executor.stop(0, "enough")
    (end,) = ends(poll_until(executor, ends))
    assert end.prints.text.strip() == "let go of everything"


def test_jobs_that_have_not_begun_stop_at_once(pool, tmp_path, monkeypatch):
    """One in training, one waiting at its worker, one in the pool's backlog."""
    monkeypatch.setattr("cluster.pool.slot.LONG_SECONDS", 1e9)
    executor = pool(endless_with_checkpoints, data=tmp_path, workers=1)
    train_all(executor, [Job(9, {"x": 0.9}, stop=1)])
    executor._pace.usual = 0.1
    for trial in range(3):
        executor.submit(Job(trial, {"x": float(trial)}, stop=10**9))
    poll_until(executor, lambda _: (tmp_path / "0.0").exists())
    assert [held.job.trial for held in executor._crew.slots[0].held.values()] == [0, 1]
    for trial in (2, 1):
        executor.stop(trial, "not wanted")
    early = ends(poll_until(executor, lambda reports: len(ends(reports)) == 2))
    assert {report.trial for report in early} == {1, 2}
    assert all(report.outcome is Outcome.STOPPED and not report.rows for report in early)
    executor.stop(0)
    (last,) = ends(poll_until(executor, ends))
    assert (last.trial, last.outcome, last.error) == (0, Outcome.STOPPED, None)
    train_all(executor, [Job(8, {"x": 0.8}, stop=1)])
    assert not (tmp_path / "1.0").exists()
    assert not (tmp_path / "2.0").exists()


def test_what_stops_a_program_stops_the_trial_alone_on_a_worker(pool):
    def train(config, run):
        if config["x"] > 0.5:
            raise KeyboardInterrupt("from the trainable")
        return config["x"]

    executor = pool(train, workers=1)
    last, _ = train_all(executor, [Job(i, {"x": x}, stop=1) for i, x in enumerate((0.9, 0.1))])
    assert last[0].outcome is Outcome.FAILED
    assert "KeyboardInterrupt: from the trainable" in last[0].error
    assert last[1].outcome is Outcome.DONE
    assert executor.notices() == []


def test_workers_that_wait_for_a_cpu_are_said(on_ray):
    import ray

    @ray.remote(num_cpus=3)
    class Busy:
        def up(self):
            return True

    busy = Busy.remote()
    ray.get(busy.up.remote())
    executor, notices = on_ray(trainables.endless, workers=2), []
    while not notices:
        executor.poll(0.2)
        notices += executor.notices()
    assert notices == [
        "1 of 2 workers waits for a CPU: the cluster has 4 CPUs; 1 of these workers has its own,"
        " others hold the rest"
    ]
    ray.kill(busy)
    while len(notices) < 2:
        executor.poll(0.2)
        notices += executor.notices()
    assert notices[1] == "no worker waits any more; 2 are here or starting"


def test_workers_of_a_cluster_of_ones_own_are_still_starting(ray_cluster):
    """Nobody else is there who could hold what they wait for."""
    import ray

    from cluster import RayExecutor, ray_session

    @ray.remote(num_cpus=3)
    class Slow:
        def up(self):
            return True

    slow = Slow.remote()  # stands for a machine that is slow to start a process
    ray.get(slow.up.remote())
    with ray_session(None, 2) as session:
        executor = RayExecutor(
            Workload(trainables.endless, "val_loss", "min"), replace(session, is_own=True), workers=2
        )
    notices = []
    while not notices:
        executor.poll(0.2)
        notices += executor.notices()
    assert notices == ["1 of 2 workers is still starting"]
    ray.kill(slow)
    while executor.free < 2:
        executor.poll(0.2)
    assert executor.notices() == []
    executor.close()


def test_data_is_shared_read_only(pool):
    import numpy as np

    last, _ = train_all(pool(trainables.sums_data, data=np.ones(100_000)), [Job(0, {"x": 1}, stop=1)])
    assert last[0].rows[0] == {"val_loss": 100_000.0, "writeable": 0.0}


def test_a_dead_worker_is_replaced_and_its_trial_run_again(pool, tmp_path):
    executor = pool(trainables.kills_worker_once, data=tmp_path / "died")
    last, _ = train_all(executor, [Job(i, {"x": i / 10}, stop=3) for i in range(11)])
    assert (tmp_path / "died").exists()
    assert all(report.outcome is Outcome.DONE for report in last.values())
    assert {report.worker for report in last.values()} <= {"worker-00", "worker-01"}
    assert any(" died with " in notice for notice in executor.notices())


def test_a_trial_that_kills_every_worker_fails_alone(pool):
    executor = pool(trainables.kills_worker_above_half)
    last, _ = train_all(executor, [Job(i, {"x": x}, stop=1) for i, x in enumerate((0.1, 0.2, 0.9, 0.3, 0.4))])
    assert [last[i].outcome for i in range(5)] == [Outcome.DONE] * 2 + [Outcome.FAILED] + [Outcome.DONE] * 2
    first, _, rest = last[2].error.partition("\n\n")
    assert first.startswith("its worker died 3 times while training it; the last time: ")
    assert "\n" not in first
    assert len(first) < 300
    assert rest


def test_workers_are_named_for_the_dashboard(on_ray):
    import ray

    executor = on_ray(trainables.endless)
    while not executor.free:
        executor.poll(0.1)
    assert [slot.name for slot in executor._crew.slots] == ["worker-00", "worker-01"]
    named = {
        actor["Name"].rpartition("-")[0].rpartition("-")[0] for actor in ray._private.state.actors().values()
    }
    assert {"caviar-worker-00", "caviar-worker-01"} <= named


def test_workers_that_cannot_start_end_the_sweep(on_ray):
    class Unloadable:
        def __reduce__(self):
            return (_explode, ())

    executor = on_ray(trainables.endless, data=Unloadable())
    with pytest.raises(WorkersLost, match="no worker could be started") as caught:
        train_all(executor, [Job(0, {"x": 1.0}, stop=1)])
    assert "cannot be unpickled here" in str(caught.value)
    assert any("1 of 2 workers are left" in notice for notice in executor.notices())


def _explode():
    raise RuntimeError("cannot be unpickled here")


def test_what_cannot_be_sent_is_bad_input(ray_cluster):
    import threading

    lock = threading.Lock()

    def train(config, run):
        with lock:
            return 1.0

    with pytest.raises(BadInput, match="cannot be sent to the workers") as caught:
        ray_executor(Workload(train, "val_loss"), 1)
    assert caught.value.place == "trainable"


def test_too_many_workers_are_bad_input(ray_cluster):
    from cluster import ray_session

    with pytest.raises(BadInput, match="more than the 4 CPUs"), ray_session(None, 99):
        pass
