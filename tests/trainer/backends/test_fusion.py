"""Fused rules, as far as they can be tried without a GPU: where there is no compiler, the rule as it is."""

import shutil

import numpy as np
import pytest

from trainer.optimizers import OPTIMIZERS
from trainer.stack.blocks import descent

torch = pytest.importorskip("torch")
fusion = pytest.importorskip("trainer.backends.fusion")


def numbers(optimizer, models=3):
    draw = torch.Generator().manual_seed(0)
    arrays = {s: torch.rand(models, 50, generator=draw) for s in ("theta", "gradient", *optimizer.symbols)}
    betas = {"step": -0.1, "floor": 1e-8, "beta": 0.9, "beta1": 0.9, "beta2": 0.999}
    return arrays, {name: torch.full((models, 1), value) for name, value in betas.items()}


def moved(apply, optimizer):
    arrays, coefficients = numbers(optimizer)
    moments = {symbol: arrays[symbol] for symbol in optimizer.symbols}
    apply(arrays["theta"], arrays["gradient"], moments, coefficients)
    return [arrays["theta"].numpy(), *(x.numpy() for x in moments.values())]


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_without_a_compiler_the_plain_rule_goes_on(optimizer, monkeypatch):
    def broken(*arguments):
        raise RuntimeError("no compiler")

    fusion.fused_or_plain.cache_clear()
    monkeypatch.setattr(fusion.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(fusion, "fused", lambda rule: broken)
    plain = descent(optimizer.rule)
    apply = fusion.fused_or_plain(plain)
    with pytest.warns(RuntimeWarning, match="not fused, and slower: no compiler"):
        first = moved(apply, optimizer)
    assert all(np.array_equal(a, b) for a, b in zip(first, moved(plain, optimizer), strict=True))
    moved(apply, optimizer)  # no second warning
    fusion.fused_or_plain.cache_clear()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # of its own, in its compiler
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch compiles for the CPU with g++")
def test_a_fused_rule_does_the_same():
    adam = OPTIMIZERS["adam"]
    fused, plain = moved(fusion.fused(descent(adam.rule)), adam), moved(descent(adam.rule), adam)
    # Some ten roundings each of numbers below 2.
    assert all(np.abs(a - b).max() <= 20 * 2.0**-24 for a, b in zip(fused, plain, strict=True))
