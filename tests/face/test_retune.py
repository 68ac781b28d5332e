"""`sweeps.retune`: an earlier winner tried again, in a folder that is a sweep like any other."""

import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.command import main
from sweeps.errors import BadInput
from sweeps.face import retune_sweep
from sweeps.retuning import read_retuned
from sweeps.screen.retune import told_before
from sweeps.sweep.progress import Silent
from tests import trainables

SPACE = {"rate": {"log": [1e-5, 1]}, "z": {"uniform": [0, 1]}}
SERIAL = {"serial": True, "progress": False}


class Said(Silent):
    """An observer that keeps what is said."""

    def __init__(self):
        self.notices = []

    def notice(self, text):
        self.notices.append(text)


def at(optimum):
    """A curve whose best rate lies at a power of ten, with noise of the seed."""

    def train(config, run):
        x = np.log10(config["rate"])
        noise = 0.01 * np.random.default_rng([run.seed, int(abs(x) * 1e6)]).normal()
        for epoch in range(run.start, run.epochs):
            yield {"val_loss": 0.1 + 0.1 * (x - optimum) ** 2 + noise + 0.5 * np.exp(-epoch / 6)}

    return train


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    out = tmp_path_factory.mktemp("retune") / "old"
    return sweeps.run(at(-3), space=SPACE, out=out, trials=48, **SERIAL)


def test_unchanged_is_still_best_or_tied_at_a_fifth(old, tmp_path):
    for seed in range(1, 4):
        found = sweeps.retune(old.path, train=at(-3), seed=seed, out=tmp_path / str(seed), **SERIAL)
        assert found.verdict.kind in ("still best", "tied"), found.words
        assert found.config == found.winner == old.best.config
        assert found.search_epochs == 0
        assert "Keep the old config" in found.advice
        assert sweeps.load(found.directory).best.trial == found.trial == 0
    assert found.old_epochs == old.trials.epochs.sum()
    assert found.share < 0.25


@pytest.fixture(scope="module")
def lost(old, tmp_path_factory):
    out = tmp_path_factory.mktemp("retune") / "lost"
    return sweeps.retune(old.path, train=at(-1.5), out=out, **SERIAL)


def test_a_moved_optimum_is_found_and_searched_for(lost, old):
    assert lost.verdict.kind == "lost"
    assert lost.verdict.low > 0
    assert lost.search_epochs > 0
    assert abs(np.log10(lost.config["rate"]) + 1.5) < 0.5
    assert lost.lead > 0.1
    assert lost.seeds >= 3
    assert lost.worse
    rate = next(each for each in lost.moved if each.hyperparameter == "rate")
    assert 0 < rate.shift < 0.5
    assert "The old winner has lost" in lost.words
    assert "Take the config" in lost.advice
    assert lost.agreement.configs >= 4
    assert -1 <= lost.agreement.low <= lost.agreement.high <= 1


def test_its_folder_is_a_sweep_with_what_was_found(lost):
    result = sweeps.load(lost.directory)
    assert result.best.trial == lost.trial
    assert result.spec["retune"]["of"] == str(lost.of)
    assert read_retuned(lost.directory) == lost
    form = json.loads((lost.directory / "retune.json").read_text())
    assert form["words"] == lost.words
    assert form["share"] == lost.share
    page = sweeps.report(lost.directory).read_text()
    assert "Does the earlier winner still win?" in page
    again = sweeps.resume(lost.directory, train=at(-1.5), **SERIAL)
    assert len(again.trials) == len(result.trials), "nothing is left to do"
    assert read_retuned(lost.directory).words == lost.words


def test_an_interrupted_check_goes_on_where_it_was(old, tmp_path):
    whole = sweeps.retune(old.path, train=at(-3), out=tmp_path / "whole", **SERIAL)
    stopped = trainables.interrupted_at(at(-3), 40)
    with pytest.raises(KeyboardInterrupt):
        sweeps.retune(old.path, train=stopped, out=tmp_path / "part", **SERIAL)
    assert read_retuned(tmp_path / "part") is None
    sweeps.report(tmp_path / "part")
    sweeps.resume(tmp_path / "part", train=at(-3), changed_code=True, **SERIAL)
    found = read_retuned(tmp_path / "part")
    assert found.verdict == whole.verdict
    assert found.epochs == whole.epochs


def test_the_search_after_an_interrupted_check_follows_when_it_is_resumed(old, tmp_path):
    stopped = trainables.interrupted_at(at(-1.5), 40)
    with pytest.raises(KeyboardInterrupt):
        sweeps.retune(old.path, train=stopped, out=tmp_path / "part", **SERIAL)
    sweeps.resume(tmp_path / "part", train=at(-1.5), changed_code=True, **SERIAL)
    found = read_retuned(tmp_path / "part")
    assert found.verdict.kind == "lost"
    assert found.search_epochs > 0
    assert abs(np.log10(found.config["rate"]) + 1.5) < 0.5


def test_a_winner_that_choices_leave_out_by_now_is_tried_all_the_same(tmp_path):
    def train(config, run):
        return (config["x"] - 0.5) ** 2 + {"a": 0.0, "b": 0.5, "c": 1.0}[config["kind"]]

    space = {"x": {"uniform": [0, 1]}, "kind": {"choice": ["a", "b"]}}
    first = sweeps.run(train, space=space, trials=16, out=tmp_path / "old", **SERIAL)
    assert first.best.config["kind"] == "a"
    narrow = {**space, "kind": {"choice": ["b", "c"]}}
    old = sweeps.resume(tmp_path / "old", train=train, space=narrow, trials=18, **SERIAL)
    said = Said()
    found = retune_sweep(old.path, train=train, out=tmp_path / "new", serial=True, observer=said)
    assert found.winner == first.best.config
    assert found.trial == 0
    assert any("kind: 'a'" in text and "outside the space" in text for text in said.notices)


def test_a_winner_without_a_hyperparameter_of_now_is_refused(tmp_path):
    def train(config, run):
        return config["x"] + config.get("y", -1.0)

    space = {"x": {"uniform": [0, 1]}}
    sweeps.run(train, space=space, trials=8, out=tmp_path / "old", **SERIAL)
    wide = {**space, "y": {"uniform": [0, 1]}}
    old = sweeps.resume(tmp_path / "old", train=train, space=wide, trials=10, **SERIAL)
    with pytest.raises(BadInput, match="no config of the space"):
        sweeps.retune(old.path, train=train, out=tmp_path / "new", **SERIAL)


def test_a_retune_of_a_retune_costs_as_much_and_knows_as_much(old, lost, tmp_path):
    next_ = sweeps.retune(lost.directory, train=at(-1.5), out=tmp_path / "next", **SERIAL)
    assert next_.winner == lost.config
    assert next_.old_epochs >= old.trials.epochs.sum()
    assert next_.verdict.kind in ("still best", "tied")
    assert sweeps.load(next_.directory).spec["name"].endswith("-retune")


def test_without_a_search_the_rival_is_what_to_take(old, tmp_path):
    found = sweeps.retune(old.path, train=at(-1.5), search=0, out=tmp_path / "run", **SERIAL)
    assert found.verdict.kind == "lost"
    assert found.search_epochs == 0
    assert found.trial == found.verdict.rival
    assert found.config == found.verdict.config


def test_the_earlier_folder_may_be_gone_when_it_is_resumed(old, tmp_path):
    moved = tmp_path / "old"
    shutil.copytree(old.path, moved)
    sweeps.retune(moved, train=at(-3), out=tmp_path / "run", **SERIAL)
    shutil.rmtree(moved)
    sweeps.resume(tmp_path / "run", train=at(-3), **SERIAL)
    assert read_retuned(tmp_path / "run").agreement is None


def test_what_cannot_be_retuned_is_said(old, tmp_path):
    with pytest.raises(BadInput, match="in memory"):
        sweeps.retune(old.path, data="new.csv", out=tmp_path / "x", **SERIAL)
    with pytest.raises(BadInput, match="from 3 on"):
        sweeps.retune(old.path, train=at(-3), seeds=2, out=tmp_path / "x", **SERIAL)
    with pytest.raises(BadInput, match="whole number of epochs"):
        sweeps.retune(old.path, train=at(-3), search=-1, out=tmp_path / "x", **SERIAL)
    with pytest.raises(BadInput, match="not a folder"):
        sweeps.retune(tmp_path / "none", **SERIAL)
    assert not (tmp_path / "x").exists()


@dataclass
class Data:
    """What plain models of them have, and what any config has, if all have the same."""

    constant: float = 0.9
    linear: float = 0.2
    always: float | None = None


class Baselined:
    """A trainable that knows baselines of its data."""

    def __call__(self, config, run):
        if run.data.always is None:
            yield from at(-3)(config, run)
            return
        for _ in range(run.start, run.epochs):
            yield {"val_loss": run.data.always}

    def describe(self, data):
        baselines = {"constant": {"val_loss": data.constant}, "linear": {"val_loss": data.linear}}
        return SimpleNamespace(lines=("made",), baselines=baselines)


@pytest.fixture(scope="module")
def baselined(tmp_path_factory):
    out = tmp_path_factory.mktemp("baselined") / "old"
    return sweeps.run(Baselined(), data=Data(), space=SPACE, out=out, trials=24, **SERIAL)


def test_a_winner_no_better_than_a_constant_guess_is_told_so(baselined, tmp_path):
    data = Data(constant=0.66, linear=0.7, always=0.694)
    found = sweeps.retune(baselined.path, train=Baselined(), data=data, out=tmp_path / "new", **SERIAL)
    assert found.verdict.kind != "lost"
    assert found.guess
    assert not found.holds
    assert "no better than a constant guess, though: val_loss 0.694 against 0.66" in found.words
    assert "Keep" not in found.advice
    assert found.to_json()["guess"] is True
    assert read_retuned(found.directory) == found
    assert "linear baseline: 0.2 before, 0.7 now: the data, or their split, are harder" in told_before(found)


def test_a_winner_better_than_a_guess_is_not(baselined, tmp_path):
    found = sweeps.retune(baselined.path, train=Baselined(), data=Data(), out=tmp_path / "new", **SERIAL)
    assert found.holds
    assert "guess" not in found.words
    assert told_before(found).endswith("The linear baseline: 0.2 before, 0.2 now.")


def test_what_an_earlier_version_wrote_is_read(baselined, tmp_path):
    found = sweeps.retune(baselined.path, train=Baselined(), data=Data(), out=tmp_path / "new", **SERIAL)
    form = json.loads((found.directory / "retune.json").read_text())
    for name in ("value", "guess", "baselines", "baselines_before"):
        del form[name]
    (found.directory / "retune.json").write_text(json.dumps(form))
    assert read_retuned(found.directory).verdict == found.verdict


def test_what_it_costs_at_most_is_said_before_it_starts(old, tmp_path):
    said = Said()
    found = retune_sweep(old.path, train=at(-3), out=tmp_path / "new", serial=True, observer=said)
    (text,) = [text for text in said.notices if text.startswith("the check costs")]
    most = int(re.search(r"([\d,]+) at most", text)[1].replace(",", ""))
    assert f"earlier sweep's {found.old_epochs:,}" in text
    assert found.epochs <= most


def test_a_winner_that_was_trained_by_a_schedule_is_refused(tmp_path):
    space = {"learning_rate": {"log": [1e-4, 1]}, "hidden_units": 8, "hidden_layers": 1}
    keys = {"space": space, "data": "digits", "scheduler": "pbt:1", "trials": 8, "epochs": 6}
    old = sweeps.run("mlp", out=tmp_path / "old", finalists=False, **keys, **SERIAL)
    assert len(sweeps.schedule_of(old)) > 1
    with pytest.raises(BadInput, match=r"caviar replay \S+ --schedule"):
        sweeps.retune(old.path, out=tmp_path / "new", **SERIAL)
    assert not (tmp_path / "new").exists()


def sales(path, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(240, 3))
    table = pd.DataFrame(scale * x, columns=["a", "b", "c"])
    table["sold"] = np.where(x[:, 0] + x[:, 1] ** 2 > 1, "yes", "no")
    table.to_csv(path, index=False)


@pytest.fixture
def shop(in_folder, capsys):
    """A folder with a sweep of May's sales, and `caviar`, which gives its exit code and what it printed."""
    sales("may.csv", 0)
    space = {"learning_rate": {"log": [1e-3, 1]}, "hidden_units": 8, "hidden_layers": 1}
    data = {"path": "may.csv", "target": "sold"}
    sweeps.run("mlp", space=space, data=data, trials=12, epochs=6, out="runs/may", **SERIAL)

    def caviar(*arguments):
        sys.argv = ["caviar", *arguments]
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, *capsys.readouterr()

    return caviar


def test_the_command_takes_a_file_and_ends_with_its_code(shop, monkeypatch):
    monkeypatch.setattr(sys, "argv", sys.argv)
    sales("june.csv", 1, scale=3.0)
    code, out, _ = shop("retune", "runs/may", "--data", "june.csv", "--serial", "--json")
    found = json.loads(out)
    assert code == (3 if found["verdict"]["kind"] == "lost" else 0)
    assert {each["column"]: each["size"] for each in found["drift"]}["a"] == "large"
    folder = found["directory"]
    assert folder.endswith("runs/sweep-retune")
    model = sweeps.load(folder).model()
    assert model.about["origin"]["trial"] == found["trial"]
    code, out, _ = shop("show", folder)
    assert "The old winner" in out
    assert "columns have drifted" in " ".join(out.split())
    code, out, _ = shop("show", folder, "--json")
    assert json.loads(out)["retune"]["words"] == found["words"]


def test_the_command_ends_with_3_where_nothing_can_be_learned(shop, monkeypatch):
    monkeypatch.setattr(sys, "argv", sys.argv)
    sales("june.csv", 1)
    table = pd.read_csv("june.csv")
    table["sold"] = np.random.default_rng(2).permutation(table["sold"])
    table.to_csv("june.csv", index=False)
    code, out, _ = shop("retune", "runs/may", "--data", "june.csv", "--serial", "--json", "--search", "0")
    found = json.loads(out)
    assert found["guess"]
    assert found["value"] >= found["baselines"]["constant"]
    assert code == 3


def test_bad_data_end_the_command_with_2(shop, monkeypatch):
    monkeypatch.setattr(sys, "argv", sys.argv)
    pd.DataFrame({"a": [1.0, 2.0], "b": [1, 2]}).to_csv("june.csv")
    code, _, error = shop("retune", "runs/may", "--data", "june.csv", "--serial")
    assert code == 2
    assert "sold" in error
    code, _, error = shop("retune", "runs/may", "--data", "gone.csv", "--serial")
    assert code == 2
    assert "gone.csv" in error


def test_a_folder_that_kept_no_summary_is_summarised_while_its_data_are_there(shop, monkeypatch):
    monkeypatch.setattr(sys, "argv", sys.argv)
    sales("june.csv", 1)
    kept = Path("runs/may/data.json")
    data = json.loads(kept.read_text())
    del data["columns"], data["earlier"]
    kept.write_text(json.dumps(data))
    assert sweeps.retune("runs/may", data="june.csv", out="runs/one", **SERIAL).drift
    Path("may.csv").unlink()
    found = sweeps.retune("runs/may", data="june.csv", out="runs/two", **SERIAL)
    assert found.drift is None
    assert "kept no summary" in found.drift_why
