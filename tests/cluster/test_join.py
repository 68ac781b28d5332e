"""Joining a cluster that runs already, here of two nodes on one machine."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

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


@pytest.fixture
def cluster_address():
    from ray.cluster_utils import Cluster

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # where its usual port is taken, Ray leaves a socket open
    head = {"num_cpus": 1, "include_dashboard": False, "dashboard_port": port}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=1)
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
    refused = caviar(tmp_path, "run", "beside/spec.yaml", "--address", cluster_address, "--workers", "3")
    assert refused.returncode == 2
    assert "more than the 2 CPUs" in refused.stderr


def caviar(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "sweeps", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
