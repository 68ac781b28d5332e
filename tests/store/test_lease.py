"""The lease: of two processes that want to write a run directory, one does."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sweeps.errors import BadInput
from sweeps.store.lease import LEASE, Lease, read_holder

HOLDS = """
import sys, os
from pathlib import Path
from sweeps.store.lease import Lease
lease = Lease(Path(sys.argv[1]))
if sys.argv[2] == "fork" and os.fork() == 0:  # the child speaks: until it runs, it has a copy of the lock
    print("held", flush=True)
    os.close(1)
    sys.stdin.read()
    os._exit(0)
if sys.argv[2] == "alone":
    print("held", flush=True)
sys.stdin.read()
"""


def holder(folder, how="alone"):
    """A process that holds the lease until its input ends."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", HOLDS, str(folder), how]
    process = subprocess.Popen(command, env=environment, stdin=-1, stdout=-1, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def ended(process):
    process.stdin.close()
    process.stdout.close()
    process.wait()


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path):
    process = holder(tmp_path / "log")
    with pytest.raises(BadInput, match=f"is being written by process {process.pid} on "):
        Lease(tmp_path / "log")
    assert read_holder(tmp_path / "log").alive
    ended(process)
    assert not read_holder(tmp_path / "log").alive
    Lease(tmp_path / "log").release()


@pytest.mark.parametrize("how", ["alone", "fork"])
def test_a_killed_process_holds_nothing_even_where_its_child_lives(tmp_path, how):
    process = holder(tmp_path, how)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not read_holder(tmp_path).alive
    lease = Lease(tmp_path)
    assert read_holder(tmp_path).pid == os.getpid()
    lease.release()
    ended(process)


def test_on_another_machine_the_heartbeat_decides(tmp_path):
    lease = {"host": "elsewhere", "pid": 1, "since": 0.0}
    (tmp_path / LEASE).write_text(json.dumps(lease))
    with pytest.raises(BadInput, match="by process 1 on elsewhere"):
        Lease(tmp_path)
    assert read_holder(tmp_path).alive
    long_ago = time.time() - 1000
    os.utime(tmp_path / LEASE, (long_ago, long_ago))
    assert not read_holder(tmp_path).alive
    Lease(tmp_path).release()


def test_one_that_was_taken_to_be_gone_hears_of_it(tmp_path):
    lease = Lease(tmp_path)
    assert lease.beat()
    (tmp_path / LEASE).write_text(json.dumps({"host": "elsewhere", "pid": 1, "since": 0.0}))
    lease._next_beat = 0.0
    assert not lease.beat()
    lease.release()


def test_a_lease_that_is_no_json_is_nobodys(tmp_path):
    (tmp_path / LEASE).write_bytes(b"\xff" * 10_000)
    assert read_holder(tmp_path) is None
    Lease(tmp_path).release()
