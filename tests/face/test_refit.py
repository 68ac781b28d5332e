"""`sweeps.refit`: the winner on more data, for its best number of epochs."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.results.configs import config_of
from tests import trainables
from tests.trainer.examples import Job, blobs
from trainer import DataError, mlp

SPACE = {"learning_rate": sweeps.LogUniform(1e-3, 0.3), "hidden": [6], "patience": 2}
SWEEP = {"trials": 6, "epochs": 4, "serial": True, "progress": False}


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    data = blobs(classes=8)
    out = tmp_path_factory.mktemp("refit") / "run"
    finalists = {"top": 2, "seeds": 3}
    return sweeps.run("mlp", space=SPACE, data=data, out=out, finalists=finalists, **SWEEP), data


def test_the_winner_is_trained_on_both_splits(ended):
    result, data = ended
    before = (result.path / "best" / "model.json").read_text()
    found = sweeps.refit(result.path, data=data, progress=False)
    assert found.epochs == result.best.epoch
    repeats = result.trials[result.trials.repeats == result.best.trial]
    assert sorted(found.seeds) == sorted(repeats.seed)
    assert found.seeds[0] == result.trials.seed[result.model_trial]
    config, both = mlp.refitting(result.best.config, data, found.epochs)
    assert "patience" not in config
    np.testing.assert_array_equal(both.x_train, np.concatenate([data.x_train, data.x_validation]))
    rows = []
    for seed in found.seeds:
        job = Job(both, epochs=found.epochs, seed=seed)
        rows.append(list(mlp(config, job))[-1])
        model = result.model(refit=True) if seed == found.seeds[0] else None
        if model is not None:
            np.testing.assert_allclose(model.networks[0].arrays["W1"], job.saved["W1"], rtol=1e-6)
            assert model.about["metrics"].keys() == {"test_loss", "test_accuracy", "test_error"}
            assert model.about["metrics"]["test_accuracy"] == rows[-1]["test_accuracy"]
            assert model.about["rows"] == {"train": 180, "test": 90}
    assert found.metrics["test_loss"] == pytest.approx(np.mean([row["test_loss"] for row in rows]))
    assert found.spreads["test_loss"] == pytest.approx(np.std([row["test_loss"] for row in rows], ddof=1))
    assert found.before["test_loss"] == result.best.metrics["test_loss"]
    ensembles = [result.model(ensemble=True, refit=refit) for refit in (False, True)]
    members = ensembles[0].about["origin"]["repeats"]
    assert ensembles[1].about["origin"]["repeats"] == members
    for trial, network in zip(members, ensembles[1].networks, strict=True):
        epochs = found.epochs if trial in repeats.index else int(result.trials.best_epoch[trial])
        job = Job(both, epochs=epochs, seed=int(result.trials.seed[trial]))
        list(mlp(mlp.refitting(config_of(result.tables.row(trial)), data, epochs)[0], job))
        np.testing.assert_allclose(network.arrays["W1"], job.saved["W1"], rtol=1e-6)
    assert (result.path / "best" / "model.json").read_text() == before
    card = (result.path / "refit" / "README.md").read_text()
    assert "training and validation data together" in card


@pytest.mark.parametrize("facts", [None, {"ensemble": [[1]]}], ids=["earlier", "damaged"])
def test_where_best_does_not_say_its_members_they_are_chosen_anew(tmp_path, facts):
    data = blobs()
    result = sweeps.run("mlp", space=SPACE, data=data, out=tmp_path / "run", finalists=False, **SWEEP)
    path = result.path / "best" / "winner.json"
    before = json.loads(path.read_text())
    members = before.pop("ensemble")
    path.write_text(json.dumps({**before, **(facts or {})}))
    sweeps.refit(result.path, data=data, progress=False)
    found = result.model(refit=True, ensemble=True).about["origin"]
    assert found["repeats"] == members
    assert found["epochs"] == [int(result.trials.best_epoch[trial]) for trial in members]
    shutil.rmtree(result.path / "refit" / "ensemble")
    with pytest.raises(BadInput, match=r"no refit ensemble.*\n.*caviar refit"):
        result.model(refit=True, ensemble=True)


def test_without_finals_it_has_the_seed_of_its_trial(tmp_path):
    data = blobs()
    result = sweeps.run("mlp", space=SPACE, data=data, out=tmp_path / "run", finalists=False, **SWEEP)
    with pytest.raises(BadInput, match=r"no refit winner\n.*caviar refit"):
        result.model(refit=True)
    found = sweeps.refit(result.path, data=data, progress=False)
    assert found.seeds == (0,)
    assert found.spreads == {}
    assert len(result.model(refit=True).predict(data.x_test)) == 90


def test_other_data_are_noticed(ended):
    result, _ = ended
    with pytest.raises(BadInput, match="changed"):
        sweeps.refit(result.path, data=blobs(classes=7), progress=False)
    with pytest.raises(BadInput, match=r"in memory.*\n.*sweeps\.refit"):
        sweeps.refit(result.path, progress=False)


def test_a_trainable_that_cannot_be_refit_says_so(serial):
    result = serial(trainables.decay, space={"rate": sweeps.LogUniform(1e-3, 0.9)}, trials=4, epochs=3)
    with pytest.raises(BadInput, match=r"no way to count validation data.*\n.*refitting"):
        sweeps.refit(result.path, train=trainables.decay, progress=False)


def test_without_a_winner_there_is_nothing_to_refit(serial):
    result = serial(nothing_finite, space={"x": sweeps.Uniform(0, 1)}, trials=3)
    with pytest.raises(BadInput, match="no winner"):
        sweeps.refit(result.path, train=nothing_finite, progress=False)


def nothing_finite(config, run):
    yield {"val_loss": float("nan")}


def test_weights_of_classes_hold_for_validation_rows_and_those_of_rows_are_refused():
    data = blobs()
    by_class = np.array([2, 1, 0.5])[data.y_train]
    weighted = replace(data, weights=(by_class / by_class.mean()).astype(np.float32))
    _, both = mlp.refitting({}, weighted, 3)
    expected = np.array([2, 1, 0.5])[both.y_train]
    np.testing.assert_allclose(both.weights, expected / expected.mean(), rtol=1e-6)
    each = np.linspace(0.5, 1.5, len(data.y_train), dtype=np.float32)
    with pytest.raises(DataError, match="training rows alone"):
        mlp.refitting({}, replace(data, weights=each), 3)


def test_a_populations_winner_is_trained_by_its_schedule(tmp_path):
    data, keys = blobs(classes=8), {**SWEEP, "trials": 8, "epochs": 12, "finalists": False}
    space = {"learning_rate": sweeps.LogUniform(1e-3, 0.3), "hidden": [6]}
    result = sweeps.run("mlp", space=space, data=data, out=tmp_path / "run", scheduler="pbt:2", **keys)
    found = sweeps.refit(result.path, data=data, progress=False)
    schedule = [each for each in sweeps.schedule_of(result) if each.epoch < found.epochs]
    assert len(schedule) > 1
    assert [(each.epoch, each.config) for each in found.schedule] == [tuple(each[:2]) for each in schedule]
    known = json.loads((result.path / "best" / "winner.json").read_text())
    assert [(each["epoch"], each["config"]) for each in known["schedule"]] == [each[:2] for each in schedule]
    assert known["config"] == known["schedule"][-1]["config"]
    both = mlp.refitting(found.config, data, found.epochs)[1]
    alone = Job(both, epochs=found.epochs, seed=0)
    list(mlp(found.config, alone))
    weights = result.model(refit=True).networks[0].arrays["W1"]
    assert not np.allclose(weights, alone.saved["W1"], rtol=1e-3)
    ensemble = result.model(refit=True, ensemble=True).about["origin"]
    assert ensemble["epochs"] == [int(result.trials.best_epoch[trial]) for trial in ensemble["repeats"]]
