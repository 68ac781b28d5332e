"""`sweeps.run` from end to end."""

import os
import signal
import threading

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.errors import AllTrialsFailed, BadInput, Interrupted
from tests import trainables

RATE = {"rate": sweeps.LogUniform(1e-3, 10)}
X = {"x": sweeps.Uniform(0, 1)}


@pytest.fixture
def serial(tmp_path):
    def _run(train, **options):
        defaults = {"out": tmp_path / "run", "progress": False, "serial": True, "finalists": False}
        return sweeps.run(train, **{**defaults, **options})

    return _run


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


def test_a_failing_trial_does_not_stop_the_sweep(run):
    result = run(trainables.raises_above_half, space=X, trials=20, epochs=2)
    failed = result.trials[result.trials["status"] == "failed"]
    assert (failed["config.x"] > 0.5).all()
    assert failed["error"].str.contains("ValueError: x is").all()
    assert failed["objective"].isna().all()
    assert result.best.config["x"] <= 0.5


def test_when_everything_fails_the_sweep_stops_early(run, tmp_path):
    with pytest.raises(AllTrialsFailed, match="no such luck"):
        run(trainables.raises, space=X, trials=500)
    trials = sweeps.load(tmp_path / "run").trials
    assert 16 <= len(trials) < 40
    assert trials["error"].str.contains("no such luck").sum() >= 16


def test_all_infeasible_is_a_result_without_a_best(serial):
    result = serial(lambda config, run: float("nan"), space=X, trials=20)
    assert result.best is None
    assert result.trials["status"].eq("infeasible").all()


def test_a_late_metric_does_not_vanish(serial):
    result = serial(trainables.late_metric, space=X, trials=8, epochs=5)
    assert result.metrics["late"].notna().sum() == result.metrics["epoch"].ge(3).sum() > 0


def test_a_scheduler_object_may_be_handed_in(serial):
    space = sweeps.Space(X)
    scheduler = sweeps.RandomSearch(space, trials=7, epochs=1)
    assert len(serial(trainables.parabola, space=space, trials=7, scheduler=scheduler).trials) == 7


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"trials": 8}, "scheduler.trials"),
        ({"epochs": 5}, "scheduler.epochs"),
        ({"mode": "max"}, "scheduler.mode"),
        ({"seed": 1}, "scheduler.seed"),
        ({"space": sweeps.Space({"x": sweeps.Uniform(0, 2)})}, "scheduler.space.x"),
        ({"space": sweeps.Space({**X, "y": sweeps.Uniform(0, 1)})}, "scheduler.space.y"),
    ],
)
def test_a_scheduler_made_for_another_sweep_is_refused(serial, tmp_path, options, place):
    scheduler = sweeps.RandomSearch(**{"space": sweeps.Space(X), "trials": 7, "epochs": 9, **options})
    with pytest.raises(BadInput, match="made for, and the sweep has") as caught:
        serial(trainables.decay, space=X, trials=7, epochs=9, scheduler=scheduler)
    assert caught.value.place == place
    assert not (tmp_path / "run").exists()


def test_a_scheduler_is_for_one_sweep(serial, tmp_path):
    scheduler = sweeps.RandomSearch(sweeps.Space(X), trials=7, epochs=1)
    serial(trainables.parabola, space=X, trials=7, scheduler=scheduler, out=tmp_path / "first")
    with pytest.raises(BadInput, match="has finished already"):
        serial(trainables.parabola, space=X, trials=7, scheduler=scheduler)


def test_a_scheduler_that_says_nothing_of_a_sweep_is_taken_as_it_is(serial):
    class Own:
        """Has the four members and, under two names, something else."""

        trials, epochs = (), "many"

        def __init__(self):
            inner = sweeps.RandomSearch(sweeps.Space(X), trials=3, epochs=1)
            self.ask, self.tell, self._inner = inner.ask, inner.tell, inner

        finished = property(lambda self: self._inner.finished)
        rounds = property(lambda self: self._inner.rounds)

    assert len(serial(trainables.parabola, space=X, trials=7, scheduler=Own()).trials) == 3


@pytest.mark.parametrize("scheduler", ["sobol", "asha", "optuna"])
def test_other_schedulers_by_name(serial, scheduler):
    if scheduler == "optuna":
        pytest.importorskip("optuna")
    result = serial(trainables.decay, space=RATE, trials=20, epochs=16, scheduler=scheduler)
    assert len(result.trials) == 20
    assert result.trials["epochs"].max() == 16
    assert result.spec["scheduler"] == scheduler


@pytest.mark.parametrize(
    ("metric", "mode", "hint"),
    [("val_loss", "max", "min"), ("val_loss", "min", ""), ("my_accuracy", "min", "max"), ("own", "max", "")],
)
def test_a_mode_that_looks_like_a_slip_is_hinted_at(serial, capsys, metric, mode, hint):
    def train(config, run):
        return {metric: config["x"]}

    serial(train, space=X, trials=2, metric=metric, mode=mode, progress=True)
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("hint")]
    assert said == ([f"hint: metric: {metric} with mode: {mode}; is it mode: {hint}?"] if hint else [])


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_what_is_finished_on_disk(serial, tmp_path, number):
    def train(config, run):
        if config["x"] > 0.8:
            os.kill(os.getpid(), number)
        for _ in range(100):
            yield {"val_loss": config["x"]}

    before = signal.getsignal(number)
    with pytest.raises(Interrupted):
        serial(train, space=X, trials=500, epochs=3)
    assert signal.getsignal(number) is before
    result = sweeps.load(tmp_path / "run")
    assert 1 <= len(result.trials) < 500
    assert set(result.trials["status"]) <= {"paused", "interrupted", "completed"}
    assert len(result.metrics) == result.trials["epochs"].sum()


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"space": {"x": {"log": [0, 1]}}}, "space.x.log"),
        ({"space": {}}, "space"),
        ({"metric": "accuracy"}, "metric"),
        ({"mode": "best"}, "mode"),
        ({"trials": 0}, "trials"),
        ({"trials": "many"}, "trials"),
        ({"epochs": True}, "epochs"),
        ({"finalists": -1}, "finalists"),
        ({"finalists": None}, "finalists"),
        ({"finalists": {"top": 2.5}}, "finalists.top"),
        ({"finalists": {"seeds": 0}}, "finalists.seeds"),
        ({"finalists": {"seeds": 10**6}}, "finalists.seeds"),
        ({"finalists": {"best": 3}}, "finalists.best"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"workers": 0}, "workers"),
        ({"scheduler": "coarse"}, "scheduler"),
        ({"scheduler": object()}, "scheduler"),
        ({"scheduler": sweeps.RandomSearch}, "scheduler"),
        ({"metric": "epoch"}, "metric"),
        ({"out": 3}, "out"),
        ({"name": "a/b"}, "name"),
        ({"data": "nothing-of-this-name"}, "data.name"),
    ],
)
def test_bad_input_names_the_place_and_leaves_nothing_behind(serial, tmp_path, options, place):
    with pytest.raises(BadInput) as caught:
        serial(trainables.as_mapping, **{"space": X, "trials": 3, **options})
    assert caught.value.place == place
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "name", [3, "nowhere:train", "tests.trainables:nothing", "tests.trainables", "tests.trainables:os"]
)
def test_a_trainable_that_cannot_be_found(serial, name):
    with pytest.raises(BadInput) as caught:
        serial(name, space=X)
    assert caught.value.place == "trainable"


@pytest.mark.parametrize("train", [3, dict, lambda config: 1.0])
def test_what_is_no_trainable(serial, train):
    with pytest.raises(BadInput) as caught:
        serial(train, space=X)
    assert caught.value.place == "trainable"


def test_the_built_in_network_wants_its_own_data(serial):
    with pytest.raises(BadInput, match="needs a Dataset"):
        serial("mlp", space={"l2": 0.1}, data=(1, 2))


def test_numpy_values_in_a_space_are_plain_in_the_spec(serial):
    space = {
        "x": sweeps.Uniform(np.float64(0), np.float32(1)),
        "y": sweeps.Choice(list(np.logspace(-3, -1, 3))),
    }
    result = serial(trainables.parabola, space={**space, "z": np.int64(3)}, trials=3)
    assert result.spec["space"]["z"] == 3


def test_serial_data_cannot_be_written_to_either(serial):
    data = np.zeros(3)

    def train(config, run):
        run.data[0] += 1
        return 1.0

    with pytest.raises(AllTrialsFailed, match="read-only"):
        serial(train, space=X, data=data, trials=16)
    assert data[0] == 0


def test_a_sweep_never_overwrites_another(serial):
    first = serial(trainables.parabola, space=X, trials=3)
    before = {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match="already holds a sweep"):
        serial(trainables.parabola, space=X, trials=3)
    assert before == {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
