"""How many threads a trainable's libraries use."""

import os

import pytest
from threadpoolctl import threadpool_info

from sweeps.execution import limited_threads


def blas_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_blas_and_torch_use_as_many_as_are_said_and_then_as_before():
    torch = pytest.importorskip("torch")
    before = blas_threads(), torch.get_num_threads()
    for threads in (1, 2):
        with limited_threads(threads):
            assert blas_threads() == {min(threads, os.cpu_count())}
            assert torch.get_num_threads() == threads
    assert (blas_threads(), torch.get_num_threads()) == before


def test_a_serial_sweep_has_the_threads_of_its_cpus(serial, tmp_path):
    def train(config, run):
        return {"val_loss": config["x"], "threads": max(blas_threads())}

    for options, threads in (
        ({}, 1),
        (
            {
                "resources": {"cpus": 2},
            },
            min(2, os.cpu_count()),
        ),
    ):
        found = serial(train, space={"x": 1}, trials=1, out=tmp_path / str(threads), **options)
        assert set(found.metrics["threads"]) == {threads}
