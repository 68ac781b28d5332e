"""On a GPU, where one is asked for (see `libraries`): a captured step does what it does uncaptured."""

import pytest

from tests.trainer.examples import blobs
from tests.trainer.libraries import GPUS
from tests.trainer.stacks import FOR_TABLES, bounds, check_within, mixed, skipping, train
from trainer.optimizers import OPTIMIZERS

pytest.importorskip("torch")
from trainer.backends import cuda_backend

EPOCHS, STEPS = 3, 12  # of 300 examples, 25 a step: the captured step is replayed
STAGGERED = [1, 0, 2, 0, 1, 2, 0, 0]


@pytest.mark.parametrize("device", GPUS)
@pytest.mark.parametrize("at", [None, STAGGERED])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_captured_step_is_the_plain_one(device, optimizer, batch_norm, at, monkeypatch):
    """A product may be summed in another order in a captured step, so up to that."""
    configs, options = mixed(optimizer=optimizer, batch_norm=batch_norm), {"data": blobs(300), "at": at}
    check_captured(configs, options, device, monkeypatch)


@pytest.mark.parametrize("device", GPUS)
def test_so_it_is_with_what_tables_need(device, monkeypatch):
    for wishes in (mixed(**FOR_TABLES), skipping(**FOR_TABLES, batch_norm=True)):
        check_captured(wishes, {"data": blobs(300)}, device, monkeypatch)


def check_captured(configs, options, device, monkeypatch):
    captured = list(zip(*train(configs, EPOCHS, device=device, **options), strict=True))
    with monkeypatch.context() as patched:
        patched.setattr(cuda_backend, "_WARM_UP", 1 << 30)  # so many steps before a capture never come
        plain = list(zip(*train(configs, EPOCHS, device=device, **options), strict=True))
    on_numpy = list(zip(*train(configs, EPOCHS, data=blobs(300)), strict=True))
    allowed = bounds(configs, on_numpy, EPOCHS, steps=STEPS, data=blobs(300))
    check_within(allowed, configs, plain, captured, epochs=EPOCHS, most=1e-7)
    check_within(allowed, configs, on_numpy, captured, epochs=EPOCHS, most=1e-7)
