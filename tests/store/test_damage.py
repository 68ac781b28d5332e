"""Damaged tables are noticed, and the message names the file."""

import random
import shutil

import numpy as np
import pandas as pd
import pytest

from sweeps.command import main
from sweeps.errors import BadInput
from sweeps.results import load
from sweeps.space import Space
from sweeps.store import RunDirectory, TrialRow
from sweeps.store.tables.parts import Parts
from sweeps.store.tables.schema import metrics_schema
from tests.store import counted

SPACE = Space({"rate": {"log": [1e-5, 1]}, "kind": {"choice": ["a", "b"]}})
SPEC = "name: test\nmode: min\nmetric: val_loss\ntrials: 3000\n"
EPOCHS = 9


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A run folder with 2,500 trials in three parts, metrics of the first 100."""
    directory = RunDirectory(
        tmp_path_factory.mktemp("sound") / "run", SPEC, SPACE, ["val_loss", "val_accuracy"]
    )
    draw = np.random.default_rng(0).uniform
    for trial in range(2500):
        epochs = EPOCHS if trial < 100 else 0
        config = {"rate": draw(), "kind": "a"}
        directory.trials.put(TrialRow(trial, 0, config, objective=draw(), best_epoch=2, epochs=epochs))
        rows = [{"val_loss": draw(), "val_accuracy": draw()} for _ in range(epochs)]
        directory.metrics.append(trial, 1, *counted(rows))
    directory.commit([])
    return directory.path


@pytest.fixture
def folder(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "run")


@pytest.mark.parametrize("table", ["metrics", "trials"])
def test_flipped_bits_do_not_read_back_as_other_numbers(folder, table):
    """Of 150 flips each, none is read back wrong. Those in the statistics, which nobody reads, do no harm."""
    part, right = folder / table / "part-00000.parquet", getattr(load(folder), table)
    whole, chance, messages = part.read_bytes(), random.Random(3), []
    for _ in range(150):
        place = chance.randrange(8 * len(whole))
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        part.write_bytes(flipped)
        try:
            pd.testing.assert_frame_equal(getattr(load(folder), table), right)
        except BadInput as error:
            messages.append(str(error))
    assert len(messages) > 75
    assert all(f"{folder}: '{table}/part-00000.parquet'" in message for message in messages)
    assert {len(message.splitlines()) for message in messages} == {2}


def test_pandas_reads_the_folders_with_checksums_too(folder):
    for table in ("trials", "metrics", "rounds"):
        read = pd.read_parquet(folder / table, page_checksum_verification=True)
        pd.testing.assert_frame_equal(read, pd.read_parquet(folder / table))
        pd.testing.assert_frame_equal(read, getattr(load(folder), table))


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_part_is_named(folder, missing):
    (folder / "trials" / f"part-0000{missing}.parquet").unlink()
    with pytest.raises(BadInput, match=f"trials/part-0000{missing}.parquet' is missing"):
        _ = load(folder).trials


def test_a_table_without_parts_or_folder_is_missing(folder):
    for path in (folder / "metrics").iterdir():
        path.unlink()
    shutil.rmtree(folder / "rounds")
    for table in ("metrics", "rounds"):
        with pytest.raises(BadInput, match=f"'{table}' is missing"):
            getattr(load(folder), table)


def test_foreign_files_beside_the_parts_are_passed_over(folder):
    right = load(folder).trials
    (folder / "trials" / ".DS_Store").write_bytes(b"\x00Bud1")
    (folder / "trials" / "notes.txt").write_text("mine")
    (folder / "trials" / "part-00000.parquet.bak").write_bytes(b"PAR1")
    pd.DataFrame({"other": [1]}).to_parquet(folder / "trials" / "export.parquet")
    (folder / "trials" / "folder").mkdir()
    pd.testing.assert_frame_equal(load(folder).trials, right)


@pytest.mark.parametrize(
    ("stranger", "says"),
    [
        (pd.DataFrame({"other": [1]}), "no column 'trial'"),
        (pd.read_parquet, "holds str, not int64"),
    ],
)
def test_a_part_of_another_table_is_named(folder, stranger, says):
    part = folder / "trials" / "part-00001.parquet"
    if callable(stranger):
        stranger = stranger(part).astype({"round": "str"})
    stranger.to_parquet(part)
    with pytest.raises(BadInput, match=r"trials/part-00001.parquet' is not a part of this table") as caught:
        _ = load(folder).trials
    assert says in str(caught.value)


def test_a_table_whose_parts_are_being_widened_reads_whole(tmp_path):
    """Between two of them, the first has the new column and the second does not yet."""
    parts = Parts(tmp_path / "metrics", metrics_schema(["loss"]))
    row = {"trial": [0], "epoch": [1], "loss": [0.5]}
    parts.write(1, parts.schema.empty_table().from_pydict(row, schema=parts.schema))
    parts._count = 1
    parts.add_columns(metrics_schema(["loss", "late"]))
    from sweeps.results.reading import read_parts

    read = read_parts(tmp_path / "metrics", ["trial", "epoch"])
    assert read["loss"].tolist() == [0.5]
    assert read["late"].isna().tolist() == [True]


@pytest.mark.parametrize(
    "spec",
    [b"name: \xff\xfe\n", b"mode: [", b"just words", b"name: a\nmetric: b\nmode: best\ntrials: 1\n", b""],
)
def test_a_damaged_spec_is_one_screen(folder, spec, monkeypatch, capsys):
    (folder / "spec.yaml").write_bytes(spec)
    for arguments in (["show", str(folder)], ["show", str(folder), "--json"]):
        monkeypatch.setattr("sys.argv", ["caviar", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        assert (end.value.code, out) == (2, "")
        assert "spec.yaml" in err
        assert "Traceback" not in err
        assert len(err.splitlines()) < 24
