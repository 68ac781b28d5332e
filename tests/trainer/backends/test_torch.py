"""torch: labels, data that stay as they are, divergence, checkpoints that go to and fro."""

import dataclasses
import math

import numpy as np
import pytest

from tests.trainer.examples import blobs
from tests.trainer.libraries import DEVICES, ON_TORCH
from tests.trainer.stacks import FOR_TABLES, bounds, config, farthest, mixed, skipping, train
from trainer import MLPConfig, Stack, Status, train_stack
from trainer.optimizers import OPTIMIZERS

torch = pytest.importorskip("torch")

EPOCHS = 13  # of four updates: more than fifty


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.int64])
def test_labels_of_any_whole_number_type(device, kind):
    data = blobs()
    other = {name: getattr(data, name).astype(kind) for name in ("y_train", "y_validation", "y_test")}
    rows = train([config()], 2, data=dataclasses.replace(data, **other), device=device)
    assert rows[0] == train([config()], 2, device=device)[0]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("batch_size", [1, 32, 90, 10_000])
def test_nothing_is_written_to_the_data(device, batch_size):
    data = blobs()
    copies = [array.copy() for split in data.splits for array in split]
    train([config(batch_size=batch_size, keep_probability_0=0.5, l2=1.0)], 1, data=data, device=device)
    arrays = [array for split in data.splits for array in split]
    assert all(np.array_equal(one, other) for one, other in zip(arrays, copies, strict=True))


@pytest.mark.parametrize("device", ON_TORCH)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_divergence_on_torch(optimizer, dtype, device):
    calm, wild = (
        MLPConfig(optimizer=optimizer, dtype=dtype, learning_rate=rate, hidden=(width,))
        for rate, width in ((0.01, 5), (1e250, 9))
    )
    stack = Stack(blobs(500), seed=1, device=device)
    stays, goes = stack.enter(calm), stack.enter(wild)
    first = stack.train_epoch()
    assert (stays.status, goes.status, stack.members) == (Status.TRAINING, Status.DIVERGED, (stays,))
    assert all(math.isnan(value) for value in first[goes].values())
    assert all(math.isfinite(value) for value in stack.train_epoch()[stays].values())
    assert list(stack._arranged().state["W1"].shape) == [1, 5, 6]


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    "configs",
    [mixed(batch_norm=True), mixed(**FOR_TABLES, batch_norm=True), skipping(**FOR_TABLES)],
    ids=["plain", "tables", "skips"],
)
@pytest.mark.parametrize("device", ON_TORCH)
def test_a_checkpoint_of_one_goes_on_with_the_other(device, configs, back):
    one, other = (device, "cpu") if back else ("cpu", device)
    begun, saved = train(configs, 4, device=one)
    assert {type(x) for each in saved for x in each.values()} == {np.ndarray}
    rest, last = train(configs, EPOCHS, starts=saved, device=other)
    whole = list(zip(*train(configs, EPOCHS), strict=True))
    together = [(a + b, end) for a, b, end in zip(begun, rest, last, strict=True)]
    for own, mine, bound in zip(whole, together, bounds(configs, whole, EPOCHS), strict=True):
        assert farthest(own, mine) <= bound < 1e-8


@pytest.mark.parametrize("device", ON_TORCH)
def test_later_epochs_do_not_change_a_checkpoint_from_torch(device):
    stack = Stack(blobs(), seed=1, device=device)
    member = stack.enter(config(batch_norm=True))
    saved = stack.checkpoint(member)
    copies = {name: x.copy() for name, x in saved.items()}
    stack.train_epoch()
    assert all(np.array_equal(saved[name], x) for name, x in copies.items())


@pytest.mark.parametrize("device", ON_TORCH)
def test_the_trainable_and_the_pack_take_a_device(device):
    on_numpy, on_torch = (
        [row[0]["val_loss"] for row in train_stack([config()], blobs(), epochs=3, device=each)]
        for each in ("cpu", device)
    )
    assert on_torch == pytest.approx(on_numpy, abs=1e-10)
