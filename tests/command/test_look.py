"""`caviar watch`, `top`, `best`, `trial` and `compare`: what they print is what the tables hold."""

import csv
import io
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import sweeps
from sweeps.store.prints import read_prints
from tests.screen.live_sweeps import SPACE, sweep


def cells(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("look") / "run"
    sweep(out, seed=1, trials=40)
    return out


@pytest.fixture(scope="module")
def result(folder):
    found = sweeps.load(folder)
    assert (found.trials["status"] == "failed").any()
    return found


def test_top_is_the_best_of_the_table(command, folder, result, monkeypatch):
    search = result.trials[result.trials["repeats"].isna() & result.trials["objective"].notna()]
    best = search.sort_values(["objective", "trial"]).head(7)
    code, out, err = command("top", folder, "-n", 7, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [row["trial"] for row in found] == list(best["trial"])
    assert [row["objective"] for row in found] == list(best["objective"])
    assert [row["config"] for row in found] == [json.loads(text) for text in best["config"]]
    rows = cells(command("top", folder, "-n", 7, "--csv")[1])
    assert [float(row["objective"]) for row in rows] == list(best["objective"])
    assert [float(row["config.rate"]) for row in rows] == list(best["config.rate"])
    out = command("top", folder, "-n", 7)[1]
    assert [int(line.split()[0]) for line in out.splitlines()[1:8]] == list(best["trial"])
    monkeypatch.setenv("COLUMNS", "50")
    narrow = command("top", folder, "-n", 7)[1]
    for text in best["config"]:
        assert f"rate {json.loads(text)['rate']:.4g}" in narrow
    assert all(len(line) <= 50 for line in narrow.splitlines())
    assert len(json.loads(command("top", folder, "-n", 1000, "--json")[1])) == len(search)


def test_best_is_the_winner_with_its_figures(command, folder, result):
    code, out, err = command("best", folder, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["trial"], found["config"]) == (result.best.trial, result.best.config)
    assert (found["objective"], found["seeds"]) == (result.best.objective, 3)
    assert found["metrics"] == result.best.metrics
    assert found["model"] is None
    assert [row["trial"] for row in found["finalists"]] == list(result.finalists["trial"])
    (row,) = cells(command("best", folder, "--csv")[1])
    assert int(row["trial"]) == result.best.trial
    assert float(row["metrics.val_loss"]) == result.best.metrics["val_loss"]
    assert float(row["config.rate"]) == result.best.config["rate"]
    code, out, _ = command("best", folder)
    assert code == 0
    assert f"winner: trial {result.best.trial}, val_loss {result.best.objective:.4g}" in out
    assert "finalists: val_loss on fresh seeds" in out


def with_test(config, run):
    for epoch in range(run.start, run.epochs):
        loss = config["rate"] / (epoch + 1) + run.seed % 7 / 100
        yield {"val_loss": loss, "test_loss": loss + 1, "test_accuracy": 0.5}


def test_best_has_test_figures_beside_those_of_validation_for_the_last_word(command, folder, tmp_path):
    found = sweep(tmp_path / "run", with_test, trials=3).best
    form = json.loads(command("best", tmp_path / "run", "--json")[1])
    assert (
        form["test"] == found.test == {name: found.metrics[name] for name in ("test_loss", "test_accuracy")}
    )
    out = command("best", tmp_path / "run")[1]
    assert f"val_loss {found.objective:.4g} ± " in out
    assert f"; on the test data test_loss {found.objective + 1:.4g} ± " in out
    assert "for the last word" in out
    assert "for the last word" in sweeps.load(tmp_path / "run")._repr_html_()
    assert "last word" not in command("best", folder)[1]
    assert json.loads(command("best", folder, "--json")[1])["test"] == {}


def test_best_of_nothing_is_said(command, tmp_path):
    sweep(tmp_path / "run", lambda config, run: float("nan"), trials=3)
    code, out, err = command("best", tmp_path / "run", "--json")
    assert (code, out) == (1, "")
    assert "no trial has an objective, and 3 of 3 are infeasible" in err
    assert "no trial has an objective yet" in command("top", tmp_path / "run")[1]
    assert json.loads(command("top", tmp_path / "run", "--json")[1]) == []


def test_trial_has_all_of_one(command, folder, result):
    number = result.best_of_search.trial
    metrics = result.metrics[result.metrics["trial"] == number].drop(columns="trial")
    found = json.loads(command("trial", folder, number, "--json")[1])
    row = result.trials[result.trials["trial"] == number].iloc[0]
    assert found["metrics"] == metrics.to_dict("records")
    assert (found["objective"], found["worker"], found["seed"]) == (row["objective"], row["worker"], 1)
    assert found["config"] == json.loads(row["config"])
    jobs = result.jobs[result.jobs["trial"] == number]
    assert [job["stop"] for job in found["jobs"]] == list(jobs["stop"])
    assert pd.Timestamp(found["jobs"][0]["ended"]) == jobs["ended"].iloc[0]
    rows = cells(command("trial", folder, number, "--csv")[1])
    assert [float(row["val_loss"]) for row in rows] == list(metrics["val_loss"])
    out = command("trial", folder, number)[1]
    assert f"trial {number}: {row['status']}" in out
    assert f"val_loss, epochs 1 to {row['epochs']}" in out
    assert "█" in out


def test_trial_has_the_whole_traceback_and_no_escape(command, folder, result):
    failed = result.trials[result.trials["status"] == "failed"].iloc[0]
    code, out, _ = command("trial", folder, failed["trial"])
    assert code == 0
    assert "Traceback (most recent call last):" in out
    assert "in uneven" in out
    assert out.rstrip().endswith("ValueError: too\nmany [31munits")
    assert json.loads(command("trial", folder, failed["trial"], "--json")[1])["error"] == failed["error"]
    assert command("trial", folder, failed["trial"], "--csv")[0] == 0


def test_a_repeat_says_what_it_repeats(command, folder, result):
    repeat = result.trials[result.trials["repeats"].notna()].iloc[0]
    out = command("trial", folder, repeat["trial"])[1]
    assert f"trial {repeat['trial']}, which repeats trial {repeat['repeats']} on a fresh seed" in out


def test_a_trial_measured_elsewhere_has_no_seed_and_no_round(command, tmp_path):
    known = [{"config": {"rate": 0.1, "units": 8}, "value": 0.5}]
    space = {"rate": SPACE["rate"], "units": SPACE["units"]}
    sweep(tmp_path / "known", trials=2, epochs=2, finalists=False, start_with=known, space=space)
    out = command("trial", tmp_path / "known", 0)[1]
    assert "val_loss 0.5, 2 epochs elsewhere" in out
    assert "seed" not in out


def test_the_winner_is_a_trial_too_and_no_other_word_is(command, folder, result, tmp_path):
    best = json.loads(command("trial", folder, "best", "--json")[1])
    assert best == json.loads(command("trial", folder, result.best.trial, "--json")[1])
    code, out, err = command("trial", folder, "worst")
    assert (code, out) == (2, "")
    assert "trial: 'worst' is no number of a trial" in err
    sweep(tmp_path / "run", lambda config, run: float("nan"), trials=3)
    assert "no trial has an objective" in command("trial", tmp_path / "run", "best")[2]


def test_a_trial_that_is_none_and_two_formats_at_once(command, folder, result):
    code, out, err = command("trial", folder, 999)
    assert (code, out) == (2, "")
    assert f"give a number from 0 to {len(result.trials) - 1}" in err
    code, out, err = command("top", folder, "--json", "--csv")
    assert (code, out) == (2, "")
    assert "give one of the two" in err


def test_compare_sets_sweeps_side_by_side(command, folder, result, tmp_path):
    small = sweep(tmp_path / "small", trials=6, epochs=3, space={**SPACE, "units": 64}, finalists=False)
    found = json.loads(command("compare", folder, tmp_path / "small", "--json")[1])
    assert [each["trials"] for each in found] == [40, 6]
    epochs = [int(each.trials[each.trials["repeats"].isna()]["epochs"].sum()) for each in (result, small)]
    assert [each["epochs"] for each in found] == epochs
    assert [each["equal_epochs"] for each in found] == [min(epochs)] * 2
    assert found[1]["at_equal_epochs"] == found[1]["best_of_search"] == small.best.objective
    assert found[0]["best_of_search"] <= found[0]["at_equal_epochs"]
    assert found[0]["best"]["objective"] == result.best.objective
    rows = cells(command("compare", folder, tmp_path / "small", "--csv")[1])
    assert [float(row["best.objective"]) for row in rows] == [each["best"]["objective"] for each in found]
    out = command("compare", folder, tmp_path / "small")[1]
    assert f"the same after {min(epochs)} epochs" in out
    searched = out.partition("searched, where it differs")[2]
    assert "units" in searched
    assert "rate" not in searched


def test_what_cannot_be_compared_is_said(command, folder, tmp_path):
    assert "two sweeps at least" in command("compare", folder)[2]
    sweep(tmp_path / "other", trials=3, metric="val_loss", mode="max")
    code, _, err = command("compare", folder, tmp_path / "other")
    assert code == 2
    assert "compare like with like" in err


def test_watch_once_shows_any_sweep(command, folder, tmp_path):
    code, out, _ = command("watch", folder, "--once")
    assert code == 0
    assert "complete, after" in out
    assert "40/40 trials" in out
    (tmp_path / "empty").mkdir()
    code, out, _ = command("watch", tmp_path / "empty", "--once")
    assert (code, out) == (0, "the sweep has not begun yet: no event is in its log\n")
    code, _, err = command("watch", tmp_path / "nowhere", "--once")
    assert code == 2
    assert "is not a folder" in err
    killed = tmp_path / "killed"
    shutil.copytree(folder, killed)
    segment = killed / "log" / "segment-00000.log"
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:60]))
    code, out, _ = command("watch", killed, "--once")
    assert code == 0
    assert "is gone and has not ended it" in " ".join(out.split())
    segment.write_bytes(b"".join(lines[:50] + lines[52:]))
    code, _, err = command("watch", killed, "--once")
    assert code == 2
    assert "has lost records 50 to 51" in err
    assert "Traceback" not in err


def test_watch_ends_with_the_sweep(command, folder):
    code, out, _ = command("watch", folder)
    assert code == 0
    assert "40/40 trials begun" in out


def test_watch_says_that_a_folder_was_removed(folder, tmp_path, monkeypatch):
    """As it happens between two looks."""
    from sweeps.errors import BadInput
    from sweeps.screen import following
    from sweeps.screen.console import Screen

    killed = tmp_path / "killed"
    shutil.copytree(folder, killed)
    segment = killed / "log" / "segment-00000.log"
    segment.write_bytes(b"".join(segment.read_bytes().splitlines(keepends=True)[:60]))
    monkeypatch.setattr(following.time, "sleep", lambda seconds: shutil.rmtree(killed))
    out = io.StringIO()
    with pytest.raises(BadInput, match="is gone"):
        following.follow(killed, Screen(file=out, width=80))
    assert "trials begun" in out.getvalue()


def test_plain_progress_on_a_terminal(command, in_folder, monkeypatch):
    (in_folder / "spec.yaml").write_text(
        "trainable: tests.screen.live_sweeps:uneven\ntrials: 3\nspace: {rate: {log: [1e-3, 0.1]}, units: 8}\n"
    )
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    code, _, err = command("run", "spec.yaml", "--serial", "--plain", "--set", "finalists=false")
    assert code == 0
    assert "\x1b[?25l" not in err, "the cursor stays"
    assert "3/3 trials begun" in err


@pytest.fixture
def spec(in_folder):
    (in_folder / "spec.yaml").write_text(
        "trainable: tests.face.test_prints:talks\ntrials: 3\nepochs: 1\nfinalists: false\n"
        "space: {x: {uniform: [0, 1]}}\n"
    )
    return "spec.yaml"


def test_the_command_shows_prints_with_the_trials_number(command, spec):
    code, out, err = command("run", spec, "--serial", "--prints")
    assert code == 0
    assert "in two parts" not in out
    for trial in range(3):
        assert f"trial {trial} | x 0." in err
        assert f"trial {trial} | to the error stream in two parts\n" in err
    out = command("trial", "runs/spec", 2)[1]
    assert "printed\n  x 0." in out
    found = json.loads(command("trial", "runs/spec", 2, "--json")[1])
    assert found["prints"] == read_prints(Path("runs/spec"), 2)


def test_watch_draws_in_place_on_a_terminal(command, folder, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LINES", "24")
    code, out, _ = command("watch", folder)
    assert code == 0
    assert "regions of round" in out
    assert "\x1b[?25l" in out, "the cursor is hidden meanwhile …"
    assert "\x1b[?25h" in out, "… and shown again"
