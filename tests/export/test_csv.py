"""A sweep as CSV: read back, it is the tables."""

import json

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.export import histories
from sweeps.space import Space
from sweeps.spec import as_spec, spec_text
from sweeps.store import RunDirectory
from tests.export.conftest import LOSSES, ODD, SPACE, STATUSES, TEXT, began, config_of
from tests.results.test_fixture import WRITTEN


@pytest.fixture
def tables(result, tmp_path):
    path = result.export("csv", tmp_path / "out")
    assert sorted(each.name for each in path.iterdir()) == [
        "jobs.csv", "metrics.csv", "rounds.csv", "trials.csv",
    ]  # fmt: skip
    return {each.stem: pd.read_csv(each) for each in path.iterdir()}


def test_trials_are_the_table(tables, result):
    found, known = tables["trials"], result.trials
    assert list(found) == list(known)
    assert found["status"].tolist() == STATUSES
    assert [json.loads(text) for text in found["config"]] == [config_of(trial) for trial in LOSSES]
    np.testing.assert_array_equal(found["objective"], known["objective"])
    np.testing.assert_array_equal(found["config.rate"], known["config.rate"])
    assert (
        found["error"].dropna().tolist()
        == known["error"].dropna().tolist()
        == [f"Traceback:\nValueError: {TEXT}"]
    )
    assert found["config.flag"].tolist() == known["config.flag"].tolist()


def test_metrics_tell_what_was_not_reported_from_what_is_no_number(result, tmp_path):
    path = result.export("csv", tmp_path / "out") / "metrics.csv"
    found = pd.read_csv(path, keep_default_na=False, dtype=str)
    assert list(found) == ["trial", "epoch", "loss", ODD]
    expected = [
        (trial, epoch, loss) for trial, of in LOSSES.items() for epoch, loss in enumerate(of, start=1)
    ]
    assert [(int(t), int(e)) for t, e in zip(found["trial"], found["epoch"], strict=True)] == [
        e[:2] for e in expected
    ]
    for text, (_, _, loss) in zip(found["loss"], expected, strict=True):
        assert text == "" if loss is None else str(float(text)) == str(float(loss))


def test_rounds_and_jobs_are_the_tables(tables, result):
    assert tables["rounds"]["reason"].tolist() == [TEXT]
    assert tables["jobs"]["trial"].tolist() == result.jobs["trial"].tolist()
    moments = pd.to_datetime(tables["jobs"]["started"], format="ISO8601")
    assert moments.tolist() == result.jobs["started"].tolist()
    assert moments[0].timestamp() == began(0)


def test_lists_are_json(tmp_path):
    spec = {"space": {"layers": {"choice": [[1, 2], [3]]}}}

    def train(config, run):
        yield float(len(config["layers"]))

    found = sweeps.run(train, **spec, trials=2, epochs=1, out=tmp_path / "run", serial=True, progress=False)
    path = found.export("csv", tmp_path / "out") / "trials.csv"
    texts = pd.read_csv(path)["config.layers"]
    assert sorted({str(json.loads(text)) for text in texts}) == ["[1, 2]", "[3]"]


def test_metrics_pass_through_memory_in_batches(result, tmp_path, monkeypatch):
    whole = (result.export("csv", tmp_path / "whole") / "metrics.csv").read_bytes()
    monkeypatch.setattr(histories, "_ROWS", 3)
    assert len(list(histories.epochs_in_batches(result))) > 2
    assert (result.export("csv", tmp_path / "batches") / "metrics.csv").read_bytes() == whole


def test_a_sweep_without_trials(tmp_path):
    form = as_spec({"name": "new", "metric": "loss", "trials": 9, "space": SPACE})
    directory = RunDirectory(tmp_path / "run", spec_text(form), Space(SPACE), ["loss"])
    directory.commit([])
    path = sweeps.load(tmp_path / "run").export("csv", tmp_path / "out")
    assert (path / "metrics.csv").read_text().strip() == '"trial","epoch","loss"'
    assert pd.read_csv(path / "trials.csv").empty


def test_a_folder_of_an_earlier_version(tmp_path):
    known = sweeps.load(WRITTEN)
    found = pd.read_csv(known.export("csv", tmp_path / "out") / "metrics.csv")
    np.testing.assert_array_equal(found["val_loss"], known.metrics["val_loss"])
