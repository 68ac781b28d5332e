"""The trainable: its rows and checkpoints, and what it refuses."""

import importlib.util

import numpy as np
import pytest

import sweeps
from sweeps.errors import BadInput
from tests.trainer.convolution.images import images
from tests.trainer.examples import Job, blobs
from trainer import CNNConfig, ConfigError, DataError, Dataset, cnn

SMALL = {"channels": 2, "stages": 1}


def test_each_epoch_is_saved_and_has_all_metrics():
    job = Job(images(), epochs=2)
    rows = list(cnn(SMALL, job))
    assert job.saves == 2
    assert [tuple(row) for row in rows] == [cnn.metrics(job.data)] * 2
    later = Job(images(), epochs=4, start=2, checkpoint=job.saved)
    assert list(cnn(SMALL, later)) == list(cnn(SMALL, Job(images(), epochs=4)))[2:]


def test_what_has_diverged_is_told_of_once_and_not_saved():
    job = Job(images(), epochs=5)
    (row,) = cnn({**SMALL, "learning_rate": 1e30}, job)
    assert np.isnan(list(row.values())).all()
    assert job.saves == 0


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"channel": 3}, "did you mean channels?"),
        ({"keep_probability_1": 0.5}, "did you mean keep_probability?"),
        ({"stages": 3}, "leave nothing of images of 6 × 6, which each stage halves"),
        ({"shift": -1}, "must be a whole number from 0 on"),
        ({"weight_average": 1}, "must be a number from 0 and below 1"),
        ({"label_smoothing": 1.0}, "must be a number from 0 and below 1"),
        ({"pooling": "min"}, "is not one of pooling's choices"),
        ({"flip": 1.5}, "must be true or false"),
        ({"channels": 10**6}, "makes a network of"),
        ({"head": "linear"}, "cannot predict data of 3 classes"),
        ({"batch_size": 1}, "is too small for batch_norm"),
        ({"schedule": "cosine"}, "must be given with schedule: cosine"),
    ],
    ids=str,
)
def test_configs_that_cannot_be_trained(own, says):
    with pytest.raises(ConfigError) as raised:
        cnn.check(own, images())
    assert says in str(raised.value)


@pytest.mark.parametrize(
    "shape", [(), (2, 2, 2, 2), (3, 16, 16)], ids=["table", "four axes", "channels first"]
)
def test_data_that_are_no_images(shape):
    x, y = np.zeros((4, int(np.prod(shape)) if shape else 6), np.float32), np.array([0, 1, 0, 1])
    data = Dataset(x, y, x, y, x, y, ("a", "b"), shape=shape)
    with pytest.raises(DataError):
        cnn.check_data(data)


def test_a_sweep_over_a_table_is_refused():
    with pytest.raises(BadInput) as raised:
        sweeps.run(cnn, space=SMALL, data=blobs(), serial=True)
    assert raised.value.place == "data"
    assert "takes images" in raised.value.rule
    assert "trainable: mlp" in raised.value.fix


def test_without_torch(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError) as raised:
        cnn.check_data(images())
    assert 'pip install "caviar-sweeps[torch]"' in raised.value.fix


def test_a_config_has_its_own_defaults_and_the_dense_network_s():
    config = CNNConfig.parse({"hidden_units": 16, "keep_probability": 0.5})
    assert (config.hidden, config.keep) == ((16,), (0.5, 0.5))
    plain = CNNConfig.parse({})
    assert (plain.hidden, plain.batch_norm, plain.flip, plain.shift) == ((), True, False, 0)
    assert plain.pack_key != CNNConfig.parse({"channels": 8}).pack_key
    assert plain.pack_key == CNNConfig.parse({"learning_rate": 0.5, "label_smoothing": 0.1}).pack_key


def test_a_sweep_from_digits_to_a_refit_winner(tmp_path):
    space = {**SMALL, "learning_rate": sweeps.LogUniform(5e-3, 5e-2), "batch_size": 128}
    options = {
        "trials": 2,
        "epochs": 2,
        "finalists": {"top": 1, "seeds": 2},
        "serial": True,
        "progress": False,
    }
    result = sweeps.run("cnn", space=space, data="digits", out=tmp_path / "run", **options)
    assert result.best.metrics["test_accuracy"] > 0.5
    model = result.model()
    assert model.predict(np.zeros((3, 8, 8))).shape == (3,)
    assert len(result.model(ensemble=True).networks) == 2
    again = sweeps.refit(tmp_path / "run", progress=False)
    assert again.metrics["test_accuracy"] > 0.5
    assert result.model(refit=True).about["refit"]
