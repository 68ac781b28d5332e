"""What a GPU captures once and replays: all that a step reads lies on the device, found by a counter.

No GPU is needed: the steps run on the CPU, counted or replayed kernel by kernel (see `tape`).
"""

import numpy as np
import pytest

from tests.trainer.examples import blobs, line
from tests.trainer.stacks import FOR_TABLES, NO_DROPOUT, UNIT, config, mixed, skipping, train
from trainer import Stack, Status
from trainer.optimizers import OPTIMIZERS

pytest.importorskip("torch")
from tests.trainer.tape import CountedBackend, Tape

EPOCHS = 3
STAGGERED = [1, 0, 2, 0, 1, 2, 0, 0]


@pytest.fixture
def counted(monkeypatch):
    """Trains as a GPU would, with a backend of its own."""

    def run(configs, *, tape, **options):
        backend = CountedBackend(monkeypatch, tape=tape)
        with monkeypatch.context() as patched:
            patched.setattr("trainer.stack.stack.backend_for", lambda device: backend)
            return train(configs, EPOCHS, **options), backend.steps

    return run


def check_same(one, other, unit=UNIT):
    """Bit for bit, but for sums over the epoch: those of 90 losses below 100, in another order."""
    for rows, other_rows in zip(one[0], other[0], strict=True):
        for metrics, same in zip(rows, other_rows, strict=True):
            for name in metrics:
                exactly = not name.startswith("train")
                assert metrics[name] == pytest.approx(same[name], abs=0 if exactly else 90 * 100 * unit), name
    for saved, same in zip(one[1], other[1], strict=True):
        assert all(np.array_equal(x, same[name]) for name, x in saved.items())


@pytest.mark.parametrize("at", [None, STAGGERED])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("tape", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_counted_and_replayed_steps_are_torchs(counted, optimizer, tape, batch_norm, at):
    """Without dropout, which a GPU draws itself. The last batch of 15 is smaller than the others of 25."""
    configs = mixed(**NO_DROPOUT, optimizer=optimizer, batch_norm=batch_norm)
    trained, steps = counted(configs, tape=tape, at=at)
    check_same(trained, train(configs, EPOCHS, at=at, device="torch-cpu"))
    assert ("replayed" in steps) == tape


@pytest.mark.parametrize("tape", [False, True])
@pytest.mark.parametrize("wishes", [mixed(**FOR_TABLES, **NO_DROPOUT), skipping(**FOR_TABLES, **NO_DROPOUT)])
def test_what_tables_need_is_torchs(counted, wishes, tape):
    trained, _ = counted(wishes, tape=tape)
    check_same(trained, train(wishes, EPOCHS, device="torch-cpu"))


@pytest.mark.parametrize("at", [None, STAGGERED])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_replayed_steps_draw_their_own_dropout(counted, batch_norm, at):
    configs = mixed(batch_norm=batch_norm)
    replayed, steps = counted(configs, tape=True, at=at)
    check_same(replayed, counted(configs, tape=False, at=at)[0])
    assert "replayed" in steps


def test_one_step_is_recorded_for_all_epochs_of_a_lineup(counted):
    _, steps = counted([config(), config(l2=0.1)], tape=True)
    assert steps == ["run"] + ["replayed"] * (3 * EPOCHS - 1)  # three full batches an epoch


OTHERS = {
    "one batch": ({"batch_size": 10_000}, blobs()),
    "no smaller batch": ({"batch_size": 30}, blobs()),
    "single examples": ({"batch_size": 1}, blobs(20)),
    "sigmoid": ({"activation": "sigmoid"}, blobs()),
    "leaky relu": ({"activation": "leaky_relu"}, blobs()),
    "tanh": ({"activation": "tanh"}, blobs()),
    "no hidden layer": ({"hidden": []}, blobs()),
    "logistic": ({"head": "logistic"}, blobs(classes=2)),
    "linear": ({}, line()),
    "float32": ({"dtype": "float32"}, blobs()),
}


@pytest.mark.parametrize("other", OTHERS)
def test_other_networks_and_batches(counted, other):
    own, data = OTHERS[other]
    wish = config(**{"hidden": [5], "clip_norm": 1.0, "l2": 0.1, "weight_decay": 0.1, **own})
    trained, _ = counted([wish], tape=True, data=data)
    unit = UNIT if wish.dtype == "float64" else 2.0**-24
    check_same(trained, train([wish], EPOCHS, data=data, device="torch-cpu"), unit)


def test_dropout_on_the_device_keeps_what_it_should(counted):
    """Its draws are others, so it is the share of kept inputs that is compared: without learning, by loss."""
    still = {"learning_rate": 1e-300, "hidden": [], "batch_size": 50, "initialisation": "normal"}
    wish = config(**still, initial_scale=1.0, keep_probability_0=0.5)
    (rows, _), _ = counted([wish], tape=True, data=blobs(1000))
    own, _ = train([wish], EPOCHS, data=blobs(1000))
    losses = [[row["train_loss"] for row in each[0]] for each in (rows, own)]
    assert len(set(losses[0])) == EPOCHS  # each epoch has its own draws
    # The mean of 3000 losses, whose deviation is of the size of their mean: five standard errors.
    assert np.mean(losses[0]) == pytest.approx(np.mean(losses[1]), rel=5 * np.sqrt(2 / 3000))


def test_divergence_is_seen_after_the_epoch(monkeypatch):
    backend = CountedBackend(monkeypatch, tape=True)
    with monkeypatch.context() as patched:
        patched.setattr("trainer.stack.stack.backend_for", lambda device: backend)
        stack = Stack(blobs(3000), seed=1)
    calm, wild = stack.enter(config(hidden=[4])), stack.enter(config(hidden=[9], learning_rate=1e250))
    metrics = stack.train_epoch()
    assert (calm.status, wild.status, stack.members) == (Status.TRAINING, Status.DIVERGED, (calm,))
    assert np.isnan(list(metrics[wild].values())).all()
    together = [metrics[calm], stack.train_epoch()[calm]]
    alone = train([config(hidden=[4])], 2, data=blobs(3000), device="torch-cpu")[0][0]
    for one, other in zip(together, alone, strict=True):
        # 240 updates of sums in another order; three digits are left beyond what rounding takes.
        assert one == pytest.approx(other, abs=1e-9)


def test_the_tape_refuses_the_host():
    import torch

    x = torch.ones(3)
    for asks in (lambda: x.sum().item(), lambda: bool(x[0] > 0), lambda: torch.tensor([1.0]), x.nonzero):
        with pytest.raises(AssertionError), Tape():
            asks()
