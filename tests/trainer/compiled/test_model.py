"""A compiled network against the stack in NumPy: the same formulas, the same draws, up to rounding."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from tests.trainer.examples import blobs, bytes_data, line
from tests.trainer.stacks import MIXED, bounds, check_within, config, mixed, skipping, train
from trainer import Dataset, MLPConfig, Stack, Status
from trainer.compiled import epoch as kernels
from trainer.compiled import model as models
from trainer.compiled.model import Model
from trainer.optimizers import OPTIMIZERS

EPOCHS = 4


def compiled(configs, data, epochs=EPOCHS, starts=None):
    """Each model's metrics, epoch by epoch, and its last checkpoint."""
    trained = []
    for each, start in zip(configs, starts or [None] * len(configs), strict=True):
        model = Model(each, data, seed=1, checkpoint=start)
        trained.append(
            ([model.train_epoch() for _ in range(epochs - model.member.epoch)], model.checkpoint())
        )
    return trained


def check(configs, data, most=1e-8):
    in_stack = list(zip(*train(configs, EPOCHS, data=data), strict=True))
    allowed = bounds(configs, in_stack, EPOCHS, data=data)
    check_within(allowed, configs, compiled(configs, data), in_stack, epochs=EPOCHS, most=most)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_with_all_that_a_model_may_have(optimizer, batch_norm):
    check(mixed(optimizer=optimizer, batch_norm=batch_norm), blobs())


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "sigmoid"])
def test_every_activation(activation):
    wishes = [
        config(**{**own, "activation": activation, "initialisation": "he"}, batch_norm=norm)
        for own in MIXED[:2]
        for norm in (False, True)
    ]
    for wish in wishes:
        check([wish], blobs())


@pytest.mark.parametrize("hidden", [[], [1], [9, 1, 7, 3]], ids=str)
def test_any_depth(hidden):
    check([config(hidden=hidden)], blobs())


@pytest.mark.parametrize("batch_size", [1, 2, 89, 90, 1000])
def test_any_batch_size(batch_size):
    check([config(hidden=[5], batch_size=batch_size, keep_probability=0.5)], blobs())


def test_a_last_batch_of_one_with_batch_norm():
    data = blobs()
    size = len(data.x_train) - 1
    check([config(hidden=[5], batch_size=size, batch_norm=True)], data)


def test_quantities():
    check(mixed(weight_decay=0.3, l1=0.1, l2=0.2), line())


@pytest.mark.parametrize("own", [{"l1": 0.3}, {"l2": 0.3}, {"l1": 0.3, "l2": 0.2, "clip_norm": 0.1}], ids=str)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_penalties(own, batch_norm):
    check([config(hidden=[7, 5], batch_norm=batch_norm, keep_probability=0.8, **own)], blobs())


def test_penalties_of_more_weights_than_are_moved_at_a_time():
    """Whose sums are of several blocks; after an epoch, since rounding may decide about a sign later."""
    wish = config(hidden=[90, 70], l1=0.3, l2=0.2)
    row, other = compiled([wish], blobs(), epochs=1)[0][0][0], train([wish], 1)[0][0][0]
    assert row == pytest.approx(other, rel=1e-9)
    assert row["train_cost"] > 1.1 * row["train_loss"]


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_skips(activation, batch_norm):
    check(skipping(activation=activation, batch_norm=batch_norm), blobs())


@pytest.mark.parametrize("data", [blobs(), blobs(classes=2), line()], ids=["three", "two", "quantities"])
def test_smoothed_labels(data):
    check(mixed(label_smoothing=0.2), data)


def test_smoothed_labels_of_one_output():
    check([config(hidden=[5], head="logistic", label_smoothing=0.2)], blobs(classes=2))


@pytest.mark.parametrize("data", [blobs(), bytes_data(), line()], ids=["floats", "bytes", "quantities"])
def test_bins(data):
    check(mixed(number_bins=3), data)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("beta", [0.5, 0.99])
def test_averaged_weights(beta, batch_norm):
    check(mixed(weight_average=beta, batch_norm=batch_norm), blobs())


def test_bytes_are_scaled():
    check(mixed(), bytes_data())


def test_two_classes_by_one_output():
    check([config(hidden=[5], head="logistic")], blobs(classes=2))


def test_float32_is_close():
    wish = config(hidden=[16, 8], dtype="float32", keep_probability=0.5, l2=0.1, clip_norm=0.5)
    ((rows, _),) = compiled([wish], blobs())
    (of_stack,), _ = train([wish], EPOCHS)
    for row, other in zip(rows, of_stack, strict=True):
        assert row["val_loss"] == pytest.approx(other["val_loss"], rel=1e-4)


def test_it_goes_on_from_a_checkpoint_exactly():
    wish = config(hidden=[16, 8], keep_probability=0.5, batch_norm=True)
    ((rows, last),) = compiled([wish], blobs())
    ((_, half),) = compiled([wish], blobs(), epochs=2)
    ((rest, again),) = compiled([wish], blobs(), starts=[half])
    assert rest == rows[2:]
    assert all(np.array_equal(last[name], again[name]) for name in last)


def test_a_checkpoint_stays_as_it_was():
    model = Model(config(hidden=[5]), blobs(), seed=1)
    before = model.checkpoint()
    kept = {name: x.copy() for name, x in before.items()}
    model.train_epoch()
    assert all(np.array_equal(before[name], kept[name]) for name in kept)


def test_stacks_go_on_from_its_checkpoint_and_it_from_theirs():
    wish = config(hidden=[5], keep_probability=0.8)
    ((_, half),) = compiled([wish], blobs(), epochs=2)
    (by_stack,), _ = train([wish], EPOCHS, starts=[half])
    ((by_model, _),) = compiled([wish], blobs(), starts=[half])
    for row, other in zip(by_model, by_stack, strict=True):
        assert row == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("rate", [1e250, 1e20])
def test_what_diverges_is_said(rate):
    model = Model(config(hidden=[5], learning_rate=rate, optimizer="gradient_descent"), blobs(), seed=1)
    for _ in range(20):
        metrics = model.train_epoch()
        if model.member.status is Status.DIVERGED:
            break
    assert np.isnan(list(metrics.values())).all()
    assert tuple(metrics) == tuple(compiled([config(hidden=[5])], blobs(), epochs=1)[0][0][0])


def test_a_large_gradient_is_measured_and_clipped_though_its_squares_overflow():
    wish = config(hidden=[], dtype="float32", head="linear", clip_norm=1.0, optimizer="gradient_descent")
    parts = [each for x, y in line().splits for each in (x * np.float32(1e5), y * 1e17)]
    data = Dataset(*parts, ())
    model, stack = Model(wish, data, seed=1), Stack(data, seed=1)
    member = stack.enter(wish)
    found, other = model.train_epoch(), stack.train_epoch()[member]
    assert 1e19 < found["gradient_norm"] == pytest.approx(other["gradient_norm"], rel=1e-4)


def test_how_calls_are_cut_changes_nothing(monkeypatch):
    wish = config(hidden=[16, 8], keep_probability=0.5)
    whole = compiled([wish], blobs())
    monkeypatch.setattr(models, "_CALL", 1.0)
    ((rows, last),) = compiled([wish], blobs())
    assert rows == whole[0][0]
    assert all(np.array_equal(last[name], whole[0][1][name]) for name in last)


def test_each_dtype_is_compiled_once():
    for dtype in ("float32", "float64"):
        for data in (blobs(), bytes_data(), line()):
            for wish in (config(hidden=[], dtype=dtype), config(dtype=dtype, batch_norm=True)):
                Model(wish, data, seed=1).train_epoch()
    if not os.environ.get("NUMBA_DISABLE_JIT"):
        assert [len(k.signatures) for k in (kernels.train, kernels.evaluate, kernels.flush)] == [2, 2, 2]


def test_other_threads_run_while_it_trains():
    """The kernels let go of Python's lock: another thread counts on during one call."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20_000, 64)).astype(np.float32), rng.integers(0, 3, 20_000)
    data = Dataset(x, y, x[:10], y[:10], x[:10], y[:10], classes=("a", "b", "c"))
    model, seen, over = Model(MLPConfig(hidden=(64,)), data, seed=1), [], threading.Event()

    def count():
        while not over.is_set():
            seen.append(len(seen))

    model.train_epoch()
    thread = threading.Thread(target=count)
    thread.start()
    before = len(seen)
    network, plan, _ = model._layout.training
    order, table = np.arange(20_000), model._of_epoch(1)
    dropout = model._keep, np.zeros((2, 2), np.uint32)
    at = order, 32, 0, 625
    kernels.train(network, plan, model._memory, *model._splits[0], *at, *dropout, table, np.zeros(4))
    assert len(seen) > before
    over.set()
    thread.join()


def test_it_runs_uncompiled():
    """For a debugger, and for coverage: the kernels are Python, too."""
    script = (
        "from tests.trainer.compiled.test_model import *\n"
        "wish = config(hidden=[3], keep_probability=0.5, batch_norm=True, activation='tanh')\n"
        "print(repr(compiled([wish], blobs(), epochs=1)[0][0][0]['val_loss']))"
    )
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
    wish = config(hidden=[3], keep_probability=0.5, batch_norm=True, activation="tanh")
    assert float(done.stdout) == pytest.approx(compiled([wish], blobs(), epochs=1)[0][0][0]["val_loss"])


def test_a_worker_has_one_thread_for_products():
    """The kernels' BLAS is loaded before threads are limited, or it would take all cores."""
    script = (
        "from threadpoolctl import threadpool_info\n"
        "from tests.trainer.examples import Job, blobs\n"
        "from sweeps.execution import SerialExecutor, Workload\n"
        "from trainer import mlp\n"
        "held = SerialExecutor(Workload(mlp, 'val_loss', data=blobs()))\n"
        "list(mlp({}, Job(blobs(), epochs=1)))\n"
        "print({each['num_threads'] for each in threadpool_info() if each['user_api'] == 'blas'})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "{1}\n"


@pytest.mark.parametrize("few", [0, 1000], ids=["drawn", "kept"])
def test_kept_orders_are_those_of_the_seed_and_the_epoch(monkeypatch, few):
    """Of several models at once, which share them; as a stack draws them."""
    monkeypatch.setattr(models, "_FEW", few)
    seeds, wish = (1, 2, 1), config(hidden=[5], batch_size=30)
    several = [Model(wish, blobs(), seed=seed) for seed in seeds]
    trained = list(zip(*([model.train_epoch() for model in several] for _ in range(EPOCHS)), strict=True))
    for seed, rows in zip(seeds, trained, strict=True):
        (of_stack,), _ = train([wish], EPOCHS, seed=seed)
        assert list(rows) == [pytest.approx(row, rel=1e-9) for row in of_stack]
