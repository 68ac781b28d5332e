"""`caviar cluster`: a Ray that is kept on this machine, and sweeps that join it."""

import json
import os
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import ray

from cluster.kept.control import stop
from cluster.kept.joinable import joinable
from cluster.kept.processes import Process, _born_by_ps, end, process
from cluster.kept.state import KeptCluster, find_kept, note, read_kept, write_kept
from cluster.session import starts_here
from tests.cluster.test_join import caviar

SPEC = "trainable: mine:train\ntrials: 8\nfinalists: false\nspace: {x: {uniform: [1, 2]}}\n"
MINE = """\
import os
from pathlib import Path

SCALE = float(Path("scale.txt").read_text()) * float(os.environ["CAVIAR_TEST_SCALE"])


def train(config, run):
    return {"val_loss": SCALE, "pid": os.getpid()}
"""
WAITS = """\
import time
from pathlib import Path

ENDS = Path("ends")


def train(config, run):
    Path("began").touch()
    while not ENDS.exists():
        time.sleep(0.02)
    return config["x"]
"""


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The folder of a cluster that runs, with room for two workers; started from an empty folder."""
    folder = tmp_path_factory.mktemp("state")
    started = in_cluster(folder, folder, "cluster", "start", "--workers", "2")
    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith("Ray runs at 127.0.0.1:")
    yield folder
    in_cluster(folder, folder, "cluster", "stop", "--force")


@pytest.fixture
def own_state(tmp_path, monkeypatch):
    """A folder for a note in which nothing runs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "caviar").mkdir(mode=0o700)
    return tmp_path


def in_cluster(state, folder, *arguments, **variables):
    return caviar(folder, *arguments, XDG_STATE_HOME=str(state), **variables)


def status(state):
    done = in_cluster(state, state, "cluster", "status", "--json")
    return done.returncode, json.loads(done.stdout)


def noted(**changes):
    """A cluster whose head is this process, at an address where nobody listens."""
    known = {"ray": "2.50.0", "python": "3.11.0", "prefix": sys.prefix}
    kept = KeptCluster("127.0.0.1:1", "", 2, process(os.getpid()), [], **known)
    write_kept(replace(kept, **changes))
    return read_kept()


def test_a_second_start_finds_the_first(state):
    code, found = status(state)
    assert (code, found["running"], found["cpus"], found["used_by"]) == (0, True, 2, [])
    again = in_cluster(state, state, "cluster", "start")
    assert again.returncode == 0, again.stderr
    assert f"runs already at {found['address']}" in again.stdout
    assert status(state)[1]["pid"] == found["pid"]
    assert {stat.S_IMODE(each.stat().st_mode) & 0o077 for each in (state / "caviar").glob("*.json")} == {0}


def test_it_is_joined_where_nothing_else_is_asked_for(state, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert not starts_here(None, 2)
    assert starts_here("local", 2)
    assert starts_here(None, 3)  # CPUs, of which it has two
    monkeypatch.setenv("RAY_ADDRESS", "local")
    assert starts_here(None, 2)


def test_sweeps_from_any_folder_train_there_what_they_are_now(state, tmp_path):
    """Relative paths, variables and modules are those of the sweep, and an edited module counts."""
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "scale.txt").write_text("2")
    address = status(state)[1]["address"]
    for out, code, loss in (("r1", MINE, 6), ("r2", MINE.replace("SCALE,", "SCALE + 1,"), 7)):
        (tmp_path / "mine.py").write_text(code)
        done = in_cluster(state, tmp_path, "run", "spec.yaml", "--out", out, CAVIAR_TEST_SCALE="3")
        assert done.returncode == 0, done.stderr
        assert f"2 workers on Ray at {address} (caviar cluster), dashboard http://" in done.stderr
        assert set(pd.read_parquet(tmp_path / out / "metrics")["val_loss"]) == {loss}


def begun(state, folder, out):
    """A sweep in a process of its own, and the file with what it says."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "XDG_STATE_HOME": str(state)}
    for name in ("RAY_AUTH_MODE", "RAY_ADDRESS"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "sweeps", "run", "spec.yaml", "--out", out]
    said = folder / f"{out}.txt"
    with said.open("w") as file:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=file), said


def wait_until(holds, what):
    deadline = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_a_cluster_in_use_is_not_stopped_and_another_sweep_waits_for_it(state, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "mine.py").write_text(WAITS)
    first, _ = begun(state, tmp_path, "first")
    sweeps = [first]
    try:
        wait_until((tmp_path / "began").exists, "no trial has begun")
        _, found = status(state)
        assert found["cpus_in_use"] == 2
        assert [user["pid"] for user in found["used_by"]] == [first.pid]
        refused = in_cluster(state, state, "cluster", "stop")
        assert refused.returncode == 2
        assert f"is used by process {first.pid} (" in refused.stderr
        assert "--force" in refused.stderr
        second, said = begun(state, tmp_path, "second")
        sweeps.append(second)
        wait_until(
            lambda: "wait for a CPU: the cluster has 2 CPUs" in said.read_text(), "nothing is said of it"
        )
    finally:
        (tmp_path / "ends").touch()
        codes = [sweep.wait() for sweep in sweeps]
    assert codes == [0, 0]


def test_stop_ends_all_of_its_processes(state, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    kept = find_kept()
    assert len(kept.processes) >= 4
    done = in_cluster(state, state, "cluster", "stop")
    assert done.returncode == 0, done.stderr
    assert not any(each.runs for each in (kept.head, *kept.processes))
    assert not note().exists()
    assert status(state) == (1, {"running": False})
    assert in_cluster(state, state, "cluster", "stop").returncode == 0


def test_a_number_that_another_process_has_now_is_left_alone(own_state):
    """A note from before the machine was booted: its processes' numbers may belong to anybody."""
    with subprocess.Popen(["sleep", "600"]) as sleeper:
        stale = Process(sleeper.pid, "another boot 1")
        noted(head=stale, processes=[stale])
        assert find_kept() is None
        assert stop(force=True) is None
        assert not note().exists()
        assert sleeper.poll() is None
        left = process(sleeper.pid)
        noted(head=stale, processes=[left])  # of a cluster whose head was killed
        assert stop() is None
        assert not left.runs


def test_a_process_that_ends_only_by_sigkill_is_ended():
    ignores = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", ignores], stdout=subprocess.PIPE) as stubborn:
        stubborn.stdout.readline()
        found = process(stubborn.pid)
        assert found.runs
        end([found], 0.1)
        assert not found.runs


def test_without_proc_ps_tells_processes_apart():
    assert _born_by_ps(os.getpid()) == _born_by_ps(os.getpid()) != ""
    with subprocess.Popen(["true"]) as gone:
        pass
    assert _born_by_ps(gone.pid) == ""


@pytest.mark.parametrize(
    ("changes", "cpus", "why"),
    [
        ({}, 3, "has 2 CPUs and not 3"),
        ({"prefix": "/elsewhere"}, 1, "runs the Python of '/elsewhere'"),
        ({}, 1, "cannot be reached"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_said_to_be_passed_over(own_state, monkeypatch, changes, cpus, why):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    noted(**changes)
    kept, notice = joinable(cpus)
    assert kept is None
    assert why in notice
    assert "Ray is started for this sweep alone" in notice


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"head": 1}', "[" * 10_000])
def test_a_note_that_says_nothing_is_passed_over(own_state, text):
    note().write_text(text)
    assert joinable(1) == (None, "")


def test_a_note_where_others_can_write_is_not_believed(own_state):
    assert noted() is not None
    (own_state / "caviar").chmod(0o777)
    assert read_kept() is None
