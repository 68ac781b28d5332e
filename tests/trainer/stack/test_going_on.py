"""Going on from a checkpoint equals never having stopped."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.examples import Job, blobs
from tests.trainer.stacks import bounds, farthest, mixed, train
from trainer import mlp
from trainer.optimizers import OPTIMIZERS

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
    subprocess.run(command, check=True, cwd=Path(__file__).parents[3])
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
