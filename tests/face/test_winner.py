"""The winner of a sweep, ready to use: `best/` and `SweepResult.model`."""

import json
import os
import shutil
import signal

import numpy as np
import pandas as pd
import pytest

import sweeps
import sweeps.face
import sweeps.spec
from sweeps.errors import BadInput, Interrupted
from sweeps.face.models import winner
from tests import trainables
from trainer import mlp

SPACE = {"learning_rate": sweeps.LogUniform(1e-3, 0.3), "hidden": [6], "batch_norm": True}
SWEEP = {"trials": 6, "epochs": 4, "serial": True, "progress": False, "finalists": {"top": 2, "seeds": 3}}


def flowers(folder):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(150, 3)), columns=["a", "b", "c"])
    frame["sort"] = np.where(frame["a"] + frame["b"] > 0, "yes", "no")
    frame.to_csv(folder / "table.csv", index=False)
    return {"path": str(folder / "table.csv"), "target": "sort"}


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """A sweep on a table that a spec names, and its rows."""
    folder = tmp_path_factory.mktemp("winner")
    form = flowers(folder)
    spec = folder / "sweep.yaml"
    sweep = {"trainable": "mlp", "name": "flowers", "data": form, "trials": 6, "epochs": 4}
    space = {"learning_rate": {"log": [1e-3, 0.3]}, "hidden_units": 6, "batch_norm": True}
    spec.write_text(json.dumps({**sweep, "space": space, "finalists": {"top": 2, "seeds": 3}}))
    plan = sweeps.face.plan_from_spec(sweeps.spec.read_spec(spec, []), folder)
    result = sweeps.face.execute(plan, out=folder / "run", serial=True)
    return result, pd.read_csv(folder / "table.csv")


def test_best_is_the_model_of_the_median_repeat(ended):
    result, frame = ended
    model = sweeps.load(result.path).model()
    (row,) = result.metrics.merge(
        pd.DataFrame(
            {
                "trial": [result.model_trial],
                "epoch": [int(result.trials.best_epoch[result.model_trial])],
            }
        )
    ).to_dict("records")
    for name, value in model.about["metrics"].items():
        assert value == pytest.approx(row[name], rel=1e-4, abs=1e-6)
    assert set(model.predict(frame)) <= {"yes", "no"}
    assert model.classes == ("no", "yes")
    assert sorted(path.name for path in (result.path / "best").iterdir()) == [
        "README.md",
        "ensemble",
        "model.json",
        "params.npz",
        "winner.json",
    ]
    facts = json.loads((result.path / "best" / "winner.json").read_text())
    assert facts["config"] == result.best.config
    assert facts["mean"] == result.best.metrics
    assert facts["origin"]["repeats"] == [result.model_trial]
    card = (result.path / "best" / "README.md").read_text()
    assert "# flowers" in card
    assert "mean over 3 fresh seeds" in card
    assert "linear" in card
    assert not [path for path in result.path.iterdir() if path.name.startswith(".best")]


def test_the_ensemble_is_of_the_repeats_that_are_best_together(ended):
    result, frame = ended
    ensemble = result.model(ensemble=True)
    facts = json.loads((result.path / "best" / "winner.json").read_text())
    repeats = result.trials[result.trials.repeats.notna()]
    assert set(facts["ensemble"]) <= set(repeats.index)
    assert facts["ensemble"][0] == repeats.objective.idxmin()
    assert ensemble.about["origin"]["repeats"] == facts["ensemble"]
    states = [result.checkpoint(trial) for trial in facts["ensemble"]]
    for network, state in zip(ensemble.networks, states, strict=True):
        np.testing.assert_array_equal(network.arrays["W1"], state["W1"])
    assert ensemble.about["metrics"]["val_loss"] <= repeats.objective.min() * (1 + 1e-6)
    assert ("mean" in ensemble.about) == (len(ensemble.networks) == 1)
    assert ensemble.about["metrics"].keys() == result.model().about["metrics"].keys()
    assert len(ensemble.predict(frame)) == len(frame)


def test_without_best_the_model_is_made_of_the_checkpoint_and_the_data(ended, tmp_path):
    result, frame = ended
    shutil.copytree(result.path, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "best")
    again = sweeps.load(tmp_path / "run")
    for ensemble in (False, True):
        found, expected = again.model(ensemble=ensemble), result.model(ensemble=ensemble)
        np.testing.assert_array_equal(found.predict_proba(frame), expected.predict_proba(frame))
    assert not (tmp_path / "run" / "best").exists(), "to look at a sweep writes nothing"
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    with pytest.raises(BadInput, match=r"no model.*\n.*caviar resume"):
        sweeps.load(tmp_path / "run").model()


def test_data_that_have_changed_make_no_model(tmp_path):
    form = flowers(tmp_path)
    data = sweeps.face.load_data(form, 0, tmp_path)
    given = {"space": SPACE, "data": data, "out": tmp_path / "run", **SWEEP}
    result = sweeps.run("mlp", **given)
    shutil.rmtree(result.path / "best")
    with pytest.raises(BadInput, match=r"in memory.*\n.*caviar resume"):
        sweeps.load(result.path).model()
    text = (result.path / "spec.yaml").read_text()
    (result.path / "spec.yaml").write_text(text.replace("data: null", f"data: {json.dumps(form)}"))
    assert sweeps.load(result.path).model()
    rows = (tmp_path / "table.csv").read_text().splitlines()
    (tmp_path / "table.csv").write_text("\n".join(rows[:-20]) + "\n")
    with pytest.raises(BadInput, match="have changed"):
        sweeps.load(result.path).model()


def test_by_the_last_epoch_the_ensemble_begins_with_a_trial_that_has_come_to_its_end(tmp_path):
    data = sweeps.face.load_data(flowers(tmp_path), 0, tmp_path)
    last = {**SWEEP, "finalists": False, "objective": "last", "trials": 14, "epochs": 27, "seed": 1}
    result = sweeps.run("mlp", space=SPACE, data=data, out=tmp_path / "run", **last)
    assert result.ensemble_candidates[0] == result.best.trial
    stopped = result.trials.status[result.ensemble_candidates] != "completed"
    assert list(stopped) == sorted(stopped)
    members = json.loads((result.path / "best" / "winner.json").read_text())["ensemble"]
    assert members[0] == result.model_trial


def test_a_checkpoint_that_cannot_be_read_is_no_member_under_another_s_name(tmp_path):
    data = sweeps.face.load_data(flowers(tmp_path), 0, tmp_path)
    result = sweeps.run("mlp", space=SPACE, data=data, out=tmp_path / "run", **{**SWEEP, "finalists": False})
    second = result.ensemble_candidates[1]
    found = chosen_without(result, second, data)
    assert second not in found.about["origin"]["repeats"]
    for trial, network in zip(found.about["origin"]["repeats"], found.networks, strict=True):
        np.testing.assert_array_equal(network.arrays["W1"], result.checkpoint(trial)["W1"])


def chosen_without(result, trial, data):
    """The ensemble where a candidate's checkpoint has been damaged."""
    (path,) = (result.path / "checkpoints").glob(f"**/trial-{trial:06d}-*.npz")
    path.write_bytes(b"damaged")
    members, about = winner.chosen(sweeps.load(result.path), mlp, data)
    return mlp.winner(data, members, about)


class Odd(type(mlp)):
    """Names members that there are not."""

    def members(self, data, trained):
        return [0, len(trained)]


def test_what_goes_wrong_with_the_ensemble_costs_the_winner_nothing(tmp_path, capsys):
    data = sweeps.face.load_data(flowers(tmp_path), 0, tmp_path)
    options = {**SWEEP, "finalists": False, "progress": True}
    result = sweeps.run(Odd(), space=SPACE, data=data, out=tmp_path / "run", **options)
    assert (result.path / "best" / "model.json").exists()
    assert not (result.path / "best" / "ensemble").exists()
    assert "best/ensemble/ was not written: members gave [0," in capsys.readouterr().err


def test_of_one_trial_there_is_no_ensemble(tmp_path):
    data = sweeps.face.load_data(flowers(tmp_path), 0, tmp_path)
    one = {**SWEEP, "finalists": False, "trials": 1}
    result = sweeps.run("mlp", space=SPACE, data=data, out=tmp_path / "run", **one)
    assert not (result.path / "best" / "ensemble").exists()
    with pytest.raises(BadInput, match="no ensemble"):
        result.model(ensemble=True)


def test_a_sweep_that_is_resumed_writes_best_anew(tmp_path):
    data = sweeps.face.load_data(flowers(tmp_path), 0, tmp_path)
    result = sweeps.run("mlp", space=SPACE, data=data, out=tmp_path / "run", **{**SWEEP, "finalists": False})
    members = json.loads((result.path / "best" / "winner.json").read_text())["ensemble"]
    assert members[0] == result.best.trial
    assert len(result.model(ensemble=True).networks) == len(members)
    before = result.model()
    shutil.rmtree(result.path / "best")
    resumed = sweeps.resume(result.path, data=data, serial=True, progress=False)
    assert resumed.model().about == before.about


def test_ctrl_c_leaves_the_best_so_far(tmp_path):
    data = sweeps.face.load_data(flowers(tmp_path), 0, tmp_path)

    def press(event):
        if isinstance(event, sweeps.events.JobReported) and event.trial == 3:
            os.kill(os.getpid(), signal.SIGINT)

    given = {"space": SPACE, "data": data, "out": tmp_path / "run", "callbacks": [press]}
    with pytest.raises(Interrupted):
        sweeps.run("mlp", **given, **{**SWEEP, "trials": 30})
    result = sweeps.load(tmp_path / "run")
    assert result.model().about["origin"]["trial"] == result.best.trial


def test_a_trainable_without_hooks_has_its_arrays_there(serial):
    result = serial(trainables.decay, space={"rate": sweeps.LogUniform(1e-3, 0.9)}, trials=4, epochs=3)
    facts = json.loads((result.path / "best" / "winner.json").read_text())
    assert facts["config"] == result.best.config
    with np.load(result.path / "best" / "checkpoint.npz") as arrays:
        np.testing.assert_array_equal(arrays["w"], result.checkpoint()["w"])
    with pytest.raises(BadInput, match=r"no way to make a model.*\n.*checkpoint\(\)"):
        result.model()


@pytest.mark.parametrize("saved", [{"w": 1.5, "n": 3}, {"layers": [{"w": np.ones(2)}, "relu"]}])
def test_what_is_saved_need_not_be_arrays_by_name(serial, saved):
    def train(config, run):
        run.save(saved)
        yield {"val_loss": config["x"]}

    result = serial(train, space={"x": sweeps.Uniform(0, 1)}, trials=2)
    assert str(result.checkpoint()) == str(saved)
    with np.load(result.path / "best" / "checkpoint.npz") as arrays:
        assert arrays.files


class Own:
    """A trainable that makes models of its own."""

    def __init__(self, problem=None):
        self.problem = problem

    def __call__(self, config, run):
        run.save({"w": np.array(config["x"])})
        yield {"val_loss": config["x"]}

    def winner(self, data, trained, about):
        if self.problem:
            raise self.problem
        ((_, state),) = trained
        return Saved(state, about)

    def load_winner(self, folder):
        return float((folder / "own.txt").read_text())


class Saved:
    def __init__(self, state, about):
        self.state, self.about = state, about

    def save(self, folder):
        (folder / "own.txt").write_text(str(self.state["w"]))


def test_a_trainable_may_have_models_of_its_own(serial):
    own = Own()
    result = serial(own, space={"x": sweeps.Uniform(0, 1)}, trials=4)
    assert result.model(train=own) == result.best.config["x"]


def test_a_winner_that_cannot_be_saved_costs_nothing_else(serial, capsys):
    result = serial(
        Own(ValueError("no such luck")), space={"x": sweeps.Uniform(0, 1)}, trials=4, progress=True
    )
    assert result.best is not None
    assert "best/ was not written: no such luck" in capsys.readouterr().err
    assert not (result.path / "best").exists()


def test_a_damaged_model_names_its_file(ended, tmp_path):
    result, _ = ended
    shutil.copytree(result.path, tmp_path / "run")
    (tmp_path / "run" / "best" / "params.npz").write_bytes(b"torn")
    with pytest.raises(BadInput, match=r"params\.npz"):
        sweeps.load(tmp_path / "run").model()
