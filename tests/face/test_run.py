"""`sweeps.run` from end to end."""

import inspect
import re
import threading

import numpy as np
import pandas as pd
import pytest

import sweeps
from tests import trainables

RATE = {"rate": sweeps.LogUniform(1e-3, 10)}
X = {"x": sweeps.Uniform(0, 1)}


def test_tables_agree_with_each_other(run):
    result = run(trainables.decay, space={"rate": sweeps.LogUniform(1e-3, 1e17)}, trials=40)
    trials, metrics = result.trials, result.metrics
    assert trials["trial"].tolist() == list(range(40))
    assert not metrics.duplicated(["trial", "epoch"]).any()
    assert metrics.groupby("trial").size().tolist() == trials["epochs"].tolist()
    assert metrics.groupby("trial")["epoch"].max().tolist() == trials["epochs"].tolist()
    feasible = trials[trials["status"] != "infeasible"]
    assert set(feasible["status"]) == {"stopped", "completed"}
    best_of = metrics.groupby("trial")["val_loss"].min()[feasible["trial"]]
    np.testing.assert_array_equal(best_of, feasible["objective"])
    assert result.best.objective == feasible["objective"].min()
    assert result.best.config.keys() == {"rate"}
    assert result.best.metrics["val_loss"] == result.best.objective
    assert (trials["status"] == "infeasible").any(), "huge rates diverge"
    assert result.rounds["round"].max() >= 3
    assert result.spec["trials"] == 40


def test_both_executors_train_the_same_models(ray_cluster, tmp_path):
    """What a trial computes depends on its config alone, whoever trains it."""
    results = [
        sweeps.run(
            trainables.decay,
            space=RATE,
            trials=16,
            scheduler="random",
            epochs=5,
            finalists=False,
            progress=False,
            serial=serial,
            out=out,
        )
        for serial, out in ((True, tmp_path / "a"), (False, tmp_path / "b"))
    ]
    pd.testing.assert_frame_equal(results[0].metrics, results[1].metrics)


def test_continuing_and_starting_again_give_the_same_rows(serial, tmp_path):
    """A trainable without checkpoints is trained again from its first epoch; its rows stand once."""
    kept = serial(trainables.decay, space=RATE, trials=20)
    again = serial(trainables.forgetful, space=RATE, trials=20, out=tmp_path / "again")
    pd.testing.assert_frame_equal(kept.metrics[["trial", "epoch", "val_loss"]], again.metrics)


def test_the_same_seed_repeats_and_another_does_not(serial, tmp_path):
    one, two, other = (
        serial(trainables.decay, space=RATE, trials=12, seed=seed, out=tmp_path / name).trials.drop(
            columns="seconds"
        )
        for seed, name in ((0, "a"), (0, "b"), (1, "c"))
    )
    pd.testing.assert_frame_equal(one, two)
    assert not one["config.rate"].equals(other["config.rate"])


def test_a_plain_function_is_swept_in_one_epoch(serial):
    result = serial(trainables.parabola, space=X, trials=60)
    assert result.trials["epochs"].eq(1).all()
    assert result.trials["status"].eq("completed").all()
    assert result.best.config["x"] == pytest.approx(0.3, abs=0.02)


def test_max_mode(serial):
    result = serial(lambda config, run: config["x"], space=X, trials=40, mode="max", metric="score")
    assert result.best.objective == result.trials["objective"].max() > 0.95


def test_a_late_metric_does_not_vanish(serial):
    result = serial(trainables.late_metric, space=X, trials=8, epochs=5)
    assert result.metrics["late"].notna().sum() == result.metrics["epoch"].ge(3).sum() > 0


def test_data_reaches_the_trainable_as_it_is(run):
    result = run(trainables.sums_data, space=X, trials=3, data=np.ones(10))
    assert result.metrics["val_loss"].tolist() == [10.0] * 3


def test_the_spec_is_kept_with_defaults_and_versions(serial):
    spec = serial(trainables.parabola, space=X, trials=3).spec
    assert spec["space"] == {"x": {"uniform": [0, 1]}}
    assert spec["trainable"] == "tests.trainables:parabola"
    assert (spec["metric"], spec["mode"], spec["seed"], spec["epochs"]) == ("val_loss", "min", 0, 1)
    assert {"python", "ray", "caviar-sweeps"} <= spec["versions"].keys()


def test_the_default_folder_counts_on(in_folder):
    for _ in range(2):
        sweeps.run(trainables.parabola, space=X, trials=2, serial=True, progress=False)
    assert sorted(path.name for path in (in_folder / "runs").iterdir()) == ["parabola", "parabola-2"]


def test_it_works_outside_the_main_thread(serial):
    results = []
    thread = threading.Thread(target=lambda: results.append(serial(trainables.parabola, space=X, trials=3)))
    thread.start()
    thread.join()
    assert len(results[0].trials) == 3


def test_numpy_values_in_a_space_are_plain_in_the_spec(serial):
    space = {
        "x": sweeps.Uniform(np.float64(0), np.float32(1)),
        "y": sweeps.Choice(list(np.logspace(-3, -1, 3))),
    }
    result = serial(trainables.parabola, space={**space, "z": np.int64(3)}, trials=3)
    assert result.spec["space"]["z"] == 3


def test_help_tells_of_every_parameter_and_shows_no_code():
    text = inspect.getdoc(sweeps.run)
    told = set(re.findall(r"^    ([a-z_]+): ", text.partition("Args:")[2].partition("Returns:")[0], re.M))
    assert set(inspect.signature(sweeps.run).parameters) == told
    assert all(said in text for said in ("run.report", '{"command": ', '"mlp" or "cnn", ready ones'))
    assert " = " not in text
