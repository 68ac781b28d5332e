"""The tables on disk: typed, whole, without repeats, readable at any time."""

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.results import load
from sweeps.space import Space
from sweeps.store import RunDirectory, TrialRow, claimed
from sweeps.trial import Region, Round, Status
from tests.store import counted

SPACE = Space(
    {
        "rate": {"log": [1e-5, 1]},
        "units": {"int": [1, 9]},
        "kind": {"choice": ["a", "b"]},
        "flag": {"choice": [True, False]},
        "depth": {"int": [1, 3], "when": {"kind": "a"}},
        "nesterov": {"choice": [True, False], "when": {"kind": "a"}},
        "hidden": {"choice": [[64, 32], [16]]},
    }
)
SPEC = "name: test\nmode: min\nmetric: val_loss\ntrials: 9\n"


def config(kind):
    shared = {"rate": 0.1, "units": 3, "kind": kind, "flag": True, "hidden": [64, 32]}
    return {**shared, "depth": 2, "nesterov": False} if kind == "a" else shared


@pytest.fixture
def directory(tmp_path):
    return RunDirectory(tmp_path / "run", SPEC, SPACE)


def test_columns_have_the_types_of_their_hyperparameters(directory):
    directory.trials.put(TrialRow(0, 0, config("a"), objective=0.5, best_epoch=2, epochs=3))
    directory.trials.put(TrialRow(1, 0, config("b")))
    directory.commit([])
    trials = pd.read_parquet(directory.path / "trials")
    assert trials.dtypes.astype(str).to_dict() == {
        "trial": "int64",
        "round": "int64",
        "seed": "int64",
        "repeats": "Int64",
        "status": "str",
        "objective": "float64",
        "best_epoch": "Int64",
        "epochs": "int64",
        "seconds": "float64",
        "worker": "str",
        "error": "str",
        "config": "str",
        "config.rate": "float64",
        "config.units": "int64",
        "config.kind": "str",
        "config.flag": "bool",
        "config.depth": "Int64",
        "config.nesterov": "boolean",
        "config.hidden": "object",
    }
    assert trials["config.depth"].isna().tolist() == [False, True]
    assert trials["config.hidden"][0].tolist() == [64, 32]
    assert np.isnan(trials["objective"][1])


def test_a_changed_trial_replaces_its_row(directory):
    row = TrialRow(0, 0, config("a"))
    for status in (Status.RUNNING, Status.PAUSED, Status.COMPLETED):
        row.status = status
        directory.trials.put(row)
        directory.commit([])
        trials = pd.read_parquet(directory.path / "trials")
        assert trials["status"].tolist() == [status]


def test_rows_spread_over_parts_without_repeats(directory):
    for trial in range(2500):
        directory.trials.put(TrialRow(trial, 0, config("b")))
        if trial % 700 == 0:
            directory.commit([])
    directory.commit([])
    assert pd.read_parquet(directory.path / "trials")["trial"].tolist() == list(range(2500))
    assert len(list((directory.path / "trials").iterdir())) == 3


def test_a_metric_seen_late_becomes_a_column_of_all_parts(directory, monkeypatch):
    monkeypatch.setattr("sweeps.store.tables.growing.ROWS_A_PART", 10)
    for trial in range(5):
        directory.metrics.append(trial, 1, *counted([{"val_loss": 0.5}] * 5))
        directory.commit([])
    directory.metrics.append(5, 1, *counted([{"val_loss": 0.4, "late": 7.0}]))
    directory.commit([])
    metrics = pd.read_parquet(directory.path / "metrics")
    assert len(metrics) == 26
    assert metrics["late"].notna().sum() == 1
    assert list(metrics.columns) == ["trial", "epoch", "val_loss", "late"]
    assert len(list((directory.path / "metrics").iterdir())) == 3


def test_rounds_are_kept_with_their_reasons(directory):
    rounds = [
        Round(i, (Region("rate", 0.1, 1.0, 3, "because"), Region("kind", None, None, 3, "so")))
        for i in range(3)
    ]
    for upto in (1, 1, 3):
        directory.commit(rounds[:upto])
        assert len(pd.read_parquet(directory.path / "rounds")) == 2 * upto
    kept = load(directory.path).rounds
    assert kept["low"].isna().tolist() == [False, True] * 3
    assert kept["scale"].tolist() == ["log", "choice"] * 3


def test_readable_and_whole_at_any_time(directory, monkeypatch):
    """A reader that never pauses sees a table that only grows, each trial and epoch once."""
    monkeypatch.setattr("sweeps.store.tables.growing.ROWS_A_PART", 100)
    written, problems, seen = threading.Event(), [], []

    def read():
        while not written.is_set():
            trials = pd.read_parquet(directory.path / "trials")
            metrics = pd.read_parquet(directory.path / "metrics")
            if trials["trial"].duplicated().any() or metrics.duplicated(["trial", "epoch"]).any():
                problems.append("repeated rows")
            if seen and len(metrics) < seen[-1]:
                problems.append("rows were lost")
            seen.append(len(metrics))

    reader = threading.Thread(target=read)
    reader.start()
    for trial in range(150):
        directory.trials.put(TrialRow(trial, 0, config("a")))
        directory.metrics.append(trial, 1, *counted([{"val_loss": 0.1 * trial}] * 5))
        directory.commit([])
    written.set()
    reader.join()
    assert not problems
    assert len(set(seen)) > 1, "the reader must have seen the table at several moments"


def test_leftover_temporary_files_do_not_show(directory):
    directory.trials.put(TrialRow(0, 0, config("a")))
    directory.commit([])
    (directory.path / "trials" / ".part-00000.parquet.tmp").write_bytes(b"torn")
    assert len(pd.read_parquet(directory.path / "trials")) == 1


def test_a_folder_that_holds_something_is_left_alone(directory, tmp_path):
    before = sorted(path.read_bytes() for path in directory.path.rglob("*.*"))
    with pytest.raises(BadInput, match="already holds a sweep"):
        RunDirectory(directory.path, SPEC, SPACE)
    assert sorted(path.read_bytes() for path in directory.path.rglob("*.*")) == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(BadInput, match="not an empty folder"):
        RunDirectory(tmp_path / "other", SPEC, SPACE)
    with pytest.raises(BadInput, match="not an empty folder"):
        RunDirectory(tmp_path / "other" / "file", SPEC, SPACE)


def test_folders_are_claimed_one_by_one(in_folder):
    with claimed(None, "digits") as first, claimed(None, "digits") as second:
        assert [first.name, second.name] == ["digits", "digits-2"]
        (second / "file").touch()
    assert [path.name for path in (in_folder / "runs").iterdir()] == ["digits-2"]
    with claimed(None, "digits") as third:
        assert third.name == "digits"


def test_a_folder_that_cannot_be_made_is_bad_input(in_folder):
    (in_folder / "file").touch()
    with pytest.raises(BadInput, match="cannot be made"), claimed("file/below", "x"):
        pass
    with pytest.raises(BadInput, match="not a path"), claimed(3, "x"):
        pass


@pytest.mark.parametrize(
    "address",
    ["s3://bucket/run", "gs://b", "hdfs://host:9000/x", "file:///tmp/x", "S3://b", "abfs+x.y://z", "s3:/b"],
)
@pytest.mark.parametrize("kind", [str, Path])
def test_an_address_is_not_taken_for_a_folder(in_folder, address, kind):
    with pytest.raises(BadInput, match="is not supported") as caught, claimed(kind(address), "x"):
        pass
    assert caught.value.value.startswith(f"{address.partition(':')[0]}://")
    assert not list(in_folder.iterdir())


def test_names_with_colons_are_folders(in_folder):
    for name in ("lr:0.1", "a:b/c", "c:/run"):
        with claimed(name, "x") as path:
            assert path == in_folder / name
            assert path.is_dir()


@pytest.mark.parametrize("out", [None, "mine", Path("below") / "mine"])
def test_the_folder_stays_where_it_is_when_a_trainable_changes_the_current_one(in_folder, out):
    (in_folder / "elsewhere").mkdir()

    def train(config, run):
        os.chdir(in_folder / "elsewhere")
        for epoch in range(run.start, run.epochs):
            yield {"val_loss": config["x"] / (epoch + 1)}

    space = {"x": {"uniform": [0, 1]}}
    result = sweeps.run(
        train, space=space, trials=3, epochs=2, serial=True, progress=False, out=out, name="x"
    )
    assert result.path == in_folder / (out or "runs/x")
    assert len(result.trials) > 3
    assert not list((in_folder / "elsewhere").iterdir())


def test_tables_are_read_from_the_folder_that_was_meant_when_it_was_opened(directory, in_folder, monkeypatch):
    monkeypatch.chdir(directory.path.parent)
    result = load("run")
    monkeypatch.chdir("/")
    assert result.trials.empty


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda path: (path / "spec.yaml").write_text("a: 1"), "spec"),
        (lambda path: (path / "trials" / "part-00000.parquet").write_bytes(b"PAR1 torn"), "trials"),
        (lambda path: shutil.rmtree(path / "rounds"), "rounds"),
    ],
)
def test_a_damaged_sweep_is_named(directory, damage, place):
    damage(directory.path)
    with pytest.raises(BadInput, match="restore it") as caught:
        getattr(load(directory.path), place)
    assert place in str(caught.value)


def test_a_folder_without_a_sweep_is_named(tmp_path):
    with pytest.raises(BadInput, match="holds no sweep"):
        load(tmp_path)
    with pytest.raises(BadInput, match="not a folder"):
        load(tmp_path / "nothing")
