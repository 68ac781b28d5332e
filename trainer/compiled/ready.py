"""Compiles or loads the kernels for one kind of arrays, before anything is trained with them.

python -m trainer.compiled.ready
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import numpy as np

from trainer.arrays import DType
from trainer.compiled.cache import cache_folder, compiling, is_compiled
from trainer.compiled.epoch import evaluate, flush, train
from trainer.compiled.layout import Split
from trainer.compiled.plan import COLUMNS, Network
from trainer.compiled.rules import COEFFICIENTS
from trainer.config import DTYPES


@cache
def make_ready(dtype: str) -> None:
    """Compile the kernels for networks of a dtype, once a machine, or load them, once a process.

    Takes some 10 s or 0.3 s. A process of its own compiles, so that all others load: where one has compiled
    itself, it calls copies of some kernels that round otherwise than those which the entries are kept with.
    """
    if cache_folder() is not None and not is_compiled(dtype):
        command = [sys.executable, "-m", __spec__.name, dtype]
        subprocess.run(command, check=False)  # noqa: S603  # where it fails, we compile
    _load(dtype)


def _load(dtype: str) -> None:
    with compiling(dtype):
        _call(DTYPES[dtype])


def _call(dtype: DType) -> None:
    """Every entry once, with no example and no layer: it has the types of all calls, and nothing to do."""
    memory, keep, none = np.zeros(8, dtype), np.zeros(0, dtype), np.zeros((0, len(COLUMNS)), np.int64)
    network = Network(0, 0, 0, False, 1e-5, False, 0.0, 0, 0, 0, 0, 0, 0, 0, 0)
    split = Split.of(np.zeros((0, 0), np.float32), np.zeros(0), np.zeros(0), np.zeros(0))
    order, keys = np.zeros(0, np.intp), np.zeros((0, 2), np.uint32)
    table, scores = np.zeros((0, len(COEFFICIENTS)), dtype), np.zeros(4)
    flush(memory, 0.0)
    train(network, none, memory, *split, order, 1, 0, 0, keep, keys, table, scores)
    evaluate(network, none, memory, *split[:5], *split[6:], 1, scores, memory[:0].reshape(0, 1))


def main(dtype: str = "") -> None:
    """Compile for networks of a dtype; without one, as for whom waits, in float32, as nearly all are."""
    if not dtype and not is_compiled("float32"):
        print("Compiling the trainer for this machine, once …", flush=True)
    _load(dtype or "float32")


if __name__ == "__main__":
    main(*sys.argv[1:])
