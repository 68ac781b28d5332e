"""Minibatches partition the data, in an order of their key's own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainer.epoch.batches import minibatches


@given(st.integers(1, 200), st.integers(1, 250), st.integers(0, 2**70), st.integers(0, 1000))
def test_partition(m, batch_size, seed, epoch):
    batches = list(minibatches(m, batch_size, seed=seed, epoch=epoch))
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    assert 1 <= len(batches[-1]) <= batch_size
    assert sorted(np.concatenate(batches)) == list(range(m))


def test_order_depends_on_seed_and_epoch_alone():
    def order(**key):
        return np.concatenate(list(minibatches(100, 7, **key))).tolist()

    assert order(seed=1, epoch=2) == order(seed=1, epoch=2)
    assert order(seed=1, epoch=2) != order(seed=1, epoch=3)
    assert order(seed=1, epoch=2) != order(seed=2, epoch=2)
