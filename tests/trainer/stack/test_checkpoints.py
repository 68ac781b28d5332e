"""Checkpoints: what is in them, whose they are, and that they stay as they are."""

from itertools import pairwise

import numpy as np
import pytest

from tests.trainer.examples import blobs, line
from tests.trainer.libraries import DEVICES
from tests.trainer.stacks import config, mixed, train
from trainer import Stack
from trainer.optimizers import OPTIMIZERS

COUNTS = {"epoch": (), "best": (), "stale": ()}


def expected_shapes(widths, batch_norm, symbols):
    params, statistics = {}, {}
    for layer, (n_in, n_out) in enumerate(pairwise(widths), start=1):
        params[f"W{layer}"] = (n_out, n_in)
        if not batch_norm or layer == len(widths) - 1:
            params[f"b{layer}"] = (n_out, 1)
        else:
            params |= {f"gamma{layer}": (n_out, 1), f"beta{layer}": (n_out, 1)}
            statistics |= {f"mean{layer}": (n_out, 1), f"variance{layer}": (n_out, 1)}
    moments = {f"{symbol}.{name}": shape for symbol in symbols for name, shape in params.items()}
    return {**params, **statistics, **moments}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_names_and_shapes_at_the_models_own_widths(optimizer, batch_norm, dtype):
    configs = mixed(optimizer=optimizer, batch_norm=batch_norm, dtype=dtype)
    for each, saved in zip(configs, train(configs, 2)[1], strict=True):
        own = expected_shapes((6, *each.hidden, 3), batch_norm, OPTIMIZERS[optimizer].symbols)
        assert {name: x.shape for name, x in saved.items()} == {**own, **COUNTS}
        assert {saved[name].dtype.name for name in own} == {dtype}
        assert int(saved["epoch"]) == 2
        assert all(type(x) is np.ndarray and x.dtype != object for x in saved.values())


@pytest.mark.parametrize("batch_norm", [False, True])
def test_before_the_first_update(batch_norm):
    stack = Stack(line(), seed=1)
    saved = stack.checkpoint(stack.enter(config(hidden=[], batch_norm=batch_norm)))
    assert {name: x.shape for name, x in saved.items()} == {
        **expected_shapes((6, 1), batch_norm, "mv"),
        **COUNTS,
    }
    assert (int(saved["epoch"]), int(saved["stale"]), float(saved["best"])) == (0, 0, np.inf)


def test_later_epochs_do_not_change_a_checkpoint():
    stack = Stack(blobs(), seed=1)
    member = stack.enter(config(batch_norm=True))
    for device_like in range(3):
        saved = stack.checkpoint(member)
        copies = {name: x.copy() for name, x in saved.items()}
        stack.train_epoch()
        assert all(np.array_equal(saved[name], x) for name, x in copies.items()), device_like
        assert not np.array_equal(saved["W1"], stack.checkpoint(member)["W1"])


def test_a_stack_does_not_change_the_checkpoint_it_goes_on_from():
    (saved,) = train([config()], 1)[1]
    copies = {name: x.copy() for name, x in saved.items()}
    for x in saved.values():
        x.flags.writeable = False
    train([config()], 3, starts=[saved])
    assert all(np.array_equal(saved[name], x) for name, x in copies.items())


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"hidden": [5]}, r"W1 is of shape \(4, 6\), not \(5, 6\)"),
        ({"hidden": [4, 4]}, r"W2 is of shape \(3, 4\), not \(4, 4\)"),
        ({"hidden": [4], "optimizer": "rmsprop"}, r"S.W1 is missing, not \(4, 6\)"),
        ({"hidden": [4], "optimizer": "nesterov"}, "m.W1 is none of this one's arrays"),
        ({"hidden": [4], "optimizer": "gradient_descent"}, "m.W1 is none of this one's arrays"),
        ({"hidden": [4], "batch_norm": True}, r"gamma1 is missing, not \(4, 1\)"),
    ],
    ids=str,
)
def test_another_networks_is_refused_by_the_arrays_name(other, says):
    (saved,) = train([config(hidden=[4])], 1)[1]
    stack = Stack(blobs())
    with pytest.raises(ValueError, match=f"the checkpoint is another network's: {says}"):
        stack.enter(config(**other), saved)
    assert stack.members == ()


@pytest.mark.parametrize("name", ["W2", "b1", "v.b2", "epoch", "best", "stale"])
def test_a_checkpoint_with_a_piece_missing(name):
    (saved,) = train([config(hidden=[4])], 1)[1]
    del saved[name]
    with pytest.raises(ValueError, match=f"{name} is missing"):
        Stack(blobs()).enter(config(hidden=[4]), saved)


@pytest.mark.parametrize("device", DEVICES)
def test_all_at_once_are_each_ones_own(device):
    stack = Stack(blobs(), seed=1, device=device)
    members = [stack.enter(each) for each in mixed(batch_norm=True)]
    for _ in range(2):
        found = stack.checkpoints()
        assert set(found) == set(members)
        for member in members:
            own = stack.checkpoint(member)
            assert set(found[member]) == set(own)
            assert all(np.array_equal(found[member][name], x) for name, x in own.items())
        stack.train_epoch()
