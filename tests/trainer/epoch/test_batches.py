"""Minibatches: every example once an epoch, in an order of the epoch's own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainer.epoch.batches import batch_count, epoch_order


@given(st.integers(1, 200), st.integers(1, 250), st.integers(0, 2**70), st.integers(0, 1000))
def test_every_example_is_in_one_batch(m, batch_size, seed, epoch):
    order, count = epoch_order(m, seed=seed, epoch=epoch), batch_count(m, batch_size)
    batches = [order[i * batch_size : (i + 1) * batch_size] for i in range(count)]
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (count - 1)
    assert 1 <= len(batches[-1]) <= batch_size
    assert sorted(np.concatenate(batches)) == list(range(m))


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_batches_of_one_and_of_all(m, more):
    assert batch_count(m, 1) == m
    assert batch_count(m, m + more) == 1
    assert batch_count(m + 1, m) == 2


def test_order_depends_on_seed_and_epoch_alone():
    def order(**key):
        return epoch_order(100, **key).tolist()

    assert order(seed=1, epoch=2) == order(seed=1, epoch=2)
    assert order(seed=1, epoch=2) != order(seed=1, epoch=3)
    assert order(seed=1, epoch=2) != order(seed=2, epoch=2)


def test_every_place_is_as_likely_for_every_example():
    epochs = 2000
    first = np.array([epoch_order(5, seed=0, epoch=epoch)[0] for epoch in range(epochs)])
    # A count of 2,000 draws at 1/5 has the deviation √(2000 · ⅕ · ⅘) = 18: five of them.
    assert (np.abs(np.bincount(first, minlength=5) - epochs / 5) < 5 * 18).all()
