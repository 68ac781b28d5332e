"""A run folder that version 0.1 wrote, interrupted: every later version reads it and goes on with it."""

import shutil
from pathlib import Path

import pandas as pd

import sweeps
from sweeps.results.state import state_of
from tests import trainables

WRITTEN = Path(__file__).parent / "fixtures" / "run-0.1"


def test_its_tables_are_read():
    result = sweeps.load(WRITTEN)
    assert result.spec["trials"] == 9
    assert result.trials["status"].value_counts().to_dict() == {"paused": 6, "completed": 2}
    assert len(result.metrics) == 14
    assert set(result.rounds["hyperparameter"]) == {"rate", "kind"}
    assert len(result.jobs) == 9
    assert state_of(WRITTEN).kind == "interrupted"


def test_it_is_resumed(tmp_path):
    path = tmp_path / "run"
    shutil.copytree(WRITTEN, path)
    result = sweeps.resume(
        path, train=trainables.decay, changed_code=True, trials=12, serial=True, progress=False
    )
    assert result.trials["repeats"].isna().sum() == 12
    assert state_of(path).kind == "complete"
    before = sweeps.load(WRITTEN)
    same = ["trial", "seed", "config"]
    pd.testing.assert_frame_equal(result.trials[same].head(len(before.trials)), before.trials[same])
    rows = before.metrics.merge(result.metrics, on=["trial", "epoch", "val_loss", "weight"])
    assert len(rows) == len(before.metrics)
