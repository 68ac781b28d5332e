"""Joining a cluster that runs already, here of two nodes on one machine."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from cluster.connect.joining import prepare_to_join
from sweeps import BadInput

SPEC = """\
trainable: mymodel:train
trials: 20
epochs: 4
workers: 2
space: {x: {uniform: [0, 1]}}
"""
MODEL = """\
import os
import time
from pathlib import Path

from helper import square

HERE = Path({folder!r})


def train(config, run):
    (HERE / str(os.getpid())).touch()
    deadline = time.monotonic() + 60
    while len(list(HERE.iterdir())) < 2:
        assert time.monotonic() < deadline, "the other worker never came"
    for _ in range(run.start, run.epochs):
        yield {{"val_loss": square(config["x"])}}
"""


LACKS = """\
import os
import time
from pathlib import Path

TRIED = Path({folder!r})
if "CAVIAR_TEST_LACKS" in os.environ:
    (TRIED / str(os.getpid())).touch()
    raise ModuleNotFoundError("No module named 'fastlib'")


def train(config, run):
    deadline = time.monotonic() + 60
    while len(list(TRIED.iterdir())) < {tries}:  # the second try comes after the first has been said
        assert time.monotonic() < deadline, "the third worker never came"
    return config["x"]
"""


@pytest.fixture(scope="module")
def cluster_address():
    from ray.cluster_utils import Cluster

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # where its usual port is taken, Ray leaves a socket open
    head = {"num_cpus": 1, "include_dashboard": False, "dashboard_port": port}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=1)
    cluster.add_node(num_cpus=1, env_vars={"CAVIAR_TEST_LACKS": "1"})
    yield cluster.address
    cluster.shutdown()


def test_a_sweep_on_a_cluster_of_two_nodes(cluster_address, tmp_path):
    """The user's module and what it imports from beside it reach both workers; trials wait for both."""
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "spec.yaml").write_text(SPEC)
    (tmp_path / "workers").mkdir()
    (beside / "mymodel.py").write_text(MODEL.format(folder=str(tmp_path / "workers")))
    (beside / "helper.py").write_text("def square(x):\n    return x * x\n")
    done = caviar(tmp_path, "run", "beside/spec.yaml", "--address", cluster_address, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["best"] is not None
    trials = pd.read_parquet(tmp_path / "runs" / "spec" / "trials")
    assert set(trials["worker"]) == {"worker-00", "worker-01"}
    refused = caviar(tmp_path, "run", "beside/spec.yaml", "--address", cluster_address, "--workers", "4")
    assert refused.returncode == 2
    assert "more than the 3 CPUs" in refused.stderr


def test_inside_a_ray_job_its_cluster_is_used_and_a_node_without_a_module_is_named(cluster_address, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC.replace("workers: 2", "workers: 3"))
    (tmp_path / "tried").mkdir()
    (tmp_path / "mymodel.py").write_text(LACKS.format(folder=str(tmp_path / "tried"), tries=2))
    done = caviar(tmp_path, "run", "spec.yaml", RAY_ADDRESS=cluster_address)
    assert done.returncode == 0, done.stderr
    assert f"3 workers on Ray at {cluster_address} (from RAY_ADDRESS)" in done.stderr
    assert "cannot be started and is tried again; on " in done.stderr
    assert "No module named 'fastlib'" in done.stderr


def test_another_version_of_ray_is_said(cluster_address, monkeypatch):
    monkeypatch.setattr("ray.__version__", "2.50.0")
    with pytest.raises(BadInput, match=r"and this process Ray 2\.50\.0") as caught:
        prepare_to_join("address", cluster_address)
    assert "install the same" in caught.value.fix


@pytest.fixture
def guarded_address(tmp_path):
    """A cluster that asks for a token, started by `ray start`; its token lies in the folder `home`."""
    (tmp_path / "home" / ".ray").mkdir(parents=True)
    (tmp_path / "home" / ".ray" / "auth_token").write_text("a" * 64)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        port, client_port = one.getsockname()[1], two.getsockname()[1]
    environment = {**os.environ, "HOME": str(tmp_path / "home"), "RAY_AUTH_MODE": "token"}
    command = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", "--num-cpus=1"]
    command += [f"--port={port}", f"--ray-client-server-port={client_port}"]
    command += ["--include-dashboard=false", "--disable-usage-stats"]
    with (tmp_path / "log").open("w") as log:
        head = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 60
    while "Ray runtime started" not in (tmp_path / "log").read_text():
        assert head.poll() is None, (tmp_path / "log").read_text()
        assert time.monotonic() < deadline, (tmp_path / "log").read_text()
        time.sleep(0.1)
    yield f"127.0.0.1:{port}"
    head.terminate()
    head.wait()


def test_a_cluster_that_asks_for_a_token(guarded_address, tmp_path):
    """This user's token is used; without one, or with another, it is said what to do."""
    (tmp_path / "spec.yaml").write_text(SPEC.replace("workers: 2", "workers: 1"))
    (tmp_path / "mymodel.py").write_text(LACKS.format(folder=str(tmp_path), tries=0))
    run = ["run", "spec.yaml", "--address", guarded_address]
    without = caviar(tmp_path, *run, HOME=str(tmp_path))
    assert without.returncode == 2
    assert "asks for a token, and this process has none" in without.stderr
    assert "ray get-auth-token" in without.stderr
    assert "gcs_client" not in without.stderr
    other = caviar(tmp_path, *run, HOME=str(tmp_path), RAY_AUTH_TOKEN="b" * 64)
    assert other.returncode == 2
    assert "asks for another token" in other.stderr
    done = caviar(tmp_path, *run, HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr


def caviar(folder, *arguments, **variables):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **variables}
    for name in {"RAY_AUTH_MODE", "RAY_ADDRESS"} - set(variables):  # of a Ray that another test has started
        environment.pop(name, None)
    command = [sys.executable, "-m", "sweeps", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
