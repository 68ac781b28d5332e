"""Trainings at the ends of what may be asked for."""

import numpy as np
import pytest

from tests.trainer.examples import blobs
from tests.trainer.stacks import config, train
from trainer import Dataset, MLPConfig, Status
from trainer.stack.stack import Stack


@pytest.mark.parametrize("beta", ["momentum", "beta1", "beta2"])
@pytest.mark.parametrize("optimizer", ["momentum", "classical_momentum", "rmsprop", "adam"])
def test_a_beta_that_float32_cannot_tell_from_one(optimizer, beta):
    own = MLPConfig(optimizer=optimizer, hidden=(4,), **{beta: 1 - 1e-12})
    rows, _ = train([own], 2)
    assert np.isfinite([*rows[0][-1].values()]).all()


def test_one_example_left_over_leaves_the_running_statistics_alone():
    """Nothing is learnt, so the statistics of 64 examples are those of the same and one more."""
    x, y = blobs(m=70).splits[0]
    frozen = config(hidden=[5], batch_norm=True, batch_size=32, learning_rate=1e-300, batch_norm_beta=0.0)
    kept = []
    for m in (64, 65):
        data = Dataset(x[:m], y[:m], x, y, x, y, ("a", "b", "c"))
        stack = Stack(data, seed=1)
        member = stack.enter(frozen)
        stack.train_epoch()
        kept.append(stack.checkpoint(member)["variance1"])
    assert (kept[0] > 0).all()
    # Without memory, the last minibatch alone decides: another half of the examples, but never zero.
    assert (kept[1] > 0.2 * kept[0]).all()


@pytest.mark.parametrize(("faded", "left"), [(1e-39, 0.0), (1e-20, np.float32(1e-20))])
def test_a_dead_units_weights_do_not_fade_into_subnormal_numbers(faded, left):
    dead = config(hidden=[4], dtype="float32", optimizer="momentum")
    first = Stack(blobs(), seed=1)
    start = first.checkpoint(first.enter(dead))
    start["W1"][2], start["b1"][2] = faded, -1e6
    stack = Stack(blobs(), seed=1)
    member = stack.enter(dead, start)
    stack.train_epoch()
    assert (stack.checkpoint(member)["W1"][2] == left).all()


def test_a_network_beyond_all_memory_is_refused():
    with pytest.raises(ValueError, match="parameters"):
        Stack(blobs()).enter(MLPConfig(hidden=(10**9,)))


def test_gradient_norms_beyond_float64_do_not_depend_on_the_neighbours():
    huge = config(hidden=[4], initialisation="normal", initial_scale=1e100, learning_rate=1e-300)
    clipped = config(hidden=[4], clip_norm=1.0)
    (alone,), _ = train([huge], 1)
    (beside, _), _ = train([huge, clipped], 1)
    assert alone[0]["gradient_norm"] == beside[0]["gradient_norm"] or np.isnan(alone[0]["gradient_norm"])


def test_all_diverge_at_once():
    stack = Stack(blobs(), seed=1)
    members = [
        stack.enter(MLPConfig(hidden=(4,), learning_rate=1e30, optimizer="momentum")) for _ in range(3)
    ]
    while stack.members:
        stack.train_epoch()
    assert {member.status for member in members} == {Status.DIVERGED}
    assert stack.train_epoch() == {}
