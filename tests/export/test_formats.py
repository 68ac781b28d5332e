"""What every export has in common: the command, what is refused, and that nothing is left half written."""

import shutil

import pandas as pd
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.export import FORMATS, formats
from sweeps.space import Space
from sweeps.spec import as_spec, spec_text
from sweeps.store import RunDirectory, TrialRow
from tests.command.conftest import command  # noqa: F401


def test_the_command_writes_a_whole_sweep(command, folder, tmp_path):  # noqa: F811
    code, out, err = command("export", folder, "--to", "csv", "-o", tmp_path / "out")
    assert (code, out) == (0, "")
    assert "wrote" in err
    assert len(pd.read_csv(tmp_path / "out" / "trials.csv")) == 8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--to", "optima"],
            "did you mean optuna? Valid: csv, mlflow, npz, onnx, optuna, tensorboard, torch",
        ),
        (["--to", "csv", "--refit"], "is about a model, and csv takes the whole sweep"),
        (["--to", "csv", "--ensemble"], "is about a model, and csv takes the whole sweep"),
    ],
)
def test_what_the_command_refuses(command, folder, tmp_path, arguments, said):  # noqa: F811
    code, out, err = command("export", folder, "-o", tmp_path / "out", *arguments)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_nothing_is_overwritten(result, tmp_path, kind):
    path = tmp_path / "out"
    if kind == "file":
        path.write_text("mine")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    with pytest.raises(BadInput, match="no export overwrites anything"):
        result.export("csv", path)
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_an_unknown_format(result, tmp_path):
    with pytest.raises(BadInput, match="did you mean wandb"):
        result.export("wandbs", tmp_path / "out")


def test_a_folder_that_is_not_there(result, tmp_path):
    with pytest.raises(BadInput, match="is in a folder that does not exist"):
        result.export("csv", tmp_path / "no" / "out")


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.extra])
def test_a_missing_package_names_what_installs_it(result, tmp_path, monkeypatch, name):
    monkeypatch.setattr(formats, "find_spec", lambda package: None)
    with pytest.raises(BadInput, match=rf'not installed\n  fix: pip install "caviar-sweeps\[{name}\]"'):
        result.export(name, tmp_path / "out")


def test_a_status_of_a_later_version(tmp_path):
    space = {"rate": {"uniform": [0, 1]}}
    form = as_spec({"name": "sweep", "metric": "loss", "trials": 9, "space": space})
    directory = RunDirectory(tmp_path / "run", spec_text(form), Space(space), ["loss"])
    directory.trials.put(TrialRow(0, 0, {"rate": 0.5}, status="asleep"))
    directory.commit([])
    with pytest.raises(BadInput, match="'asleep' is a status that this version does not know"):
        sweeps.load(tmp_path / "run").export("optuna", tmp_path / "out")


def test_damage_leaves_nothing_behind(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "metrics" / "part-00000.parquet").write_bytes(b"no")
    with pytest.raises(BadInput, match="part-00000"):
        sweeps.load(copy).export("optuna", tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["copy"]
