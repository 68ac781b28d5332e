"""Connecting to Ray, or not."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.joining import prepare_to_join
from cluster.session import ray_session
from sweeps.errors import BadInput

SWEEP = """
import sweeps

def train(config, run):
    return config["x"]

result = sweeps.run(train, space={"x": sweeps.Uniform(0, 1)}, trials=8, finalists=False, workers=2)
assert len(result.trials) == 8
"""


@pytest.mark.parametrize(
    ("address", "says"),
    [("127.0.0.1:1", "cannot be reached"), ("ray://there:10001", "host:port"), ("there", "host:port")],
)
def test_an_address_where_no_cluster_can_be(address, says):
    with pytest.raises(BadInput, match=says) as caught:
        prepare_to_join("address", address)
    assert caught.value.place == "address"


def test_a_second_cluster_beside_a_connected_one_is_refused(ray_cluster):
    with pytest.raises(BadInput, match="already"), ray_session("127.0.0.1:6379", None):
        pass


def test_an_existing_ray_is_left_running(ray_cluster):
    import ray

    with ray_session(None, 2) as session:
        assert session.cpus == 4
    assert ray.is_initialized()


def test_a_script_starts_its_own_ray_and_leaves_nothing(tmp_path):
    """The token that Ray makes is for its owner alone, and no word of Ray's own reaches the screen."""
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    (tmp_path / "script.py").write_text(SWEEP)
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0] == "starting on Ray"
    assert all(line.startswith(("2 workers on Ray", "round")) for line in lines[1:]), done.stderr
    token = tmp_path / ".ray" / "auth_token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert token.read_text() not in done.stderr


STARTS = """
import os, signal, sys
import cluster, ray

def signalled(owner, name, when):
    function = getattr(owner, name)
    def call(*args, **kwargs):
        if when == "before":
            os.kill(os.getpid(), signal.SIGTERM)
        result = function(*args, **kwargs)
        if when == "after":
            os.kill(os.getpid(), signal.SIGTERM)
        return result
    setattr(owner, name, call)

signalled(*{
    "no process has started": (ray._private.node.Node, "start_head_processes", "before"),
    "it connects": (ray._private.worker, "connect", "before"),
    "it has connected": (ray._private.worker, "connect", "after"),
}[sys.argv.pop(1)])
from sweeps.command import main
main()
"""


@pytest.mark.parametrize("moment", ["it connects"])  # the other two take twenty seconds each
def test_sigterm_while_ray_starts_leaves_nothing(tmp_path, moment):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    (tmp_path / "mine.py").write_text("def train(config, run):\n    return config['x']\n")
    (tmp_path / "spec.yaml").write_text("trainable: mine:train\nspace: {x: {uniform: [0, 1]}}\n")
    command = [sys.executable, "-c", STARTS, moment, "run", "spec.yaml", "--workers", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 143, done.stderr
    assert done.stderr.splitlines() == [
        "starting on Ray",
        "caviar: interrupted before the first trial; nothing was written",
    ]
    assert list((tmp_path / "runs").iterdir()) == []
