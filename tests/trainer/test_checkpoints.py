"""Checkpoints: what is in them, and that going on from one equals never having stopped."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.examples import Job, blobs, line
from tests.trainer.stacks import bounds, config, farthest, mixed, train
from trainer import Stack, mlp
from trainer.optimizers import OPTIMIZERS

COUNTS = {"epoch": (), "best": (), "stale": ()}
LONG = {
    **{"hidden": [9, 7], "batch_size": 16, "learning_rate": 0.02, "l2": 0.01, "weight_decay": 0.01},
    **{"keep_probability": 0.7, "keep_probability_0": 0.9, "clip_norm": 1.0, "patience": 9},
    **{"schedule": "cosine", "decay_horizon": 6, "warmup": 2.5},
}
GO_ON = """
import sys, numpy as np
from tests.trainer.examples import Job, blobs
from trainer import mlp
with np.load(sys.argv[1], allow_pickle=False) as saved:
    job = Job(blobs(), epochs=6, start=2, checkpoint=dict(saved), seed=4)
rows = list(mlp(eval(sys.argv[2]), job))
names = list(rows[0])
np.savez(sys.argv[3], rows=[[row[name] for name in names] for row in rows], names=names, **job.saved)
"""


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


@pytest.mark.parametrize(
    ("optimizer", "own"),
    [
        *((optimizer, {}) for optimizer in OPTIMIZERS),
        ("adam", {"batch_norm": True}),
        ("rmsprop", {"bias_correction": True, "batch_norm": True}),
        ("adam", {"bias_correction": False, "replica": 2}),
        ("nesterov", {"dtype": "float64", "batch_norm": True, "activation": "tanh"}),
        ("adamw", {"dtype": "float64", "batch_size": 1000}),
    ],
    ids=str,
)
def test_going_on_equals_never_having_stopped(tmp_path, optimizer, own):
    """Through a file, bit for bit."""
    wish = {**LONG, "optimizer": optimizer, **own}
    whole, first = Job(blobs(), epochs=6, seed=4), Job(blobs(), epochs=2, seed=4)
    rows, begun = list(mlp(wish, whole)), list(mlp(wish, first))
    np.savez(tmp_path / "c.npz", **first.saved)
    with np.load(tmp_path / "c.npz", allow_pickle=False) as saved:
        second = Job(blobs(), epochs=6, start=2, checkpoint=dict(saved), seed=4)
    assert len(rows) == whole.saves == 6
    assert begun + list(mlp(wish, second)) == rows
    assert set(second.saved) == set(whole.saved)
    assert all(np.array_equal(second.saved[name], whole.saved[name]) for name in whole.saved)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_going_on_in_another_process(tmp_path, dtype):
    wish = {**LONG, "batch_norm": True, "dtype": dtype}
    whole, first = Job(blobs(), epochs=6, seed=4), Job(blobs(), epochs=2, seed=4)
    rows, _ = list(mlp(wish, whole)), list(mlp(wish, first))
    np.savez(tmp_path / "begun.npz", **first.saved)
    command = [sys.executable, "-c", GO_ON, tmp_path / "begun.npz", repr(wish), tmp_path / "ended.npz"]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    with np.load(tmp_path / "ended.npz", allow_pickle=False) as ended:
        assert ended["rows"].tolist() == [[row[name] for name in ended["names"]] for row in rows[2:]]
        assert set(ended) == {*whole.saved, "rows", "names"}
        assert all(np.array_equal(ended[name], x) for name, x in whole.saved.items())


@pytest.mark.parametrize("batch_norm", [False, True])
def test_from_a_padded_stack_on_alone(batch_norm):
    configs = mixed(batch_norm=batch_norm)
    begun, saved = train(configs, 3)
    own = [next(zip(*train([each], 10), strict=True)) for each in configs]
    for k, bound in enumerate(bounds(configs, own, 10)):
        (rest,), (last,) = train([configs[k]], 10, starts=[saved[k]])
        assert farthest(own[k], (begun[k] + rest, last)) <= bound < 1e-8


def test_the_same_stack_goes_on_bit_for_bit():
    configs = mixed(batch_norm=True)
    rows, last = train(configs, 5)
    begun, saved = train(configs, 2)
    rest, ends = train(configs, 5, starts=saved)
    assert [first + second for first, second in zip(begun, rest, strict=True)] == rows
    assert all(
        np.array_equal(x, end[name]) for one, end in zip(last, ends, strict=True) for name, x in one.items()
    )


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
