"""What is said of a sweep that runs, has ended or has died."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sweeps
from sweeps.results.state import state_of

SPACE = {"x": sweeps.Uniform(0, 1)}
DIES = """
import os, signal, sweeps
def train(config, run):
    os.kill(os.getpid(), signal.SIGKILL)
sweeps.run(train, space={"x": sweeps.Uniform(0, 1)}, trials=2, out="run", serial=True, progress=False)
"""


def test_while_it_runs_and_when_it_is_over(tmp_path):
    seen = []

    def train(config, run):
        seen.append(state_of(tmp_path / "run"))
        return config["x"]

    sweeps.run(
        train, space=SPACE, trials=2, out=tmp_path / "run", serial=True, progress=False, finalists=False
    )
    assert {state.kind for state in seen} == {"running"}
    assert f"(process {os.getpid()}) since" in seen[0].text
    assert state_of(tmp_path / "run").kind == "complete"


def test_when_it_was_interrupted(tmp_path):
    def train(config, run):
        os.kill(os.getpid(), signal.SIGINT)
        return config["x"]

    with pytest.raises(sweeps.Interrupted):
        sweeps.run(train, space=SPACE, trials=9, out=tmp_path / "run", serial=True, progress=False)
    state = state_of(tmp_path / "run")
    assert state.kind == "interrupted"
    assert state.text.endswith(f"go on with: caviar resume {tmp_path / 'run'}")


def test_when_everything_failed(tmp_path):
    def train(config, run):
        raise ValueError("no luck")

    with pytest.raises(sweeps.AllTrialsFailed):
        sweeps.run(train, space=SPACE, trials=2, out=tmp_path / "run", serial=True, progress=False)
    state = state_of(tmp_path / "run")
    assert state.kind == "failed"
    assert "all of the first 2 trials failed" in state.text


def test_when_its_process_was_killed(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", DIES], cwd=tmp_path, env=environment, check=False)
    state = state_of(tmp_path / "run")
    assert state.kind == "died"
    assert "is gone and has not ended it" in state.text
    assert "caviar resume" in state.text
    show = [sys.executable, "-m", "sweeps", "show", "run"]
    shown = subprocess.run(show, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "go on with: caviar resume" in shown.stdout


def test_where_there_is_no_log(tmp_path):
    assert state_of(tmp_path).kind == "unknown"
