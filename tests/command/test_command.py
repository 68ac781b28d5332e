"""The `caviar` command as its user meets it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sweeps.command import main
from sweeps.spec import read_spec

SPEC = """\
trainable: mymodel:train
trials: 20
epochs: 9
space:
  rate: {log: [1e-3, 1]}
  units: {int: [1, 9]}
"""
MODEL = """\
def train(config, run):
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": config["rate"] / (epoch + 1), "test_loss": 1.0}


number = 3


def raises(config, run):
    raise RuntimeError("no such luck")


def nan(config, run):
    return float("nan")


def raises_at_times(config, run):
    if config["units"] > 3:
        raise ValueError("units: 4\\n  fix: take fewer")
    return config["rate"]
"""


@pytest.fixture
def folder(in_folder):
    (in_folder / "spec.yaml").write_text(SPEC)
    (in_folder / "mymodel.py").write_text(MODEL)
    (in_folder / "table.csv").write_text("a,b,label\n" + "1,2,x\n2,3,y\n" * 10)
    yield in_folder
    sys.modules.pop("mymodel", None)
    sys.path[:] = [entry for entry in sys.path if entry != str(in_folder)]


@pytest.fixture
def caviar(folder, monkeypatch, capsys):
    """Runs the command in this process; returns its exit code, standard output and error output."""

    def _caviar(*arguments):
        monkeypatch.setattr(sys, "argv", ["caviar", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return end.value.code, out, err

    return _caviar


def test_run_and_show(caviar, folder):
    code, out, err = caviar("run", "spec.yaml", "--serial")
    assert code == 0
    assert "winner: trial" in out
    assert "test_loss" in out
    assert "20/20 trials" in err
    assert "finalists on fresh seeds: 9/9" in err
    assert len(pd.read_parquet(folder / "runs" / "spec" / "trials")) == 20 + 9
    assert "writing runs/spec\n" in err
    assert out.splitlines()[0] == "spec  runs/spec"
    assert "; best of the search: val_loss " in err
    assert caviar("show", "runs/spec")[1] == out
    assert "of round 1, the last" in out
    assert "the first round" not in out
    every = caviar("show", "runs/spec", "--rounds")[1]
    assert every.split("regions")[0] == out.split("regions")[0]
    assert every.count("the whole range: the first round") == 2


def test_a_dry_run_shows_the_plan_and_writes_nothing(caviar, folder):
    before = {path.name for path in folder.iterdir()} | {"__pycache__"}
    code, out, _ = caviar("run", "spec.yaml", "--dry-run", "--serial", "--set", "limits.time=1h")
    assert code == 0
    words = " ".join(out.split())
    assert "mymodel:train, without data" in words
    assert "coarse_to_fine: 20 trials of up to 9 epochs, then 3 finalists on 3 fresh seeds each" in words
    assert "rate log 0.001 … 1" in words
    assert "limits time 1h" in words
    assert out.count("  trial ") == 4
    assert "in 20 trials, 81 of them for finalists" in words
    assert {path.name for path in folder.iterdir()} <= before
    found = json.loads(caviar("run", "spec.yaml", "--dry-run", "--serial", "--json")[1])
    assert found["trials"] == 20
    assert found["seconds"] > 0
    assert len(found["first"]) == 8
    code, _, err = caviar("run", "spec.yaml", "--dry-run", "--set", "trials=0")
    assert (code, err) == (2, caviar("run", "spec.yaml", "--set", "trials=0")[2])


def test_a_dry_run_says_that_a_trainable_fails_or_lacks_the_metric(caviar):
    raised = caviar("run", "spec.yaml", "--dry-run", "--serial", "--set", "trainable=mymodel:raises")
    assert raised[0] == 0
    assert "a first config fails: RuntimeError: no such luck" in raised[1]
    lacking = caviar(
        "run", "spec.yaml", "--dry-run", "--serial", "--set", "metric=val_acc", "--set", "mode=max"
    )
    assert lacking[0] == 0
    said = "val_acc is not reported in the first epochs, but val_loss, test_loss"
    assert said in lacking[1] or "the metric 'val_acc' is not among those reported" in lacking[1]


def test_a_trial_is_reproduced_or_differs(caviar, folder):
    caviar("run", "spec.yaml", "--serial")
    code, out, _ = caviar("reproduce", "runs/spec", "--trial", "3")
    assert code == 0
    assert "equal to the last bit: 2 metrics of" in out
    code, _, err = caviar("reproduce", "runs/spec", "--trial", "99")
    assert code == 2
    assert "give a number from 0 to 28" in err
    (folder / "mymodel.py").write_text(MODEL.replace("/ (epoch + 1)", "* 2"))
    sys.modules.pop("mymodel")
    code, _, err = caviar("reproduce", "runs/spec", "--trial", "3")
    assert code == 2
    assert "--changed-code ok" in err
    code, out, _ = caviar("reproduce", "runs/spec", "--trial", "3", "--changed-code", "ok")
    assert code == 1
    assert "differs from epoch 1 on: val_loss was" in out


def test_the_summary_says_how_the_finalists_did(caviar):
    _, out, _ = caviar("run", "spec.yaml", "--serial", "--set", "finalists={top: 2, seeds: 4}")
    lines = [line.split() for line in out.splitlines()]
    assert f"epochs in the search and {2 * 4 * 9} for the finalists" in out
    heading = lines.index(["trial", "mean", "spread", "seeds", "search"])
    assert [line[3] for line in lines[heading + 1 : heading + 3]] == ["4", "4"]
    assert lines[heading + 1][-1] == "winner"
    assert "over 4 fresh seeds" in out


def test_a_sweep_without_a_best_config_says_why_and_ends_with_1(caviar, folder):
    code, out, err = caviar(
        "run", "spec.yaml", "--serial", "--set", "trainable=mymodel:nan", "--set", "trials=4"
    )
    why = (
        "no trial has an objective, and 4 of 4 are infeasible; a trial is infeasible where the metric is NaN"
    )
    assert code == 1
    assert why in out
    assert f"caviar: {why}" in err
    assert caviar("show", "runs/spec") == (0, out, "")


def test_so_it_does_with_json(caviar):
    code, out, err = caviar(
        "run", "spec.yaml", "--serial", "--json", "--set", "trainable=mymodel:nan", "--set", "trials=4"
    )
    assert code == 1
    assert json.loads(out)["best"] is None
    assert json.loads(out)["status"] == {"infeasible": 4}
    assert "4 of 4 are infeasible" in err


def test_the_summary_gives_the_whole_of_the_first_error(caviar):
    _, out, _ = caviar("run", "spec.yaml", "--serial", "--set", "trainable=mymodel:raises_at_times")
    assert "first error: ValueError: units: 4 fix: take fewer (all in the column error" in out


def test_without_finals_the_best_of_the_search_is_best(caviar):
    _, out, err = caviar("run", "spec.yaml", "--serial", "--set", "finalists=false", "--set", "trials=5")
    assert "finalists" not in out + err
    assert "at epoch 9" in out


def test_json_is_json_and_nothing_else(caviar):
    code, out, _ = caviar("run", "spec.yaml", "--serial", "--json", "--out", "here", "--set", "trials=5")
    assert code == 0
    found = json.loads(out)
    assert found["best"]["config"].keys() == {"rate", "units"}
    assert sum(found["status"].values()) == 5
    assert found["repeats"] == 9
    assert [row["tied"] for row in found["finalists"]] == [True, False, False]
    assert found["best"]["trial"] == found["finalists"][0]["trial"]
    assert found["epochs"]["finalists"] == 9 * 9
    assert {row["hyperparameter"] for row in found["rounds"]} == {"rate", "units"}
    assert json.loads(caviar("show", "here", "--json")[1]) == found


def test_the_folder_of_runs_names_the_sweeps_in_it(caviar):
    for out in ("runs/a", "runs/b"):
        caviar("run", "spec.yaml", "--serial", "--out", out, "--set", "trials=2", "--set", "finalists=false")
    code, _, err = caviar("show", "runs")
    assert code == 2
    assert "give the folder that a sweep wrote, one of these: runs/a, runs/b" in err


def test_run_on_ray(caviar, ray_cluster):
    code, _, err = caviar("run", "spec.yaml", "--workers", "2")
    assert code == 0, err
    assert "2 workers on Ray, dashboard http://" in err


def test_overrides_reach_into_the_spec(caviar, folder):
    caviar("run", "spec.yaml", "--serial", "--set", "space.rate.log=[1e-2, 1e-1]", "--set", "seed=7")
    spec = read_spec(folder / "runs" / "spec" / "spec.yaml")
    assert spec.space["rate"] == {"log": [0.01, 0.1]}
    assert spec.seed == 7


def test_a_kept_spec_runs_again(caviar):
    caviar("run", "spec.yaml", "--serial", "--out", "first")
    assert caviar("run", "first/spec.yaml", "--serial", "--out", "second")[0] == 0


def test_init_for_a_table_of_ones_own(caviar, folder):
    rows = "".join(
        f"{i * i % 17},{'Oslo' if i % 3 else 'Rome'},{'yes' if i % 2 else 'no'}\n" for i in range(60)
    )
    (folder / "sales").mkdir()
    (folder / "sales" / "my: sales.csv").write_text("size,city,sold\n" + rows)
    code, out, _ = caviar("init", "mine.yaml", "--data", "sales/my: sales.csv", "--target", "sold")
    assert code == 0
    assert "sold: 2 classes" in out
    assert read_spec(folder / "mine.yaml").data == {"path": "sales/my: sales.csv", "target": "sold"}
    code, _, err = caviar("init", "other.yaml", "--data", "sales/my: sales.csv", "--target", "solt")
    assert code == 2
    assert "did you mean sold?" in err
    assert not (folder / "other.yaml").exists()


def test_init_writes_a_spec_that_holds(caviar, folder):
    code, out, _ = caviar("init", "mine.yaml")
    assert (code, "caviar run mine.yaml" in out) == (0, True)
    assert read_spec(folder / "mine.yaml").name == "mine"
    code, _, err = caviar("init", "mine.yaml")
    assert (code, "exists" in err) == (2, True)


NETWORK = ["run", "spec.yaml", "--serial"]
for override in ("trainable=mlp", "space={l2: 0.1}", "data=digits"):
    NETWORK += ["--set", override]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "nowhere.yaml"], "does not exist"),
        (["run", "mymodel.py"], "mymodel.py"),
        (["run", "."], "is a folder"),
        (["run", "spec.yaml", "--set", "trails=3"], "did you mean trials"),
        (["run", "spec.yaml", "--set", "spaec={x: 1}"], "did you mean space"),
        (["run", "spec.yaml", "--set", "space.units.when={1: 2}"], "not a hyperparameter"),
        (["run", "spec.yaml", "--set", "space.units.int=[1, 100000000000000000000]"], "2^63"),
        (["run", "spec.yaml", "--out", "mymodel.py/below"], "cannot be made"),
        (["run", "spec.yaml", "--set", "trials=many"], "trials: 'many'"),
        (["run", "spec.yaml", "--set", "finalists=some"], "finalists: 'some' is neither"),
        (["run", "spec.yaml", "--set", "finalists={sed: 3}"], "did you mean seeds"),
        (["run", "spec.yaml", "--set", "extend=maybe"], "extend: 'maybe' should be a valid boolean"),
        (["run", "spec.yaml", "--set", "extend=true", "--set", "scheduler=random"], "coarse_to_fine, which"),
        (["run", "spec.yaml", "--set", "trials"], "key=value"),
        (["run", "spec.yaml", "--set", "trials.deep=1"], "no keys below"),
        (["run", "spec.yaml", "--set", "space.rate.log=[1, 0.1]"], "space.rate.log: [1, 0.1]"),
        (["run", "spec.yaml", "--set", "space.rate.log=[0, 1]"], "space.rate.log"),
        (["run", "spec.yaml", "--set", "space.rate.log=[[1"], "not valid YAML"),
        (["run", "spec.yaml", "--set", "space=3"], "space"),
        (["run", "spec.yaml", "--set", "space.units={choice: [{a: 1}]}"], "cannot be stored"),
        (["run", "spec.yaml", "--set", "metric=val_los", "--serial"], "did you mean val_loss"),
        (["run", "spec.yaml", "--set", "trainable=nowhere:train"], "trainable: 'nowhere:train'"),
        (["run", "spec.yaml", "--set", "trainable=mymodel:trian"], "did you mean train"),
        (["run", "spec.yaml", "--set", "trainable=mymodel:number"], "not a function"),
        (["run", "spec.yaml", "--set", "trainable=mlp"], "not a hyperparameter"),
        (["run", "spec.yaml", "--set", "trainable=mlp", "--set", "space={l2: 0.1}"], "data: is missing"),
        (["run", "spec.yaml", "--set", "data={path: table.csv, target: lable}"], "did you mean label"),
        (["run", "spec.yaml", "--set", "data={path: nowhere.csv, target: x}"], "does not exist"),
        (["run", "spec.yaml", "--set", "data=cats"], "data.name"),
        ([*NETWORK, "--set", "device=gpu"], "device: 'gpu' is not a device"),
        ([*NETWORK, "--set", "space.head=linear"], "space.head: 'linear' cannot predict data of 10 classes"),
        ([*NETWORK, "--set", "metric=val_mse"], "val_loss"),
        ([*NETWORK, "--set", "data={name: fashion-mnist, path: nowhere}"], "does not exist"),
        (["run", "spec.yaml", "--workers", "0"], "workers: 0"),
        (["run", "spec.yaml", "--workers", "two"], "--workers"),
        (["run", "spec.yaml", "--out", "mymodel.py"], "not an empty folder"),
        (
            ["run", "spec.yaml", "--out", "s3://bucket/run"],
            "'s3://bucket/run' is an address, and s3:// is not",
        ),
        (["show", "nowhere"], "not a folder"),
        (["show", "."], "holds no sweep"),
        (["jump"], "No such command"),
    ],
)
def test_bad_input_is_one_screen_and_exit_code_2(caviar, folder, arguments, says):
    before = sorted(folder.rglob("*.*"))
    code, out, err = caviar(*arguments)
    assert code == 2, err
    assert says in " ".join(err.split())
    assert out == ""
    assert "Traceback" not in err
    assert len(err.splitlines()) < 24
    assert [path for path in sorted(folder.rglob("*.*")) if "__pycache__" not in path.parts] == before


def test_all_trials_failing_shows_the_first_traceback(caviar):
    code, _, err = caviar("run", "spec.yaml", "--serial", "--set", "trainable=mymodel:raises")
    assert code == 1
    assert "RuntimeError: no such luck" in err
    assert 'mymodel.py", line' in err


def test_help_and_version(caviar):
    code, out, _ = caviar("--help")
    assert code == 0
    assert all(name in out for name in ("run", "show", "init"))
    assert caviar("--version")[1].startswith("caviar 0.")


def test_an_interrupt_from_outside(folder):
    """A real process, a real signal, sent once the sweep says that trials are under way."""
    (folder / "endless.py").write_text(
        "def train(config, run):\n    while True:\n        yield {'val_loss': config['rate']}\n"
    )
    settings = ["--set", "trainable=endless:train", "--set", "trials=100000000"]
    command = [sys.executable, "-m", "sweeps", "run", "spec.yaml", "--serial", *settings]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stderr:
            if "trials begun" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "interrupted; what had finished is on disk" in rest
    assert len(pd.read_parquet(folder / "runs" / "spec" / "trials")) > 0
