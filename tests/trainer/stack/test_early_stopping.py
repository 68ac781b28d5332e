"""Patience: training ends after so many epochs without a better validation loss (Prechelt, 1998)."""

import math

import pytest

from tests.trainer.examples import Job, blobs
from tests.trainer.stacks import bounds, config, farthest, train
from trainer import Member, Stack, Status, mlp

EPOCHS = 120
RESTLESS = {"learning_rate": 0.3, "optimizer": "gradient_descent", "keep_probability": 0.6, "hidden": [9]}


def ending(losses, patience):
    """The epochs until the last `patience` of them have not been better than the best before."""
    for epoch in range(patience + 1, len(losses) + 1):
        if min(losses[epoch - patience : epoch]) >= min(losses[: epoch - patience]):
            return epoch
    return len(losses)


@pytest.mark.parametrize("patience", [1, 2, 3, 5, 8])
def test_the_epoch_of_the_end(patience):
    losses = [row["val_loss"] for row in train([config(**RESTLESS)], EPOCHS)[0][0]]
    end = ending(losses, patience)
    assert patience < end < EPOCHS  # else this would show nothing
    (rows,), (last,) = train([config(**RESTLESS, patience=patience)], EPOCHS)
    assert [row["val_loss"] for row in rows] == losses[:end]
    assert last is None
    assert all(math.isfinite(value) for value in rows[-1].values())


def test_equal_is_not_better():
    member = Member(config(patience=2))
    for loss, stale in [(1.0, 0), (0.5, 0), (0.5, 1)]:
        member.finish_epoch(loss)
        assert (member.stale, member.best, member.status) == (stale, min(loss, 1.0), Status.TRAINING)
    member.finish_epoch(0.6)
    assert (member.epoch, member.stale, member.best, member.status) == (4, 2, 0.5, Status.STOPPED)


def test_no_end_without_patience():
    member = Member(config())
    for _ in range(1000):
        member.finish_epoch(1.0)
    assert (member.stale, member.status) == (999, Status.TRAINING)


def test_one_stops_and_its_neighbours_go_on():
    stack = Stack(blobs(), seed=1)
    hasty, calm = stack.enter(config(**RESTLESS, patience=1)), stack.enter(config(**RESTLESS))
    rows = {hasty: [], calm: []}
    while hasty in stack.members:
        for member, metrics in stack.train_epoch().items():
            rows[member].append(metrics)
    assert hasty.status is Status.STOPPED
    assert (calm.status, stack.members) == (Status.TRAINING, (calm,))
    rows[calm].append(stack.train_epoch()[calm])
    with pytest.raises(ValueError, match="stopped"):
        stack.checkpoint(hasty)

    epochs = hasty.epoch + 1
    (alone,), (last,) = train([config(**RESTLESS)], epochs)
    (allowed,) = bounds([config(**RESTLESS)], [(alone, last)], epochs)
    assert allowed < 1e-9
    assert farthest((rows[calm], None), (alone, None)) <= allowed
    assert farthest((rows[hasty], None), (alone[:-1], None)) <= allowed


@pytest.mark.parametrize("left", range(1, 5))
def test_what_has_been_waited_for_survives_a_checkpoint(left):
    patient = config(**RESTLESS, patience=3)
    (whole,), _ = train([patient], EPOCHS)
    cut = len(whole) - left
    assert 0 < cut < EPOCHS - left
    stack = Stack(blobs(), seed=1)
    member = stack.enter(patient)
    for _ in range(cut):
        stack.train_epoch()
    saved = stack.checkpoint(member)
    losses = [row["val_loss"] for row in whole[:cut]]
    assert saved["best"] == min(losses)
    assert (saved["stale"] == 3 - left) or left > 3
    assert saved["stale"] == cut - 1 - losses.index(min(losses))
    (rest,), _ = train([patient], EPOCHS, starts=[saved])
    assert rest == whole[cut:]


def test_the_generator_ends():
    wish = {**RESTLESS, "patience": 2, "dtype": "float64", "batch_size": 25}
    job = Job(blobs(), epochs=EPOCHS, seed=1)
    rows = list(mlp(wish, job))
    (of_stack,), _ = train([config(**RESTLESS, patience=2)], EPOCHS)
    assert len(rows) == len(of_stack)
    for row, other in zip(rows, of_stack, strict=True):
        assert row == pytest.approx(other, rel=1e-9)  # one compiled, one in NumPy
    assert len(rows) == ending([row["val_loss"] for row in rows], 2) < EPOCHS


def test_one_that_has_stopped_can_be_kept_and_stays_stopped():
    patient = config(**RESTLESS, patience=1)
    stack = Stack(blobs(), seed=1)
    member = stack.enter(patient)
    while stack.members:
        stack.train_epoch()
    kept = stack.checkpoint(member)
    assert (int(kept["epoch"]), int(kept["stale"])) == (member.epoch, 1)
    again = stack.enter(patient, kept)
    assert again.status is Status.STOPPED
    assert stack.train_epoch() == {}


def test_the_trainable_saves_the_epoch_it_stops_in_and_has_nothing_to_add():
    hyperparameters = {**RESTLESS, "patience": 1}
    job = Job(blobs(), epochs=EPOCHS, seed=1)
    rows = list(mlp(hyperparameters, job))
    assert job.saves == len(rows) < EPOCHS
    later = Job(blobs(), epochs=EPOCHS, start=len(rows), checkpoint=job.saved, seed=1)
    assert list(mlp(hyperparameters, later)) == []
