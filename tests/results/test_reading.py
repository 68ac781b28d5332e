"""Tables read in part: the same answers as from all of them, and the same errors."""

import re
import shutil

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.results import load, summarize
from sweeps.space import Space
from sweeps.store import RunDirectory, TrialRow
from sweeps.store.tables.footer import long_texts
from sweeps.trial import Status
from tests.pages.blocks import ROOT

SPEC = "name: test\nmode: {mode}\nmetric: loss\ntrials: 3000\nepochs: 50\nobjective: {objective}\n"
TRIALS, EPOCHS = 2500, 50


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """2,500 trials in three parts, with 125,000 rows of metrics in two; two of them repeat trial 7."""
    path = tmp_path_factory.mktemp("made") / "run"
    space = Space({"rate": {"log": [1e-5, 1]}, "kind": {"choice": ["a", "b"]}})
    directory = RunDirectory(path, SPEC.format(mode="min", objective="best"), space, ["loss", "accuracy"])
    draw = np.random.default_rng(0)
    for trial in range(TRIALS):
        values = draw.uniform(size=(2, EPOCHS))
        best = int(values[0].argmin())
        row = TrialRow(trial, 0, {"rate": draw.uniform(), "kind": "ab"[trial % 2]}, seed=trial)
        row.status = Status.COMPLETED if trial % 3 else Status.STOPPED
        row.objective, row.best_epoch, row.epochs = float(values[0, best]), best + 1, EPOCHS
        if trial >= TRIALS - 2:
            row.repeats, row.status = 7, Status.COMPLETED
        directory.trials.put(row)
        directory.metrics.append(
            trial, 1, EPOCHS, dict(zip(["loss", "accuracy"], values.tolist(), strict=True))
        )
    directory.close([])
    return path


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "run")


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("objective", ["best", "last"])
@pytest.mark.parametrize("finalists", ["false", "{top: 1, seeds: 2}"])
def test_the_best_is_that_of_the_whole_tables(folder, mode, objective, finalists):
    text = SPEC.format(mode=mode, objective=objective) + f"finalists: {finalists}\n"
    (folder / "spec.yaml").write_text(text)
    part, whole = load(folder), load(folder)
    assert len(whole.trials) == TRIALS
    assert len(whole.metrics) == TRIALS * EPOCHS
    assert (part.best, part.best_of_search) == (whole.best, whole.best_of_search)
    assert summarize(part).to_json() == summarize(whole).to_json()
    able = whole.trials[whole.trials.repeats.isna()]
    if objective == "last":
        able = able[able.status == "completed"]
    values = able.set_index("trial").objective
    assert part.best_of_search.trial == (values.idxmin() if mode == "min" else values.idxmax())
    assert part.best.seeds == (0 if finalists == "false" else 2)


def test_the_best_is_found_without_the_others_configs_and_metrics(folder):
    """Damage in what is not read is not seen, and in what is read it is."""
    best = load(folder).best_of_search
    assert best.trial < 2000, "its metrics are in the first part"
    flip(folder / "metrics" / "part-00001.parquet", "accuracy")
    for number in {0, 1, 2} - {best.trial // 1000}:
        flip(folder / "trials" / f"part-0000{number}.parquet", "config")
    assert load(folder).best_of_search == best
    for table in ("trials", "metrics"):
        with pytest.raises(BadInput, match=f"{table}/part-0000.*cannot be read"):
            getattr(load(folder), table)
    flip(folder / "metrics" / "part-00000.parquet", "accuracy")
    with pytest.raises(BadInput, match=r"metrics/part-00000.parquet' cannot be read"):
        _ = load(folder).best_of_search


def flip(part, column):
    """One bit in the middle of a column's pages."""
    group = pq.read_metadata(part).row_group(0)
    chunk = next(each for each in map(group.column, range(20)) if each.path_in_schema == column)
    content = bytearray(part.read_bytes())
    content[(chunk.dictionary_page_offset or chunk.data_page_offset) + chunk.total_compressed_size // 2] ^= 1
    part.write_bytes(content)


def test_a_footer_that_lies_about_its_trials_hides_none(folder):
    right = load(folder).best_of_search
    part = folder / "metrics" / "part-00000.parquet"
    most = pq.read_metadata(part).row_group(0).column(0).statistics.max
    content, size = part.read_bytes(), pq.read_metadata(part).serialized_size + 8
    lie = content[-size:].replace(most.to_bytes(8, "little"), bytes(8))
    part.write_bytes(content[:-size] + lie)
    assert pq.read_metadata(part).row_group(0).column(0).statistics.max == 0 < right.trial
    assert load(folder).best_of_search == right


@pytest.mark.parametrize(
    ("table", "columns", "says"),
    [
        ("metrics", {"trial": [1], "loss": [0.5]}, "has no column 'epoch'"),
        (
            "metrics",
            {"trial": ["1"], "epoch": [1]},
            "holds str, not int64|'trial' that is not a whole number",
        ),
        (
            "metrics",
            {"trial": [1], "epoch": ["1"]},
            "holds str, not int64|'epoch' that is not a whole number",
        ),
        ("trials", {"trial": [1], "epochs": [1]}, "has no column 'round'"),
    ],
)
def test_a_stranger_is_told_where_part_of_a_table_is_read(folder, table, columns, says):
    for part in (folder / table).iterdir():
        pq.write_table(pa.table(columns), part)
    with pytest.raises(BadInput, match=says):
        _ = load(folder).best_of_search


def test_long_texts_are_read_whole(tmp_path):
    """As dictionaries first, since they could be many copies of one: texts alone and in lists."""
    space = Space({"layers": sweeps.Choice([["tanh"], ["relu", "é"]]), "rate": 0.1})
    directory = RunDirectory(tmp_path / "run", SPEC.format(mode="min", objective="best"), space, ["loss"])
    for trial in range(600):
        config = {"layers": [["tanh"], ["relu", "é"]][trial % 2], "rate": 0.1}
        directory.trials.put(
            TrialRow(trial, 0, config, error="é" * 30_000 + str(trial) if trial % 2 else None)
        )
    directory.close([])
    part = directory.path / "trials" / "part-00000.parquet"
    assert set(long_texts(pq.read_metadata(part))) == {"error", "config.layers.list.element"}
    pd.testing.assert_frame_equal(load(directory.path).trials, pd.read_parquet(part))


def test_a_text_that_is_read_along_with_another_column_is_looked_at(tmp_path):
    """Whoever asks for "config" has "config.…" read, too."""
    copies = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), ["x" * 1_000_000])
    table = pa.table({"config": ["{}"] * 2000, "config.x": copies, "error": copies})
    pq.write_table(table, tmp_path / "part.parquet", store_schema=False)
    assert long_texts(pq.read_metadata(tmp_path / "part.parquet"), {"config"}) == ["config.x"]


def test_the_page_shows_duckdb_and_polars(folder, monkeypatch):
    """Its lines run as they stand, and give what we read."""
    run = folder.parent / "runs" / "digits"
    run.parent.mkdir()
    folder.rename(run)
    monkeypatch.chdir(run.parents[1])
    lines = re.findall(r"^((?:duckdb|pl)\..*)$", (ROOT / "docs" / "analysis.md").read_text(), re.MULTILINE)
    assert len(lines) == 2
    best, curve = (eval(line.split("  #")[0], {"duckdb": duckdb, "pl": pl}) for line in lines)  # noqa: S307
    result = load(run)
    assert best.df()["trial"].tolist() == result.trials.nsmallest(5, "objective")["trial"].tolist()
    rows = result.metrics[result.metrics["trial"] == 17].reset_index(drop=True)
    read = pd.DataFrame(curve.collect().sort("epoch").to_dict(as_series=False))
    pd.testing.assert_frame_equal(read, rows)


def overflows(config, run):
    yield {"val_loss": config["x"], "perplexity": float("inf")}


def test_a_metric_that_is_infinite_on_fresh_seeds_has_no_spread(tmp_path):
    result = sweeps.run(
        overflows,
        space={"x": sweeps.Uniform(0, 1)},
        trials=2,
        epochs=1,
        finalists={"top": 1, "seeds": 2},
        out=tmp_path / "run",
        serial=True,
        progress=False,
    )
    assert result.best.metrics["perplexity"] == float("inf")
    assert set(result.best.spreads) == {"val_loss"}
