"""The gradient's norm as it is reported: of each update, before clipping."""

import dataclasses

import numpy as np
import pytest

from tests.trainer.examples import blobs
from tests.trainer.stacks import UNIT, config, train
from trainer import Stack
from trainer.backends import backend_for
from trainer.epoch.batches import epoch_order
from trainer.network.architecture import Architecture

STILL = {"learning_rate": 1e-300, "optimizer": "gradient_descent", "hidden": [4]}


def norms_by_hand(wish, data, saved, seed):
    """Each update's, from the network's own backward pass, at weights that do not move."""
    architecture, backend = Architecture.of(wish, data), backend_for("cpu")
    network = architecture.network([wish], backend)
    params = {name: saved[name][None] for name in architecture.params(architecture.widths([wish]))}
    x, order = data.scaled(data.x_train).astype(wish.dtype), epoch_order(90, seed=seed, epoch=0)
    for start in range(0, 90, wish.batch_size):
        rows = order[start : start + wish.batch_size]
        T = np.eye(3)[data.y_train[rows]].T[None]
        grads = {name: np.empty_like(p) for name, p in params.items()}
        network.backward(params, network.forward(params, [(slice(None), x[rows])]), T, grads)
        shares = {name: wish.l2 * p + wish.l1 * np.sign(p) for name, p in params.items() if name[0] == "W"}
        yield np.sqrt(sum(((g + shares.get(name, 0) / len(rows)) ** 2).sum() for name, g in grads.items()))


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("own", [{}, {"l2": 5.0}, {"l1": 2.0}, {"clip_norm": 1e-3, "l2": 1.0}], ids=str)
def test_the_gradients_norm(own, batch_norm):
    """The mean over updates, the penalties' share included, before clipping; beside another width."""
    data, wish = blobs(), config(**STILL, **own, batch_norm=batch_norm)
    stack = Stack(data, seed=3)
    member, _ = stack.enter(wish), stack.enter(dataclasses.replace(wish, hidden=(9,)))
    by_hand = list(norms_by_hand(wish, data, stack.checkpoint(member), seed=3))
    assert len(by_hand) == 4
    # A root of fewer than 50 squares of sums of at most 25 terms below 10: 4 norms of that.
    bound = 4 * 50 * 25 * 10 * UNIT
    assert stack.train_epoch()[member]["gradient_norm"] == pytest.approx(np.mean(by_hand), abs=bound)
    assert np.mean(by_hand) > 0.01  # more than the limit of those that are clipped


def test_the_norm_is_of_its_epoch_alone():
    """Without learning it is the same in each, though batches differ: 90 examples, one batch."""
    rows = train([config(**STILL, batch_size=90)], 3)[0][0]
    norms = [row["gradient_norm"] for row in rows]
    assert norms == pytest.approx([norms[0]] * 3, rel=1e-12)
