"""torch on a GPU: parameters, moments and data stay there, and no step waits for the host.

A step is captured once as a CUDA graph and replayed. All that differs from step to step is read from
arrays on the device by a counter, which is on the device, too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, cast

import torch

from trainer.arrays import Array
from trainer.backends.backend import Index, Rule, Runner
from trainer.backends.fusion import fused_or_plain
from trainer.backends.numpy_backend import run_each
from trainer.backends.torch_backend import TorchBackend

_WARM_UP = 3  # steps before the capture: libraries set up their workspaces in the first ones


class CudaBackend(TorchBackend):
    """See `Backend`. device: "cuda" or "cuda:1". capture: whether steps are recorded and replayed."""

    def __init__(self, device: str, capture: bool = True) -> None:
        self.device = self._torch_device = device
        self.eager = not capture

    def row(self, x: Array, index: Index) -> Array:
        if isinstance(index, int):
            return cast(Array, x[index])
        return cast(Array, cast(Any, x).index_select(0, index)[0])

    def compiled(self, rule: Rule) -> Rule:
        return fused_or_plain(rule)

    def arithmetic(self) -> AbstractContextManager[object]:
        # Streams and graphs are made on the current device, whatever the tensors are on.
        return cast(AbstractContextManager[object], torch.cuda.device(self._torch_device))

    def free_bytes(self) -> int | None:
        free, _ = torch.cuda.mem_get_info(self._torch_device)
        cached = torch.cuda.memory_reserved(self._torch_device) - torch.cuda.memory_allocated(
            self._torch_device
        )
        return int(free + cached)

    def runner(self) -> Runner:
        return run_each if self.eager else _Captured(self._torch_device)


class _Captured:
    """Runs the first steps as they are, then captures one and replays it."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._counter = torch.zeros(1, dtype=torch.int64, device=device)
        self._graph: Any = None

    def __call__(self, step: Callable[[Index], None], first: int, last: int) -> None:
        self._counter.fill_(first)
        if self._graph is None and last - first > _WARM_UP:
            self._warm_up(step)
            first += _WARM_UP
            self._graph = self._capture(step)
        for _ in range(first, last):
            if self._graph is None:
                self._count(step)
            else:
                self._graph.replay()

    def _count(self, step: Callable[[Index], None]) -> None:
        step(self._counter)
        self._counter += 1

    def _warm_up(self, step: Callable[[Index], None]) -> None:
        stream = self._stream()
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UP):
                self._count(step)
        torch.cuda.current_stream(self._device).wait_stream(stream)

    def _capture(self, step: Callable[[Index], None]) -> Any:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self._stream()):
            self._count(step)
        return graph

    def _stream(self) -> Any:
        return torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
