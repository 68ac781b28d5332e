"""Which networks make an ensemble: those that lower the validation loss of the mean."""

import numpy as np
import pytest

from tests.trainer.examples import Job, blobs, line
from trainer import mlp
from trainer.model.trained import trained_model


def trained(data, configs, epochs=6):
    found = []
    for seed, config in enumerate(configs):
        job = Job(data, epochs=epochs, seed=seed)
        list(mlp(config, job))
        found.append((config, job.saved))
    return sorted(found, key=lambda one: loss(data, [one]))


def loss(data, models):
    return trained_model(data, models, {}).about["metrics"]["val_loss"]


@pytest.mark.parametrize("data", [blobs(), blobs(classes=2), line()], ids=["three", "two", "quantities"])
def test_each_member_lowers_the_loss_and_no_other_would(data):
    candidates = trained(data, [{"hidden": [4], "learning_rate": rate} for rate in (0.003, 0.01, 0.03, 0.1)])
    chosen = mlp.members(data, candidates)
    assert chosen[0] == 0
    assert len(set(chosen)) == len(chosen)
    losses = [loss(data, [candidates[place] for place in chosen[: n + 1]]) for n in range(len(chosen))]
    assert losses == sorted(losses, reverse=True)
    for left in set(range(len(candidates))) - set(chosen):
        assert loss(data, [candidates[place] for place in (*chosen, left)]) >= losses[-1]


def test_one_that_is_much_worse_stays_outside():
    data = blobs()
    good = trained(data, [{"hidden": [8], "learning_rate": 0.03}] * 2, epochs=15)
    bad = ({"hidden": [8]}, {name: 20 * x if name == "W1" else -x for name, x in good[0][1].items()})
    assert 2 not in mlp.members(data, [*good, bad])


def test_of_one_there_is_one():
    data = blobs()
    assert mlp.members(data, trained(data, [{"hidden": [3]}])) == [0]


def test_it_is_the_same_wherever_it_is_asked():
    data = blobs()
    candidates = trained(data, [{"hidden": [4]}] * 3)
    assert mlp.members(data, candidates) == mlp.members(data, candidates)
    assert np.isfinite(loss(data, candidates))
