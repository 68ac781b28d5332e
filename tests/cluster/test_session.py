"""Connecting to Ray, or not."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cluster.connect.joining import prepare_to_join
from cluster.session import ray_session
from sweeps.errors import BadInput
from sweeps.results.state import state_of

SWEEP = """
import time
from pathlib import Path
import sweeps

def train(config, run):
    while not Path("up").exists():
        time.sleep(0.01)
    return config["x"]

told = []

def hear(event):
    if getattr(event, "text", "").startswith("Ray is up"):
        import ray

        jobs = ray._private.worker.global_worker.gcs_client.get_all_job_info().values()
        told.extend(dict(job.config.metadata) for job in jobs)
        Path("up").touch()

search = {"space": {"x": sweeps.Uniform(0, 1)}, "trials": 8, "finalists": False}
result = sweeps.run(train, **search, workers=2, callbacks=[hear], out="run")
assert len(result.trials) == 8
named = {"sweep": "train", "job_name": "train"}
wanted = {**named, "folder": str(Path("run").absolute()), "metric": result.spec["metric"]}
assert wanted in told, told
"""

STOPS = """
import os, signal

def train(config, run):
    for _ in range(run.epochs):
        os.kill(os.getppid(), signal.SIGTERM)
        yield {"val_loss": config["x"]}
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
    begins = (
        "2 workers in processes of this machine until Ray is up",
        "round",
        "Ray is up, dashboard http://",
    )
    assert all(line.startswith(begins) for line in lines[1:]), done.stderr
    assert any(line.startswith("Ray is up") for line in lines)
    token = tmp_path / ".ray" / "auth_token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert token.read_text() not in done.stderr
    wait_until_gone(tmp_path)


def test_a_sweep_that_is_stopped_before_ray_is_up_leaves_nothing(tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    (tmp_path / "mine.py").write_text(STOPS)
    (tmp_path / "spec.yaml").write_text("trainable: mine:train\nspace: {x: {uniform: [0, 1]}}\nepochs: 9\n")
    command = [sys.executable, "-m", "sweeps", "run", "spec.yaml", "--out", "run"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 143, done.stderr
    assert state_of(tmp_path / "run").kind == "interrupted"
    wait_until_gone(tmp_path)


def wait_until_gone(home):
    """Until no process is there that was started with this home."""
    while any(str(home) in environment for environment in map(environment_of, Path("/proc").glob("[0-9]*"))):
        time.sleep(0.05)


def environment_of(process):
    try:
        return (process / "environ").read_text()
    except OSError:  # it has ended
        return ""


LISTENS = """
import json, os
from contextlib import suppress
from pathlib import Path
import ray
from cluster.session import ray_session

def parent(process):
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])

def family():
    parents = {int(each.name): parent(each) for each in Path("/proc").glob("[0-9]*")}
    found = {os.getpid()}
    while more := {pid for pid, above in parents.items() if above in found} - found:
        found |= more
    return found

@ray.remote
class Worker:
    def hear(self):
        return 1

with ray_session(None, 1):
    worker = Worker.remote()
    ray.get(worker.hear.remote())
    held = set()
    for pid in family():
        with suppress(OSError):  # one that has just ended
            held |= {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}
    tables = [Path("/proc/net", name).read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables for line in table]
    heard = [line[1].split(":")[0] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in held]
    folder = Path(ray._private.worker._global_node.get_session_dir_path())
    print(json.dumps([heard, folder.stat().st_mode & 0o777]))
"""
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's list of sockets")
def test_a_ray_started_here_listens_to_this_machine_alone(tmp_path):
    """No socket of Ray's is on the network, and the folder of its sockets and logs is its owner's."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", LISTENS]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    heard, mode = json.loads(done.stdout)
    assert len(heard) > 5
    assert set(heard) <= LOOPBACK
    assert mode == 0o700


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
    # On another device than the CPU no process trains meanwhile.
    spec = "trainable: mine:train\nspace: {x: {uniform: [0, 1]}}\ndevice: torch-cpu\n"
    (tmp_path / "spec.yaml").write_text(spec)
    command = [sys.executable, "-c", STARTS, moment, "run", "spec.yaml", "--workers", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 143, done.stderr
    assert done.stderr.splitlines() == [
        "starting on Ray",
        "caviar: interrupted before the first trial; nothing was written",
    ]
    assert list((tmp_path / "runs").iterdir()) == []
