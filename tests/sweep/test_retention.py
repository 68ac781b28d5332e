"""The checkpoints that a sweep leaves: the reported score is a saved model's, and the disk does not fill."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import sweeps

SPACE = {"x": sweeps.Uniform(0, 1)}


def bumpy(config, run):
    """Its loss goes up and down, and its weights say which epoch they are of."""
    saved = run.restore()
    epoch = 0 if saved is None else int(saved["epoch"])
    while epoch < run.epochs:
        epoch += 1
        run.save({"epoch": np.array(epoch), "loss": np.array(loss(config["x"], epoch, run.seed))})
        yield {"val_loss": loss(config["x"], epoch, run.seed)}


def loss(x, epoch, seed):
    return (x - 0.3) ** 2 + 1 / epoch + 0.5 * np.sin(3.0 * epoch + seed) ** 2


def ends_early(config, run):
    for i, row in enumerate(bumpy(config, run)):
        yield row
        if i == 4:
            return


@pytest.mark.parametrize("train", [bumpy, ends_early])
@pytest.mark.parametrize("objective", ["best", "last", {"mean_of_last": 3}])
@pytest.mark.parametrize("finalists", [False, 2])
def test_the_reported_score_is_that_of_a_saved_model(serial, train, objective, finalists):
    result = serial(train, space=SPACE, trials=24, epochs=9, objective=objective, finalists=finalists)
    trials = result.trials.set_index("trial")
    taken = trials.loc[result.model_trial]
    state = result.checkpoint()
    assert state["epoch"] == taken.best_epoch
    if objective != {"mean_of_last": 3}:
        assert state["loss"] == taken.objective
    if finalists:
        repeats = trials[trials.repeats == result.best.trial]
        assert result.best.objective == repeats.objective.mean()
        assert taken.objective == repeats.objective.median()
    for finalist in result.finalists.trial:
        assert result.checkpoint(finalist)["epoch"] == trials.loc[finalist].best_epoch
    for repeat in trials[trials.repeats.notna()].index:
        assert result.checkpoint(repeat)["epoch"] == trials.loc[repeat].best_epoch


def test_what_is_kept_is_told_and_nothing_else_is_there(serial):
    result = serial(bumpy, space=SPACE, trials=32, epochs=9, finalists={"top": 2, "seeds": 2})
    folder = result.path / "checkpoints"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {path.name for path in folder.iterdir()} == {"manifest.json", *manifest}
    reasons = [kept["kept"].rpartition(" ")[2] for kept in manifest.values()]
    best_of_search = result.best_of_search.trial not in result.finalists.trial.tolist()
    kept = ["one", *["finalist"] * 2, *["repeat"] * 3, *["search"] * best_of_search]
    assert sorted(reasons) == sorted(kept)
    assert result.checkpoint(int(result.trials.objective.argmax())) is None


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("seeds", [1, 2, 3, 4])
def test_the_winners_model_is_its_median_repeat(serial, mode, seeds):
    sweep = {"space": SPACE, "trials": 12, "epochs": 4, "mode": mode, "scheduler": "random"}
    result = serial(bumpy, **sweep, finalists={"top": 2, "seeds": seeds})
    repeats = result.trials[result.trials.repeats == result.best.trial]
    ranked = repeats.sort_values("objective", ascending=mode == "min")
    assert result.model_trial == ranked.trial.tolist()[seeds // 2]
    assert result.checkpoint()["loss"] == result.trials.objective[result.model_trial]
    manifest = json.loads((result.path / "checkpoints" / "manifest.json").read_text())
    (named,) = [file["trial"] for file in manifest.values() if "result.checkpoint()" in file["kept"]]
    assert named == result.model_trial


def test_where_no_repeat_has_saved_anything_the_trial_of_the_search_is_taken(serial):
    def train(config, run):
        for epoch in range(1, run.epochs + 1):
            if not run.seed:
                run.save({"epoch": np.array(epoch)})
            yield {"val_loss": loss(config["x"], epoch, run.seed)}

    result = serial(train, space=SPACE, trials=8, epochs=4, scheduler="random", finalists=2)
    assert result.best.seeds == 3
    assert result.model_trial == result.best.trial
    assert result.checkpoint()["epoch"] == result.trials.best_epoch[result.best.trial]
    manifest = json.loads((result.path / "checkpoints" / "manifest.json").read_text())
    assert [file["trial"] for file in manifest.values() if "winner" in file["kept"]] == [result.best.trial]


def test_without_a_best_there_is_no_model(serial):
    result = serial(nothing_finite, space=SPACE, trials=3, epochs=4)
    assert (result.best, result.model_trial, result.checkpoint()) == (None, None, None)


def nothing_finite(config, run):
    yield {"val_loss": float("nan")}


def test_a_promoted_trial_goes_on_from_its_checkpoint(serial):
    begun = []

    def train(config, run):
        begun.append(run.start)
        yield from bumpy(config, run)

    train = _with_epochs(train)
    result = serial(train, space=SPACE, trials=24, epochs=9)
    assert set(begun) >= {0, 1, 3}
    assert result.trials.epochs.sum() == len(result.metrics)


def _with_epochs(train):
    def generator(config, run):
        yield from train(config, run)

    return generator


def test_a_full_disk_costs_checkpoints_and_not_the_sweep(tmp_path):
    """A file system that holds tables, but no file as large as a checkpoint."""
    (tmp_path / "big.py").write_text(
        "import numpy as np, resource, sweeps\n"
        "def train(config, run):\n"
        "    run.restore()\n"
        "    for epoch in range(run.start, run.epochs):\n"
        "        run.save({'w': np.ones(300_000)})\n"
        "        yield {'val_loss': config['x'] / (epoch + 1)}\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "result = sweeps.run(train, space={'x': sweeps.Uniform(0, 1)}, trials=8, epochs=9, serial=True,\n"
        "                    finalists=False, out='run')\n"
        "print(len(result.trials), sum(result.trials.status == 'completed') > 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "big.py"], cwd=tmp_path, capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.stdout.split() == ["8", "True"], done.stderr
    assert done.stderr.count("a checkpoint cannot be written") == 1
    assert not [path for path in (tmp_path / "run" / "checkpoints").iterdir() if path.suffix != ".json"]
