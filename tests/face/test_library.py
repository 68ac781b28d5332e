"""The library: what is put into it, who learns from it by default, and who does not."""

import json
import shutil

import pytest
from typer.testing import CliRunner

import sweeps
from sweeps.command.app import app
from sweeps.errors import BadInput
from sweeps.face.library import library_add, library_list, library_remove

SPACE = {"x": sweeps.Uniform(0, 1), "y": sweeps.LogUniform(1e-3, 1)}


def train(config, run):
    return (config["x"] - 0.3) ** 2 + config.get("y", 0.1)


def other(config, run):
    return config["x"]


def swept(out, function=train, **options):
    options = {"space": SPACE, "trials": 20, "finalists": False, **options}
    return sweeps.run(function, out=out, serial=True, progress=False, **options)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A library of one sweep."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    swept(tmp_path / "old")
    library_add(tmp_path / "old")
    return tmp_path


def names(result):
    return [each.name for each in result.learned_from]


def test_a_sweep_that_fits_learns_from_it_and_its_spec_says_so(shelf):
    result = swept(shelf / "new", seed=1)
    assert names(result) == [str(shelf / "old")]
    assert result.spec["learn_from"] == [str(shelf / "old")]


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (train, {"learn_from": False}),
        (train, {"scheduler": "random"}),
        (train, {"metric": "error"}),
        (train, {"mode": "max"}),
        (other, {}),
        (train, {"space": {"x": sweeps.Uniform(2, 3), "y": sweeps.Uniform(2, 3)}}),
        (train, {"space": {"x": SPACE["x"], **{f"z{i}": sweeps.Uniform(0, 1) for i in range(3)}}}),
    ],
    ids=["told not to", "scheduler", "metric", "mode", "trainable", "ranges", "few names"],
)
def test_one_that_does_not_fit_begins_from_nothing(shelf, function, options):
    assert names(swept(shelf / "new", function, **options)) == []


def test_one_that_is_resumed_learns_from_what_it_learned_from(shelf):
    swept(shelf / "new", learn_from=False)
    result = sweeps.resume(shelf / "new", train=train, trials=22, serial=True, progress=False)
    assert names(result) == []


def test_a_sweep_begun_with_an_empty_library_does_not_learn_when_it_is_resumed(shelf):
    library_remove(shelf / "old")
    swept(shelf / "new")
    library_add(shelf / "old")
    result = sweeps.resume(shelf / "new", train=train, trials=22, serial=True, progress=False)
    assert names(result) == []


def test_a_folder_that_is_gone_is_passed_over_and_listed_as_such(shelf):
    shutil.rmtree(shelf / "old")
    (gone,) = library_list()
    assert gone.problem
    assert names(swept(shelf / "new")) == []


def test_added_twice_it_is_there_once(shelf):
    library_add(shelf / "old")
    assert [each.folder for each in library_list()] == [shelf / "old"]


def test_what_has_no_result_and_what_is_not_there_are_refused(shelf):
    with pytest.raises(BadInput, match="is not a folder"):
        library_add(shelf / "nowhere")
    with pytest.raises(BadInput, match="not in it"):
        library_remove(shelf / "new")


def test_a_damaged_library_is_named(shelf):
    (shelf / "data" / "caviar" / "library.json").write_text("{")
    with pytest.raises(BadInput, match=r"library\.json"):
        swept(shelf / "new")


def test_the_commands(shelf):
    runner = CliRunner()
    assert "random" not in runner.invoke(app, ["library", "list"]).stdout
    (listed,) = json.loads(runner.invoke(app, ["library", "list", "--json"]).stdout)
    assert listed["folder"] == str(shelf / "old")
    assert runner.invoke(app, ["library", "remove", str(shelf / "old")]).exit_code == 0
    assert "empty" in runner.invoke(app, ["library", "list"]).stdout
    assert "is in the library" in runner.invoke(app, ["library", "add", str(shelf / "old")]).stdout


def test_the_sweeps_that_are_chosen_are_read_once(shelf, monkeypatch):
    def again(*arguments):
        raise AssertionError("read again")

    monkeypatch.setattr("sweeps.sweep.planning.plan.earlier_sweeps", again)
    assert names(swept(shelf / "new", seed=1)) == [str(shelf / "old")]


def test_what_is_learned_from_other_data_is_said_so(shelf):
    keys = {"space": SPACE, "trials": 20, "finalists": False}
    (same,) = sweeps.plan(train, **keys).learns
    assert "other data" not in same.words
    (other,) = sweeps.plan(train, data={"rows": [1.0, 2.0]}, **keys).learns
    assert other.words.endswith("; other data")


def test_data_that_another_seed_splits_may_be_the_same(shelf):
    space = {"learning_rate": {"log": [1e-3, 1]}, "hidden_units": 8, "hidden_layers": 1}
    keys = {"space": space, "data": "digits", "trials": 8, "epochs": 1, "finalists": False}
    old = sweeps.run("mlp", out=shelf / "digits", serial=True, progress=False, **keys)
    library_add(old.path)
    assert [each.other for each in sweeps.plan("mlp", **keys).learns] == [""]
    (other,) = sweeps.plan("mlp", seed=1, **keys).learns
    assert other.other == "other data, or another split"


def test_a_folder_that_is_no_sweep_is_named_by_its_key(shelf):
    with pytest.raises(BadInput, match=r"^learn_from\[0\]\.from: .*is not a folder"):
        swept(shelf / "new", learn_from=[str(shelf / "nope")])
