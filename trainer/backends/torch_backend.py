"""torch on the CPU."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.arrays import Array, DType
from trainer.backends.backend import Index, Rule, Runner
from trainer.backends.numpy_backend import run_each


class TorchBackend:
    """See `Backend`."""

    device = "torch-cpu"
    block: int | None = None
    eager = True
    _torch_device = "cpu"

    def array(self, x: NDArray[Any], dtype: DType | type[np.int64] | None = None) -> Array:
        host = np.ascontiguousarray(x, dtype)
        with warnings.catch_warnings():
            # Ray's arrays are read-only. Nothing writes to data, which is all that is not copied.
            warnings.filterwarnings("ignore", message=".*not writable.*")
            tensor: Any = torch.from_numpy(host).to(self._torch_device)
        return cast(Array, tensor)

    def numpy(self, x: Array) -> NDArray[Any]:
        return np.array(cast(Any, x).cpu().numpy())  # NumPy deprecates asking the tensor itself

    def cast(self, x: Array, dtype: DType) -> Array:
        return cast(Array, cast(Any, x).to(getattr(torch, dtype.__name__)))

    def copy(self, x: Array, dtype: DType) -> Array:
        return cast(Array, cast(Any, x).to(getattr(torch, dtype.__name__), copy=True))

    def like(self, x: Array, shape: tuple[int, ...]) -> Array:
        return cast(Array, cast(Any, x).new_zeros(shape))

    def rows(self, x: Array, indices: Array) -> Array:
        return cast(Array, cast(Any, x).index_select(0, indices))

    def row(self, x: Array, index: Index) -> Array:
        row: Array = x[index]
        return row

    def compiled(self, rule: Rule) -> Rule:
        return rule

    def arithmetic(self) -> AbstractContextManager[object]:
        return nullcontext()

    def free_bytes(self) -> int | None:
        return None

    def runner(self) -> Runner:
        return run_each
