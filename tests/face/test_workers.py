"""How many workers are started, and what is said where that looks like a slip."""

import subprocess
import sys
from pathlib import Path

import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.face.workers import most_workers, planned_workers, wanted_workers, worker_hints
from sweeps.spec import as_spec
from tests import trainables

X = {"x": sweeps.Uniform(0, 1)}


def spec(**options):
    return as_spec({"space": {"x": 1}, **options})


@pytest.fixture
def two_cpus(monkeypatch):
    """A machine with two CPUs on which no Ray runs."""
    import ray

    monkeypatch.setattr("cluster.connect.ray_here.usable_cpus", lambda: 2)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({"trials": 5, "finalists": False}, 5),
        ({"trials": 5, "finalists": {"top": 3, "seeds": 3}}, 9),
        ({"trials": 1, "finalists": {"top": 3, "seeds": 3}}, 3),
        ({"trials": 500}, 500),
    ],
)
def test_no_more_workers_than_trials_or_repeats(options, most):
    assert most_workers(spec(**options)) == most
    assert wanted_workers(spec(workers=most + 1, **options)) == most
    assert wanted_workers(spec(workers=1, **options)) == 1
    assert wanted_workers(spec(**options)) is None


@pytest.mark.parametrize("workers", [None, 1, 2])
@pytest.mark.parametrize("address", [None, "local"])
def test_nothing_is_said_of_as_many_workers_as_cpus(two_cpus, workers, address):
    assert not list(worker_hints(spec(workers=workers), address, serial=False))


@pytest.mark.parametrize("workers", [3, 32])
@pytest.mark.parametrize("address", [None, "local"])
def test_more_workers_than_cpus_are_hinted_at(two_cpus, workers, address):
    (hint,) = worker_hints(spec(workers=workers), address, serial=False)
    assert hint.startswith(f"workers: {workers} share the 2 CPUs of this machine")
    assert hint.endswith("is it workers: 2?")


def test_far_more_workers_than_cpus_are_refused(two_cpus):
    with pytest.raises(BadInput, match="16 for each of the 2 CPUs") as caught:
        list(worker_hints(spec(workers=33), None, serial=False))
    assert (caught.value.place, caught.value.value) == ("workers", 33)
    assert "at most 32" in caught.value.fix


def test_the_cpus_of_a_worker_count(two_cpus):
    (hint,) = worker_hints(spec(workers=2, resources={"cpus": 2}), None, serial=False)
    assert hint.startswith("workers: 2 share the 2 CPUs of this machine, with 2 for each")
    assert hint.endswith("is it workers: 1?")
    assert not list(worker_hints(spec(workers=4, resources={"cpus": 0.5}), None, serial=False))
    assert planned_workers(spec(resources={"cpus": 0.5}), serial=False) == (4, 4)
    assert planned_workers(spec(resources={"cpus": 2}), serial=False) == (1, 1)


@pytest.mark.parametrize(
    ("resources", "place", "says"),
    [
        ({"cpus": 3}, "resources.cpus", "more than the 2 CPUs of this machine"),
        ({"custom": {"licence": 1}}, "resources.custom", "which is started here has"),
    ],
)
def test_what_this_machine_lacks_is_said_before_ray_starts(two_cpus, resources, place, says):
    with pytest.raises(BadInput, match=says) as caught:
        list(worker_hints(spec(resources=resources), None, serial=False))
    assert caught.value.place == place
    assert not list(worker_hints(spec(resources=resources), "10.0.0.1:6379", serial=False))


def test_resources_of_a_serial_sweep_are_hinted_at():
    given = {"cpus": 2, "gpus": 0.5, "memory": "1GiB", "custom": {"licence": 1}}
    (hint,) = worker_hints(spec(resources=given), None, serial=True)
    assert hint.startswith("resources: 0.5 of a GPU, 1GiB of memory, 1 licence have no effect")
    assert not list(worker_hints(spec(resources={"cpus": 2}), None, serial=True))


def test_what_counts_are_the_workers_that_would_be_started(two_cpus):
    options = {"trials": 2, "finalists": False}
    assert not list(worker_hints(spec(workers=1000, **options), None, serial=False))


def test_a_cluster_elsewhere_has_its_own_limit(two_cpus):
    assert not list(worker_hints(spec(workers=1000), "10.0.0.1:6379", serial=False))


def test_workers_of_a_serial_sweep_are_hinted_at(serial, capsys):
    serial(trainables.parabola, space=X, trials=2, workers=2, progress=True)
    hints = [line for line in capsys.readouterr().err.splitlines() if line.startswith("hint")]
    assert hints == ["hint: workers: 2 is not used: a serial sweep trains in this process"]
    assert not list(worker_hints(spec(), None, serial=True))


def test_a_small_sweep_starts_as_many_workers_as_it_has_trials(ray_cluster, tmp_path, capsys):
    sweep = {"space": X, "trials": 2, "finalists": False, "out": tmp_path / "run"}
    for options in ({}, {"workers": 50, "out": tmp_path / "other"}):
        sweeps.run(trainables.parabola, **{**sweep, **options})
        assert "2 workers on Ray" in capsys.readouterr().err


def test_the_command_refuses_far_too_many_and_leaves_nothing(tmp_path):
    (tmp_path / "mine.py").write_text("def train(config, run):\n    return config['x']\n")
    (tmp_path / "spec.yaml").write_text(
        "trainable: mine:train\ntrials: 10000000\nspace: {x: {uniform: [0, 1]}}\n"
    )
    command = [sys.executable, "-m", "sweeps", "run", "spec.yaml", "--workers", "1000000"]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": root}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "caviar: workers: 1000000" in done.stderr
    assert not (tmp_path / "runs").exists()
