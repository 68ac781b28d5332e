"""torch trains as NumPy does, on the CPU and on a GPU: the same draws, the same numbers up to rounding."""

import pytest

from tests.trainer.examples import blobs, bytes_data, line
from tests.trainer.libraries import ON_TORCH
from tests.trainer.stacks import NO_DROPOUT, bounds, check_within, config, farthest, mixed, train
from trainer.optimizers import OPTIMIZERS

torch = pytest.importorskip("torch")

EPOCHS = 13  # of four updates: more than fifty
STAGGERED = [5, 0, 3, 0, 7, 3, 0, 9]
BATCH_NORM = pytest.mark.parametrize("batch_norm", [True, pytest.param(False, marks=pytest.mark.slow)])
pytestmark = pytest.mark.parametrize("device", ON_TORCH)


def pairs(trained):
    return list(zip(*trained, strict=True))


def check_alike(device, configs, most, **options):
    """Beside the order of sums, exponentials and roots differ: each by a rounding or two, like a sum's."""
    data = options.get("data")
    numpy = pairs(train(configs, EPOCHS, **options))
    tensors = pairs(train(configs, EPOCHS, device=device, **options))
    allowed = bounds(configs, pairs(train(configs, EPOCHS, data=data)), EPOCHS, data=data)
    check_within(allowed, configs, numpy, tensors, epochs=EPOCHS, most=most)


@BATCH_NORM
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_in_float64(device, optimizer, batch_norm):
    check_alike(device, mixed(optimizer=optimizer, batch_norm=batch_norm), 1e-8)


@BATCH_NORM
@pytest.mark.parametrize("optimizer", [pytest.param("nesterov", marks=pytest.mark.slow), "adamw"])
def test_cohorts_of_several_epochs(device, optimizer, batch_norm):
    check_alike(device, mixed(optimizer=optimizer, batch_norm=batch_norm), 1e-8, at=STAGGERED)


@pytest.mark.parametrize("activation", ["leaky_relu", "tanh"])
def test_other_activations(device, activation):
    check_alike(device, mixed(activation=activation), 1e-8)


def test_other_heads(device):
    check_alike(device, mixed(), 1e-8, data=line())
    check_alike(device, mixed(head="logistic", batch_norm=True), 1e-8, data=blobs(classes=2))
    check_alike(device, [config(activation="sigmoid", hidden=[5, 4])], 1e-8)
    check_alike(device, [config(hidden=[], keep_probability_0=0.8), config(hidden=[], clip_norm=0.1)], 1e-8)


def rounded(**own):
    """What float32 does to a model of NumPy's, at the worst: without dropout, whose draws it changes."""
    single, double = (mixed(**NO_DROPOUT, **own, dtype=dtype) for dtype in ("float32", "float64"))
    both = zip(pairs(train(single, EPOCHS)), pairs(train(double, EPOCHS)), strict=True)
    return max(farthest(one, other, smooth=True) for one, other in both)


@pytest.mark.parametrize("at", [None, STAGGERED])
@BATCH_NORM
@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
def test_in_float32(device, optimizer, batch_norm, at):
    """Of two that round differently, each is about as far from what is exact: ten times at the worst."""
    own = {"optimizer": optimizer, "batch_norm": batch_norm}
    numpy, tensors = (
        pairs(train(mixed(dtype="float32", **own), EPOCHS, at=at, device=each)) for each in ("cpu", device)
    )
    allowed = 10 * rounded(**own)
    assert allowed < 1e-3  # else this would show little
    for each, one, other in zip(mixed(**own), numpy, tensors, strict=True):
        assert farthest(one, other, smooth=True) <= allowed, each


@pytest.mark.parametrize("read_only", [False, True])
def test_bytes_are_scaled_alike(device, read_only):
    """Read-only arrays, as another process shares them, give no warning, which would be an error here."""
    check_alike(device, mixed(batch_norm=True), 1e-8, data=bytes_data(read_only))
