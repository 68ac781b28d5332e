"""The trainable: what a sweep asks of it, when it saves, and what it refuses."""

import inspect
import pickle

import numpy as np
import pytest

from tests.trainer.examples import Job, blobs, line
from trainer import ConfigError, Dataset, MLPConfig, Stack, mlp
from trainer.compiled.model import Model


class Recorder(Job):
    """Notes each save and, by `got`, each row of metrics."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.events = []

    def save(self, state):
        super().save(state)
        self.events.append(("saved", int(state["epoch"])))

    def got(self, rows):
        self.events += [("got", len(row)) for row in rows]
        return self.events


def test_each_epoch_is_saved_before_its_metrics_are_told():
    job = Recorder(blobs(), epochs=3)
    epochs = mlp({"hidden": [4]}, job)
    assert job.events == []
    for epoch in (1, 2, 3):
        row = next(epochs)
        assert job.events == [("saved", each) for each in range(1, epoch + 1)]
        assert tuple(row) == mlp.metrics(job.data)
    with pytest.raises(StopIteration):
        next(epochs)


def test_nothing_is_computed_ahead(monkeypatch):
    trained, train_epoch = [], Model.train_epoch
    monkeypatch.setattr(Model, "train_epoch", lambda model: trained.append(1) or train_epoch(model))
    epochs = mlp({"hidden": [4]}, Job(blobs(), epochs=5))
    assert len(trained) == 0
    next(epochs)
    next(epochs)
    epochs.close()
    assert len(trained) == 2


def test_what_has_diverged_is_told_of_once_and_not_saved():
    job = Job(blobs(), epochs=5)
    (row,) = mlp({"learning_rate": 1e250}, job)
    assert np.isnan(list(row.values())).all()
    assert job.saves == 0


@pytest.mark.parametrize("start", [0, 3])
def test_nothing_is_left_to_train(start):
    job = Job(blobs(), epochs=3)
    list(mlp({"hidden": [4]}, job))
    checkpoint = job.saved if start else None
    assert list(mlp({"hidden": [4]}, Job(blobs(), epochs=start, start=start, checkpoint=checkpoint))) == []


@pytest.mark.parametrize(("start", "has"), [(1, 2), (3, 2), (0, 2), (1, None)])
def test_a_checkpoint_of_another_epoch(start, has):
    saved = None
    if has:
        job = Job(blobs(), epochs=has)
        list(mlp({"hidden": [4]}, job))
        saved = job.saved
    says = f"cannot go on from epoch {start} with a checkpoint of epoch {has or 0}"
    with pytest.raises(ValueError, match=says):
        next(mlp({"hidden": [4]}, Job(blobs(), epochs=5, start=start, checkpoint=saved)))


def test_another_networks_checkpoint():
    job = Job(blobs(), epochs=1)
    list(mlp({"hidden": [4]}, job))
    with pytest.raises(ValueError, match="another network's: W1"):
        next(mlp({"hidden": [5]}, Job(blobs(), epochs=2, start=1, checkpoint=job.saved)))


def test_depends_on_seed_config_and_epochs_alone():
    config = {"hidden": [8], "keep_probability": 0.5}
    rows = list(mlp(config, Job(blobs(), epochs=3, seed=7)))
    np.random.seed(0)  # noqa: NPY002 - shows that the global state is not read
    assert list(mlp(config, Job(blobs(), epochs=3, seed=7))) == rows
    assert list(mlp(config, Job(blobs(), epochs=2, seed=7))) == rows[:2]
    assert list(mlp(config, Job(blobs(), epochs=3, seed=8))) != rows


@pytest.mark.parametrize(
    "own", [{"hidden": [8]}, {"hidden": [], "initialisation": "zeros", "keep_probability_0": 0.5}], ids=str
)
def test_another_replica_has_other_weights_and_other_dropout(own):
    rows, other = (list(mlp({**own, "replica": r}, Job(blobs(), epochs=1))) for r in (0, 1))
    assert rows != other


def test_on_a_cpu_a_model_is_compiled(monkeypatch):
    monkeypatch.setattr(Stack, "enter", None)
    assert len(list(mlp({}, Job(blobs(), epochs=1, device="cpu")))) == 1


def test_elsewhere_it_is_a_stack_of_one_on_the_runs_device(monkeypatch):
    pytest.importorskip("torch")
    asked = []
    enter = Stack.enter
    monkeypatch.setattr(
        Stack, "enter", lambda stack, *a: asked.append(stack._backend.device) or enter(stack, *a)
    )
    assert len(list(mlp({}, Job(blobs(), epochs=1, device="torch-cpu")))) == 1
    assert asked == ["torch-cpu"]


@pytest.mark.parametrize("data", [None, [[1.0]], {"x": 1}], ids=["none", "list", "dict"])
def test_data_of_another_kind(data):
    kind = type(data).__name__
    with pytest.raises(TypeError, match=f"as load_data returns, not from a {kind}"):
        next(mlp({}, Job(data, epochs=1)))


def test_a_config_that_cannot_be_trained():
    for refuses in (
        lambda: mlp.check({"learning_rate": -1}, blobs()),
        lambda: mlp.pack_key({"learning_rate": -1}, Job(blobs(), epochs=1)),
        lambda: next(mlp({"learning_rate": -1}, Job(blobs(), epochs=1))),
    ):
        with pytest.raises(ConfigError, match="learning_rate: -1 must be a number above 0"):
            refuses()


def test_what_a_sweep_asks_of_it():
    assert inspect.isgeneratorfunction(type(mlp).__call__)
    assert mlp.data_type is Dataset
    assert mlp.check({"hidden": [3]}, blobs()) is None
    assert mlp.pack_key({"hidden": [3]}, Job(blobs(), epochs=1)) is None
    keys = {
        mlp.pack_key({"hidden": [units]}, Job(blobs(), epochs=1, seed=2, device="cuda")) for units in (3, 9)
    }
    assert keys == {(2, *MLPConfig(hidden=(9,)).pack_key)}
    assert mlp.metrics(blobs())[4:5] == ("val_accuracy",)
    assert "val_accuracy" not in mlp.metrics(line())
    assert type(pickle.loads(pickle.dumps(mlp))) is type(mlp)  # noqa: S301 - our own bytes


def test_without_data_a_config_is_checked_as_far_as_it_can_be():
    assert mlp.check({"hidden": [3], "number_bins": 8}, None) is None
    with pytest.raises(ConfigError, match="keep_probability"):
        mlp.check({"hidden": [3], "keep_probability": 1.2}, None)
