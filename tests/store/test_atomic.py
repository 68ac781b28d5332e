"""Files are whole or absent, and nobody can make us write elsewhere."""

import os
import stat
from pathlib import Path

import numpy as np
import pytest

from sweeps.errors import BadInput
from sweeps.results import load
from sweeps.space import Space
from sweeps.store import RunDirectory, TrialRow
from sweeps.store.atomic import write_atomically
from sweeps.trial import Checkpoint
from tests.store import counted

SPACE = Space({"x": {"uniform": [0, 1]}})
SPEC = "name: test\nmode: min\nmetric: val_loss\ntrials: 9\n"


@pytest.fixture
def victim(tmp_path):
    path = tmp_path / "victim"
    path.write_bytes(b"precious")
    return path


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def laid_everywhere(folder, victim):
    """Links to another file at every name that the writer of tables is known to have used, or might guess."""
    for name in ("part-00000.parquet", "spec.yaml", "trial-000000-epoch-000001.npz", "manifest.json"):
        for link in (name, f".{name}.tmp", f"{name}.tmp", f".{name}.{os.getpid()}.tmp"):
            if not (folder / link).is_symlink():
                (folder / link).unlink(missing_ok=True)
                (folder / link).symlink_to(victim)


def test_links_in_a_run_folder_lead_nowhere(tmp_path, victim):
    directory = RunDirectory(tmp_path / "run", SPEC, SPACE, ["val_loss"])
    (tmp_path / "run" / "checkpoints").mkdir()
    for folder in (directory.path, *(path for path in directory.path.iterdir() if path.is_dir())):
        laid_everywhere(folder, victim)
    directory.trials.put(TrialRow(0, 0, {"x": 0.5}))
    directory.metrics.append(0, 1, *counted([{"val_loss": 0.5}]))
    directory.checkpoints.save(0, Checkpoint(1, {"w": np.ones(3)}), "a test")
    directory.commit([])
    assert victim.read_bytes() == b"precious"
    for written in (
        "trials/part-00000.parquet",
        "metrics/part-00000.parquet",
        "checkpoints/trial-000000-epoch-000001.npz",
    ):
        assert not (directory.path / written).is_symlink()


def test_tables_are_not_written_into_a_folder_that_is_a_link(tmp_path, monkeypatch):
    """Laid between the look into the run folder and the first table."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "trials").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr("sweeps.store.run_directory.check_empty", lambda path: None)
    with pytest.raises(FileExistsError):
        RunDirectory(tmp_path / "run", SPEC, SPACE)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_template_is_not_written_through_a_link(in_folder):
    from sweeps.command.template import write_template

    Path("sweep.yaml").symlink_to(in_folder / "not_yet_there")
    with pytest.raises(BadInput, match="nothing is overwritten"):
        write_template(Path("sweep.yaml"))
    assert not Path("not_yet_there").exists()


@pytest.mark.parametrize("durable", [True, False])
def test_the_new_file_is_hidden_while_it_is_written_and_no_two_names_are_alike(tmp_path, durable):
    names = set()

    def write(file):
        (name,) = names_in(tmp_path)
        assert name.startswith(".")
        names.add(name)
        file.write(b"whole")

    for _ in range(3):
        write_atomically(tmp_path / "file", write, durable)
        assert names_in(tmp_path) == ["file"]
        (tmp_path / "file").unlink()
    assert len(names) == 3


@pytest.mark.parametrize("error", [OSError("full"), ValueError("bad"), KeyboardInterrupt()])
def test_what_was_there_stays_when_writing_fails(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write(file):
        file.write(b"half")
        raise error

    with pytest.raises(type(error)):
        write_atomically(path, write)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file"]


def test_a_file_that_cannot_be_moved_into_place_leaves_nothing_behind(tmp_path):
    (tmp_path / "file" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="file"):
        write_atomically(tmp_path / "file", lambda file: None)
    assert names_in(tmp_path) == ["file"]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_any_new_file_and_folder(tmp_path, umask):
    before = os.umask(umask)
    try:
        directory = RunDirectory(tmp_path / "run", SPEC, SPACE)
    finally:
        os.umask(before)
    for path in (directory.path, *directory.path.rglob("*")):
        usual = 0o777 if path.is_dir() else 0o666
        assert stat.S_IMODE(path.stat().st_mode) == usual & ~umask, path


def test_what_a_crash_left_behind_is_in_nobodys_way(tmp_path):
    directory = RunDirectory(tmp_path / "run", SPEC, SPACE)
    folders = [directory.path, *(path for path in directory.path.iterdir() if path.is_dir())]
    for folder in folders:
        (folder / ".part-00000.parquet.0123456789abcdef.tmp").write_bytes(b"torn")
        (folder / ".spec.yaml.0123456789abcdef.tmp").write_bytes(b"\xff")
    directory.trials.put(TrialRow(0, 0, {"x": 0.5}))
    directory.metrics.append(0, 1, *counted([{"new": 0.5}]))  # gives every part a column
    directory.commit([])
    result = load(directory.path)
    assert len(result.trials) == len(result.metrics) == 1
    assert result.rounds.empty
