"""Population based training as a sweep: lineages, replays, kills, workers, and what is kept."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.results.summary import summarize
from sweeps.spec import read_spec
from sweeps.store import SPEC_FILE

SPACE = {
    "learning_rate": {"log": [1e-3, 1]},
    "l2": {"log": [1e-6, 1e-2]},
    "keep_probability": {"uniform": [0.6, 1]},
    "hidden_units": {"choice": [8, 16], "ordered": True},
}
KEYS = {"space": SPACE, "trials": 6, "epochs": 8, "scheduler": "pbt:2", "finalists": False}


def trained(out, train="mlp", data="digits", **more):
    keys = {**KEYS, "serial": True, "progress": False, **more}
    return sweeps.run(train, data=data, out=out, **keys)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("pbt") / "s")


def test_a_member_goes_on_as_a_new_trial_from_the_winners_checkpoint(digits):
    trials = digits.trials
    assert trials["parent"].isna().sum() == 6
    assert len(trials) > 6
    assert set(trials["status"]) == {"completed", "stopped"}
    assert (trials["status"] == "completed").sum() == 6
    begun = digits.metrics.groupby("trial")["epoch"].min()
    assert (begun == trials["parent_epoch"].fillna(0).astype(int) + 1).all()
    assert len(digits.metrics) == 6 * 8
    assert set(digits.changes["author"]) == {"pbt"}
    assert "hidden_units" not in set(digits.changes["hyperparameter"]), "what a network is built of"


def test_no_checkpoint_stays_that_nobody_needs(digits):
    kept = list((digits.path / "checkpoints").glob("*.npz"))
    assert len(kept) <= 8  # those that an ensemble may be of


def test_the_log_is_replayed_bit_for_bit(digits):
    assert sweeps.replay(digits.path, progress=False).equal


def test_the_winners_schedule_is_its_lineage_and_trains_one_model(digits):
    """On the sweep's own seed, the same model; on a fresh one, another."""
    trial = digits.trials[digits.trials["status"] == "completed"]["parent_epoch"].astype("Float64").idxmax()
    schedule = sweeps.schedule_of(digits, int(trial))
    assert [each.epoch for each in schedule] == sorted({each.epoch for each in schedule})
    assert schedule[0].epoch == 0
    assert len(schedule) > 1
    same = sweeps.replay_schedule(digits.path, int(trial), seed=0, progress=False)
    own = digits.metrics[digits.metrics["trial"] == trial]["val_loss"].tolist()
    first, best = digits.trials.set_index("trial").loc[trial, ["parent_epoch", "best_epoch"]]
    assert [row["val_loss"] for row in same.rows][first:] == own[: best - first]
    fresh = sweeps.replay_schedule(digits.path, progress=False)
    assert fresh.trial == digits.best.trial
    assert fresh.seed != 0
    assert len(fresh.rows) == digits.best.epoch
    assert fresh.now != fresh.then


def in_tables(result):
    columns = ["trial", "status", "epochs", "objective", "config", "parent", "parent_epoch"]
    metrics = result.metrics.sort_values(["trial", "epoch"], ignore_index=True)
    return result.trials[columns], metrics, result.changes.drop(columns="time")


def test_a_killed_population_goes_on_to_the_same_end(tmp_path):
    """Killed after each of several jobs, in the first generation, between two, and in the last."""
    whole = in_tables(trained(tmp_path / "whole", deterministic=True))
    root = str(Path(__file__).parents[2])
    for jobs in (3, 12, 22):
        out = tmp_path / f"killed-{jobs}"
        code = KILLED.format(root=root, out=str(out), jobs=jobs)
        environment = {**os.environ, "PYTHONPATH": root}
        ended = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=False
        )
        assert ended.returncode == -9, ended.stderr
        result = sweeps.resume(out, serial=True, progress=False)
        for expected, found in zip(whole, in_tables(result), strict=True):
            pd.testing.assert_frame_equal(expected, found)
        assert sweeps.replay(out, progress=False).equal


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from tests.sweep.test_population import trained

class Killer:
    jobs = 0

    def __call__(self, event):
        self.jobs += event.kind == "reported" and event.outcome != "running"
        if self.jobs == {jobs}:
            os.kill(os.getpid(), signal.SIGKILL)

trained({out!r}, deterministic=True, callbacks=[Killer()])
"""


def jumps(config, run):
    """Its loss falls by its rate; too large a rate diverges."""
    value = run.restore() or 1.0
    for _ in range(run.start, run.epochs):
        value *= float("nan") if config["rate"] > 0.5 else 1 - config["rate"]
        run.save(value)
        yield {"val_loss": value}


def test_members_that_diverge_are_replaced(tmp_path):
    space = {"rate": {"log": [1e-2, 1]}}
    result = trained(tmp_path / "s", jumps, None, space=space, trials=12, epochs=12, seed=3)
    status = result.trials["status"].value_counts()
    assert status["infeasible"] >= 2
    assert status["completed"] == 12
    assert result.best.objective == result.metrics["val_loss"].min()


def test_more_members_and_epochs_may_be_added(tmp_path):
    space = {"rate": {"log": [1e-2, 0.4]}}
    out = tmp_path / "s"
    trained(out, jumps, None, space=space)
    result = sweeps.resume(out, train=jumps, serial=True, progress=False, trials=8, epochs=12)
    assert result.trials["parent"].isna().sum() == 8
    assert (result.trials["epochs"] == 12).sum() == 8
    assert summarize(result).trials == len(result.trials)


def test_on_workers_fewer_than_members_all_train_to_the_end(tmp_path):
    result = trained(tmp_path / "s", serial=False, workers=2)
    assert (result.trials["status"] == "completed").sum() == 6
    assert len(result.metrics) == 6 * 8
    assert sweeps.replay(result.path, progress=False).equal


def test_what_cannot_be_is_said(tmp_path):
    with pytest.raises(BadInput, match="finalists: false"):
        trained(tmp_path / "s", finalists=3)
    result = trained(tmp_path / "t", jumps, None, space={"rate": {"log": [1e-2, 0.4]}})
    assert read_spec(result.path / SPEC_FILE).scheduler == "pbt:2"
    with pytest.raises(BadInput, match="in place of such trials"):
        sweeps.resume(result.path, train=jumps, serial=True, progress=False, retry="failed")
    with pytest.raises(BadInput, match="no trial that this sweep has begun"):
        sweeps.schedule_of(result, 99)
