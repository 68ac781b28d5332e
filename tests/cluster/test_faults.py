"""What goes wrong with workers, done for real: killed, hung, crashed, late."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sweeps
from sweeps.execution import Workload
from sweeps.results.state import state_of
from sweeps.trial import Job, Outcome

X = {"x": sweeps.Uniform(0, 1)}


@pytest.fixture
def on_ray(ray_cluster):
    """Starts a pool of workers for a trainable."""
    from cluster import RayExecutor, ray_session

    executors = []

    def start(train, data=None, workers=2):
        with ray_session(None, workers) as session:
            executors.append(RayExecutor(Workload(train, "val_loss", "min", data), session, workers))
        return executors[-1]

    yield start
    for executor in executors:
        executor.close()


@pytest.fixture
def run(ray_cluster, tmp_path):
    """A sweep on two workers."""
    defaults = {"workers": 2, "finalists": False, "progress": False, "out": tmp_path / "run"}
    return lambda train, **options: sweeps.run(train, **{"scheduler": "random", **defaults, **options})


def poll_until(executor, condition):
    """The reports that end jobs, up to when the condition of them holds."""
    reports = []
    while not condition(reports):
        reports += [report for report in executor.poll(0.1) if report.outcome is not Outcome.RUNNING]
    return reports


def holds(config, run):
    """A trial is in training from when `began-<trial>` is there until `go` is; run.data is the folder."""
    if config.get("holds"):
        mine = run.data / f"began-{config['trial']}"
        if not mine.exists():
            mine.write_text(str(os.getpid()))
            while not (run.data / "go").exists():
                time.sleep(0.02)
    yield {"val_loss": config["trial"]}


def held(trial, holding=True):
    return Job(trial, {"trial": trial, "holds": holding}, stop=1)


def short(executor, trials):
    """Short jobs, after which workers take jobs ahead."""
    waiting = [held(trial, holding=False) for trial in trials]
    done = []
    while len(done) < len(trials):
        while waiting and executor.free:
            executor.submit(waiting.pop())
        done += [report for report in executor.poll(0.1) if report.outcome is not Outcome.RUNNING]
    return done


def began(folder, trial):
    return lambda _: (folder / f"began-{trial}").exists()


def pid(folder, trial):
    path = folder / f"began-{trial}"
    while not path.read_text():
        pass
    return int(path.read_text())


def test_a_worker_killed_in_the_middle_of_an_epoch_is_replaced(on_ray, tmp_path):
    executor = on_ray(holds, tmp_path)
    poll_until(executor, lambda _: executor.free)
    executor.submit(held(0))
    poll_until(executor, began(tmp_path, 0))
    os.kill(pid(tmp_path, 0), signal.SIGKILL)
    (report,) = poll_until(executor, len)
    assert (report.trial, report.outcome) == (0, Outcome.DONE)
    assert any("died with trial 0 in training" in notice for notice in executor.notices())


def test_a_worker_that_holds_two_jobs_is_killed_and_the_waiting_one_is_not_charged(
    on_ray, tmp_path, monkeypatch
):
    monkeypatch.setattr("cluster.pool.slot.LONG_SECONDS", 1e9)
    executor = on_ray(holds, tmp_path, workers=1)
    short(executor, range(10, 13))
    executor._pace.usual = 0.1
    executor.submit(held(0))
    executor.submit(held(1, holding=False))
    poll_until(executor, began(tmp_path, 0))
    first, waiting = executor._crew.slots[0].held.values()
    os.kill(pid(tmp_path, 0), signal.SIGKILL)
    reports = poll_until(executor, lambda reports: len(reports) == 2)
    assert {report.trial: report.outcome for report in reports} == {0: Outcome.DONE, 1: Outcome.DONE}
    assert (first.deaths, waiting.deaths) == (1, 0)


def test_nobody_waits_behind_a_job_that_takes_long(on_ray, tmp_path):
    """Trial 1 is bound to the worker of trial 0, which goes on until trial 1 has been trained elsewhere."""
    executor = on_ray(holds, tmp_path, workers=2)
    slots = executor._crew.slots
    poll_until(executor, lambda _: all(slot.loading is None for slot in slots))
    short(executor, range(10, 20))
    executor._pace.usual = 0.1
    executor.submit(held(0))
    executor.submit(held(2))
    executor.submit(held(1, holding=False))
    executor.submit(held(3, holding=False))
    executor.poll(0)
    assert [len(slot.held) for slot in slots] == [2, 2]
    poll_until(executor, began(tmp_path, 2))
    os.kill(pid(tmp_path, 2), signal.SIGKILL)
    reports = poll_until(executor, lambda reports: len(reports) == 3)
    assert {report.trial for report in reports} == {1, 2, 3}
    (tmp_path / "go").touch()
    (last,) = poll_until(executor, len)
    assert last.trial == 0


def test_with_long_jobs_a_worker_takes_one_at_a_time(on_ray, tmp_path):
    executor = on_ray(holds, tmp_path, workers=1)
    short(executor, [10])
    executor._pace.usual = 0.5
    assert executor.free == 2
    executor._pace.usual = 60.0
    executor.submit(held(0))
    assert executor.free == 0
    (tmp_path / "go").touch()
    poll_until(executor, len)
    assert executor.free == 1


def test_a_late_answer_of_a_worker_thought_dead_is_passed_over(on_ray, tmp_path, monkeypatch):
    import ray

    from cluster.workers.actor import RayActor

    executor = on_ray(holds, tmp_path, workers=1)
    poll_until(executor, lambda _: executor.free)
    executor.submit(held(0))
    poll_until(executor, began(tmp_path, 0))
    (late,) = executor._crew.slots[0].calls
    lives = executor._crew.slots[0].actor
    with monkeypatch.context() as patched:
        patched.setattr(RayActor, "kill", lambda actor: None)
        executor.kill(0, "thought dead")
    (report,) = poll_until(executor, len)
    assert (report.trial, report.outcome, report.error) == (0, Outcome.FAILED, "thought dead")
    (tmp_path / "go").touch()
    ((_, report),) = ray.get(late).ended
    assert report.outcome is Outcome.DONE
    assert {report.trial for report in short(executor, [1, 2])} == {1, 2}
    lives.kill()


def test_a_hung_epoch_costs_its_trial_alone(run, tmp_path):
    def train(config, run):
        yield {"val_loss": config["x"]}
        if not (run.data / "hung").exists():
            (run.data / "hung").touch()
            time.sleep(600)
        yield {"val_loss": config["x"]}

    result = run(train, space=X, trials=30, epochs=2, data=tmp_path, limits={"epoch": 2})
    failed = result.trials[result.trials["status"] == "failed"]
    assert len(failed) == 1
    assert failed["error"].iloc[0].startswith("no new epoch for ")
    assert "longer than limits.epoch allows" in failed["error"].iloc[0]
    assert failed["epochs"].iloc[0] == 1, "what it had reported stays"
    assert (result.trials["status"] == "completed").sum() == 29


def test_a_trial_in_a_long_epoch_is_stopped_with_its_worker_in_the_end(run, tmp_path, monkeypatch):
    monkeypatch.setattr("cluster.pool.executor._STOP_SECONDS", 0.5)

    def train(config, run):
        yield {"val_loss": config["x"]}
        time.sleep(600)
        yield {"val_loss": config["x"]}

    result = run(train, space=X, trials=2, epochs=2, limits={"trial": 1})
    assert result.trials["status"].eq("stopped").all()
    assert result.trials["epochs"].eq(1).all()
    assert result.trials["objective"].notna().all()


ENDS = ["fine", "raise", "sys.exit", "os._exit", "segfault"]


def test_each_end_of_a_trial_costs_that_trial_alone(run):
    def train(config, run):
        import ctypes
        import sys

        yield {"val_loss": config["x"]}
        if config["end"] == "raise":
            raise OSError("from the trainable")
        if config["end"] == "sys.exit":
            sys.exit("from the trainable")
        if config["end"] == "os._exit":
            os._exit(3)
        if config["end"] == "segfault":
            ctypes.string_at(0)
        yield {"val_loss": config["x"]}

    space = {"end": sweeps.Choice(ENDS), "x": 0.5}
    result = run(train, space=space, trials=5, epochs=2)
    rows = result.trials.set_index("config.end")
    assert rows["status"].to_dict() == {
        "fine": "completed",
        "raise": "failed",
        "sys.exit": "failed",
        "os._exit": "failed",
        "segfault": "failed",
    }
    assert "from the trainable" in rows["error"]["raise"]
    assert "SystemExit" in rows["error"]["sys.exit"]
    assert all("died 3 times" in rows["error"][end] for end in ("os._exit", "segfault"))


def test_a_node_that_joins_is_used_and_when_it_is_lost_the_others_go_on(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "tests.cluster.nodes", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


WITHOUT_GCS = """
import os, signal, sys, time
from pathlib import Path
import ray
import sweeps

def gcs_of(driver):
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (folder / "comm").read_text().startswith("gcs_server"):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == driver:
                return int(folder.name)

def train(config, run):
    for _ in range(run.start, run.epochs):
        if config["x"] > 0.5 and not Path("killed").exists():
            Path("killed").touch()
            os.kill(gcs_of(run.data), signal.SIGKILL)
        time.sleep(0.05)
        yield {"val_loss": config["x"]}

if __name__ == "__main__":
    ray.init(address="local", num_cpus=2, log_to_driver=False, configure_logging=False)
    known = {"data": os.getpid(), "workers": 2, "finalists": False, "progress": False}
    search = {"space": {"x": sweeps.Uniform(0, 1)}, "scheduler": "random", "trials": 200, "epochs": 3}
    sweeps.run(train, **search, **known, out="run")
"""


def test_without_its_control_service_ray_ends_the_sweep_which_can_be_resumed(tmp_path):
    (tmp_path / "script.py").write_text(WITHOUT_GCS)
    root = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": root, "RAY_gcs_rpc_server_reconnect_timeout_s": "2"}
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, env=environment, check=False)
    assert done.returncode != 0
    before = sweeps.load(tmp_path / "run").metrics
    assert state_of(tmp_path / "run").kind == "died"

    def train(config, run):
        yield from ({"val_loss": config["x"]} for _ in range(run.start, run.epochs))

    how = {"train": train, "data": 1, "serial": True, "progress": False, "changed_code": True}
    result = sweeps.resume(tmp_path / "run", **how)
    assert (result.trials.status == "completed").all()
    both = before.merge(result.metrics, on=["trial", "epoch"])
    assert len(both) == len(before)
    assert not result.metrics.duplicated(["trial", "epoch"]).any()
