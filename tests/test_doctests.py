"""The examples in docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import sweeps.analysis
import sweeps.space
import sweeps.spec

MODULES = [
    "sweeps.errors",
    "trainer.errors",
    "sweeps.sweep.planning.hints",
    "sweeps.screen.figures",
    "sweeps.screen.live.curve",
    "sweeps.sweep.planning.preview",
    "sweeps.face.preview",
    "sweeps.sklearn.candidates",
    "sweeps.sklearn.search",
] + [
    f"{package.__name__}.{found.name}"
    for package in (sweeps.analysis, sweeps.space, sweeps.spec)
    for found in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert not failed
