"""Panda from end to end: nudges, forks, roll backs, and what its tables and its log have of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.events import Nudged
from sweeps.store import LogReader
from tests.nudging.pandas_by_hand import SPACE, babysat

TEN = {
    2: {"learning_rate": "/2", "reason": "it jumps"},
    4: {"l2": 1e-4},
    6: {"batch_size": 32},
    8: {"keep_probability": 0.9},
    10: {"fork": True, "learning_rate": "*3"},
    14: {"branch": 0, "optimizer": "momentum", "learning_rate": 0.1},
    16: {"branch": 1, "beta1": 0.8},
    20: {"branch": 1, "rollback": 11, "l2": "*10"},
    22: {"branch": 2, "optimizer": "rmsprop", "learning_rate": 1e-3},
    23: {"keep": 2, "reason": "it is the best"},
}


@pytest.fixture(scope="module")
def ten(tmp_path_factory):
    """A run with ten interventions."""
    out = tmp_path_factory.mktemp("ten") / "p"
    return babysat(out, TEN, epochs=16)


def test_a_run_with_ten_interventions_is_replayed_to_the_same_weights(ten, tmp_path):
    assert len(list(LogReader(ten.path / "log").every(Nudged))) == 10
    found = sweeps.replay(ten.path, out=tmp_path / "again", progress=False)
    assert found.equal
    assert sum(branch.weights for branch in found.branches) >= 24
    again = sweeps.load(tmp_path / "again")
    assert again.metrics.equals(ten.metrics)
    assert again.changes.drop(columns="time").equals(ten.changes.drop(columns="time"))


def test_the_changes_say_what_by_whom_and_why(ten):
    first = ten.changes.iloc[0]
    assert tuple(first.drop("time")) == (0, 2, "learning_rate", "0.01", "0.005", "ann", "it jumps")
    assert set(ten.changes["trial"]) == {0, 1, 2}
    assert json.loads(ten.trials["config"][1])["beta1"] == 0.8


def test_a_fork_begins_from_its_parents_checkpoint(ten):
    assert ten.trials["parent"].tolist()[1:] == [0, 1]
    begun = ten.metrics.groupby("trial")["epoch"].min()
    assert begun.tolist() == [1, *(ten.trials["parent_epoch"][1:] + 1)]
    assert ten.trials["status"].tolist() == ["stopped", "stopped", "completed"]


def test_a_nudge_counts_from_the_next_epoch_on(tmp_path):
    """The epochs before it are those of a run without, and the first one after it is another."""
    plain = babysat(tmp_path / "a", {}, epochs=4).metrics
    nudged = babysat(tmp_path / "b", {2: {"learning_rate": "*5"}}, epochs=4).metrics
    assert plain[:2].equals(nudged[:2])
    assert plain["val_loss"][2] != nudged["val_loss"][2]


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from tests.nudging.pandas_by_hand import babysat

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

babysat({out!r}, {asks!r}, epochs=9, end=(12, kill))
"""


def test_a_killed_panda_goes_on_with_the_same_branches_and_loses_no_nudge(tmp_path):
    asks = {3: {"learning_rate": "/10"}, 5: {"fork": True, "l2": 1e-3}, 12: {"branch": 1, "batch_size": 32}}
    root = str(Path(__file__).parents[2])
    code = KILLED.format(root=root, out=str(tmp_path / "p"), asks=asks)
    environment = {**os.environ, "PYTHONPATH": root}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    assert list((tmp_path / "p" / "requests").iterdir())
    result = sweeps.resume(tmp_path / "p", serial=True, progress=False)
    assert result.trials["epochs"].tolist() == [9, 9]
    assert result.changes["hyperparameter"].tolist() == ["learning_rate", "l2", "batch_size"]
    assert not (tmp_path / "p" / "requests").exists()
    assert sweeps.replay(tmp_path / "p", progress=False).equal


def test_pausing_waits_until_it_is_to_go_on(tmp_path):
    """What waits is not trained: the fork alone is, until its end has the other go on."""
    asks = {2: {"fork": True, "l2": 0.1}, 3: {"pause": True, "branch": 0}, 7: {"go_on": True}}
    result = babysat(tmp_path / "p", asks, epochs=6)
    jobs = result.jobs[["trial", "start"]].to_records(index=False).tolist()
    assert [start for trial, start in jobs if trial == 0] == [0, 1, 2, 3, 4, 5]
    assert {trial for trial, _ in jobs[4:7]} == {1}


def test_a_model_that_diverged_waits_for_a_person_to_roll_back(tmp_path):
    def train(config, run):
        value = run.restore() or 1.0
        for _ in range(run.start, run.epochs):
            value *= config["factor"]
            run.save(value)
            yield {"val_loss": value if value < 100 else float("nan")}

    asks = {2: {"factor": 1e3}, 3: {"rollback": 2, "factor": 0.9, "train": train}}
    asks[2]["train"] = train
    result = babysat(tmp_path / "p", asks, epochs=6, space={"factor": 0.5}, train=train, data=None)
    assert result.trials["status"].tolist() == ["infeasible", "completed"]
    assert result.trials["parent_epoch"][1] == 2
    assert result.metrics["val_loss"].iloc[-1] == pytest.approx(0.25 * 0.9**4)


def test_an_own_trainable_reads_its_config_as_it_is_now(tmp_path):
    def train(config, run):
        assert run.config == config
        for _ in range(run.start, run.epochs):
            run.save(0)
            run.restore()
            yield {"val_loss": run.config["rate"]}

    asks = {2: {"rate": "*2", "train": train}}
    result = babysat(tmp_path / "p", asks, epochs=4, space={"rate": 1.0}, train=train, data=None)
    assert result.metrics["val_loss"].tolist() == [1, 1, 2, 2]


def test_a_trial_of_a_sweep_is_adopted_with_its_curve(tmp_path):
    space = {**SPACE, "learning_rate": {"log": [1e-3, 1e-1]}}
    keys = {"trials": 4, "epochs": 6, "finalists": False, "scheduler": "random"}
    old = sweeps.run(
        "mlp", data="digits", space=space, out=tmp_path / "s", serial=True, progress=False, **keys
    )
    result = sweeps.adopt(tmp_path / "s", trial=2, epochs=9, out=tmp_path / "p", progress=False)
    theirs = old.metrics[old.metrics["trial"] == 2]["val_loss"].tolist()
    ours = result.metrics["val_loss"].tolist()
    assert len(ours) == 9
    assert ours[: len(theirs)] == theirs
    assert sweeps.replay(tmp_path / "p", progress=False).equal
    with pytest.raises(BadInput, match="no trial that this sweep has begun"):
        sweeps.adopt(tmp_path / "s", trial=99, out=tmp_path / "q", progress=False)


def test_a_panda_that_is_over_is_extended_and_what_was_left_stays_left(tmp_path):
    babysat(tmp_path / "p", {2: {"fork": True, "l2": 0.1}, 6: {"keep": 1}}, epochs=5)
    longer = sweeps.resume(tmp_path / "p", epochs=8, progress=False)
    assert longer.trials["epochs"].tolist()[1] == 8
    assert longer.trials["epochs"].tolist()[0] < 5
    assert longer.trials["parent"].tolist()[1] == 0
    again = sweeps.resume(tmp_path / "p", progress=False)
    assert again.metrics.equals(longer.metrics)
    assert sweeps.replay(tmp_path / "p", progress=False).equal
