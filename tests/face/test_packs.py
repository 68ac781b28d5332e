"""Sweeps of trainables that train many models as one: the network, and the example of a user's own."""

import sys
from pathlib import Path

import numpy as np
import pytest

import sweeps
from tests.trainer.examples import blobs
from trainer import MLP, Stack, mlp

torch = pytest.importorskip("torch")

SPACE = {
    "learning_rate": sweeps.LogUniform(1e-3, 3e-2),
    "hidden_units": sweeps.LogIntUniform(4, 16),
    "optimizer": sweeps.Choice(["momentum", "adam"]),
    "epsilon": 1e-2,
    "batch_size": 25,
    "patience": 3,
    "dtype": "float64",
}
EXAMPLES = Path(__file__).parents[2] / "examples"


class Lone(MLP):
    """The network without packs."""

    def pack_key(self, config, run):
        return None


def metrics(result):
    return result.metrics.sort_values(["trial", "epoch"]).set_index(["trial", "epoch"])


def test_the_networks_tables_are_those_of_one_model_at_a_time(serial, tmp_path, monkeypatch):
    """Up to the rounding of sums, as in tests.trainer.stacks; repeats have seeds of their own."""
    sizes, train_epoch = [], Stack.train_epoch
    monkeypatch.setattr(
        Stack, "train_epoch", lambda stack: sizes.append(len(stack.members)) or train_epoch(stack)
    )
    options = {"space": SPACE, "data": blobs(), "trials": 24, "epochs": 9, "device": "torch-cpu"}
    options |= {"scheduler": "random", "finalists": {"top": 2, "seeds": 2}}
    packed = serial(mlp, **options)
    assert max(sizes) > 4
    sizes.clear()
    own = serial(Lone(), **options, out=tmp_path / "own")
    assert max(sizes) == 1
    one, other = metrics(packed), metrics(own)
    assert one.index.equals(other.index)
    assert np.abs(one - other).to_numpy().max() < 1e-8
    columns = ["trial", "config", "status", "repeats", "seed", "best_epoch"]
    assert packed.trials[columns].equals(own.trials[columns])
    assert set(packed.checkpoint()) == set(own.checkpoint())
    for name, array in packed.checkpoint().items():
        assert np.abs(array - own.checkpoint()[name]).max() < 1e-8, name


@pytest.fixture
def vectorised(monkeypatch):
    """The example as a module."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import vectorised

    yield vectorised
    sys.modules.pop("vectorised")


def test_the_example_goes_on_where_it_was_interrupted(vectorised, serial, tmp_path, monkeypatch):
    options = {"space": vectorised.SPACE, "data": vectorised.data(), "trials": 12, "epochs": 9}
    whole = serial(vectorised.train, **options, scheduler="random", out=tmp_path / "whole")
    assert set(whole.trials.status) <= {"completed", "infeasible"}
    epochs, epoch = [], vectorised.Nets.epoch

    def interrupted(nets):
        epochs.append(len(nets.nets))
        if sum(count > 1 for count in epochs) == 5:  # a first job may be over before others come
            raise KeyboardInterrupt
        return epoch(nets)

    with monkeypatch.context() as patched:
        patched.setattr(vectorised.Nets, "epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            serial(vectorised.train, **options, scheduler="random")
    options = {"data": vectorised.data(), "train": vectorised.train, "serial": True, "progress": False}
    resumed = sweeps.resume(tmp_path / "run", **options)
    one, other = metrics(whole), metrics(resumed)
    assert one.index.equals(other.index)
    # 8 updates an epoch, of losses of the size of 1, in stacks of other sizes.
    assert np.abs(one - other).to_numpy().max() < 1e-9
    assert set(resumed.checkpoint()) == {"0.weight", "0.bias", "2.weight", "2.bias"}


def test_a_spec_may_name_the_example(vectorised, in_folder):
    from sweeps.execution import import_trainable

    assert import_trainable("vectorised:train", [EXAMPLES]) is vectorised.train
