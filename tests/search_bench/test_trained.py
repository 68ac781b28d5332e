"""Real trainings: no epoch is trained that nobody asked for, and what is seen is as if trained at once."""

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.search.measure import Ruler, run
from benchmarks.search.peers import Setting, build_peer
from benchmarks.search.problems import load_problems
from benchmarks.search.problems.trained import SPACE, Trained, network
from benchmarks.search.problems.trained_data import breast_cancer, digits, fashion
from benchmarks.search.problems.trained_known import lower_best
from benchmarks.search.problems.trainings import Trainings
from benchmarks.search.simulator import simulate, train
from sweeps.errors import BadInput
from sweeps.trial import Job, Outcome
from tests.search_bench.toy import Script
from trainer.data import Dataset

MIDDLE = SPACE.config(np.full(8, 0.5))
WILD = {**MIDDLE, "learning_rate": 1e30, "optimizer": "momentum"}  # no config of the space; its loss is NaN


def small():
    """Two classes of 24 points each, which overlap."""
    rng = np.random.default_rng(0)
    y = np.arange(48) % 2
    x = (rng.normal(size=(48, 3)) + y[:, None]).astype(np.float32)
    parts = [(x[part], y[part]) for part in (slice(0, 24), slice(24, 36), slice(36, 48))]
    return Dataset(*(array for part in parts for array in part), classes=("0", "1"))


def trainings(live=256, config=MIDDLE):
    made = Trainings(small(), 9, live)
    return made, lambda epochs, seed=3: made.losses(network(config), seed, epochs)


@pytest.fixture
def problem():
    return Trained("small", small, {"best": 0.01, "anchor": 0.5})


def test_epochs_are_trained_when_they_are_asked_for_and_once():
    made, losses = trainings()
    assert losses(2).shape == (2, 2)
    assert made.trained == 2
    losses(5)
    losses(3)
    losses(5)
    assert made.trained == 5


@pytest.mark.parametrize("live", [256, 0])
def test_going_on_is_the_same_as_training_at_once(live):
    made, losses = trainings(live)
    whole = losses(9)
    made, losses = trainings(live)
    for epochs in (1, 4, 9):
        np.testing.assert_array_equal(losses(epochs), whole[:epochs])
    assert made.trained == (9 if live else 1 + 4 + 9)


def test_the_network_trained_longest_ago_makes_room():
    made, losses = trainings(live=2)
    for seed in (0, 1, 0, 2):
        losses(1 if seed else made.trained + 1, seed)
    before = made.trained
    losses(4, seed=0)
    losses(2, seed=1)
    assert made.trained - before == 4 - 3 + 2


def test_seeds_are_different_trainings():
    _, losses = trainings()
    assert (losses(2, seed=0) != losses(2, seed=1)).all()


def test_what_diverged_stays_nan_and_its_trial_ends(problem):
    curve = problem.curve(WILD, 0, 6)
    assert curve.shape == (6,)
    assert np.isnan(curve[-1])
    report, rows = train(problem, Job(0, WILD, 6), seed=0)
    assert report.outcome is Outcome.INFEASIBLE
    assert not np.isfinite(rows[-1])
    assert len(rows) < 6


def test_the_simulator_pays_promoted_trials_once(problem):
    script = Script(Job(0, MIDDLE, 2), Job(1, WILD, 4), Job(0, MIDDLE, 7, start=2))
    trace = simulate(problem, script, workers=1, seed=0, until=99)
    assert problem.trainings.trained == trace.spent(99)


def test_the_winners_test_loss_is_that_of_its_best_epoch(problem):
    trace = simulate(problem, Script(Job(0, MIDDLE, 9)), workers=1, seed=5, until=99)
    losses = problem.trainings.losses(network(MIDDLE), 5, 9)
    best = losses[:, 0].argmin()
    assert trace.score(99) == math.log(losses[best, 0])
    assert trace.test(99) == math.log(losses[best, 1])
    assert trace.test(0) == problem.score(problem.nothing) == math.log(math.log(2))


def test_a_run_that_beats_the_best_known_lowers_its_zero(problem):
    setting = Setting(2, 1, 0)
    row = run(problem, Ruler(problem), build_peer("random", problem, setting), setting, [1, 2])
    assert row["zero"] == math.log(0.01)
    assert row["one"] == math.log(0.5)
    assert {"test_1", "test_2"} < set(row)
    modest = Trained("small", small, {"best": 0.9, "anchor": 0.5})
    again = run(modest, Ruler(modest), build_peer("random", modest, setting), setting, [1, 2])
    assert again["zero"] == again["score_2"] == row["score_2"]


def test_better_results_lower_the_best_known():
    rows = pd.DataFrame({"problem": ["trained-a", "trained-a", "other-b"], "zero": [-2.0, -3.0, -9.0]})
    known = {"a": {"best": 0.1, "anchor": 1.0}, "b": {"best": 0.1, "anchor": 1.0}}
    lower_best(known, rows)
    assert known == {"a": {"best": math.exp(-3), "anchor": 1.0}, "b": {"best": 0.1, "anchor": 1.0}}


def test_the_data_are_split_and_scaled(tmp_path):
    assert digits(tmp_path).x_train.shape == (1079, 64)
    data = breast_cancer(tmp_path)
    assert abs(len(data.x_train) - len(data.x_test)) <= 1
    np.testing.assert_allclose(data.x_train.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.x_train.std(axis=0), 1, atol=1e-5)
    (tmp_path / "fashion_mnist").mkdir()
    images = np.zeros((11_000, 2, 2), np.uint8)
    arrays = {"x_train": images, "y_train": np.arange(11_000) % 10, "x_test": images, "y_test": images}
    np.savez(tmp_path / "fashion_mnist" / "fashion_mnist.npz", **arrays)
    assert [len(x) for x, _ in fashion(tmp_path).splits] == [6000, 2000, 2000]


def test_missing_data_are_said_at_once(tmp_path):
    with pytest.raises(BadInput, match=r"trained-fashion: .*fashion_mnist\.npz"):
        load_problems(tmp_path, ["trained"])
    (found,) = load_problems(tmp_path, ["trained-digits"])
    assert found.epochs == 27


@pytest.mark.parametrize("name", ["trained-digits", "trained-breast_cancer"])
def test_scikit_learn_is_asked_for(name, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.datasets", None)
    with pytest.raises(BadInput, match="pip install"):
        load_problems(tmp_path, [name])
