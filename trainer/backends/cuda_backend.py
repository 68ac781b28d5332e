"""torch on a GPU: parameters, moments and data stay there, and a step is one launch.

A step is captured once as a CUDA graph and replayed. All that differs from step to step is read from
arrays on the device by a counter, which is on the device, too; no step waits for the host.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch

from trainer.arrays import Array, DType, Params
from trainer.backends.backend import Draws, Index, Rule
from trainer.backends.torch_backend import TorchBackend
from trainer.randomness import Key, generator_of

_WARM_UP = 3  # steps before the capture: libraries set up their workspaces in the first ones


class CudaBackend(TorchBackend):
    """See `Backend`. device: "cuda" or "cuda:1"."""

    eager = False

    def __init__(self, device: str) -> None:
        self.device = self._torch_device = device
        self._streams: list[Any] = []

    def row(self, x: Array, index: Index) -> Array:
        if isinstance(index, int):
            return cast(Array, x[index])
        return cast(Array, cast(Any, x).index_select(0, index)[0])

    def draws(self, keys: Sequence[Key], dtype: DType) -> Draws:
        # The generators outlive the epoch: a captured step draws from those it was captured with.
        while len(self._streams) < len(keys):
            self._streams.append(torch.Generator(self._torch_device))
        for stream, key in zip(self._streams, keys, strict=False):
            stream.manual_seed(int(generator_of(key).integers(2**63)))
        return _CudaDraws(self._streams, getattr(torch, dtype.__name__), self._torch_device)

    def compiled(self, rule: Rule) -> Rule:
        return fused(rule) if importlib.util.find_spec("triton") else rule

    def runner(self, step: Callable[[Index], None]) -> Callable[[int, int], None]:
        return _Captured(step, self._streams, self._torch_device)


def fused(rule: Rule) -> Rule:
    """The rule as one kernel, which reads and writes each number once. Any number of models will do."""

    def apply(theta: Array, gradient: Array, moments: Params, coefficients: Mapping[str, Array]) -> None:
        # Of a copy the kernel writes nothing back; it is never made.
        rule(theta, cast(Any, gradient).clone(), moments, coefficients)

    return cast(Rule, torch.compile(apply, dynamic=True))


class _CudaDraws:
    def __init__(self, streams: Sequence[Any], dtype: Any, device: str) -> None:
        self._streams, self._dtype, self._device = streams, dtype, device

    def uniform(self, stream: int, batch: Index, layer: int, shape: tuple[int, int]) -> Array:
        options = {"dtype": self._dtype, "device": self._device, "generator": self._streams[stream]}
        return cast(Array, torch.rand(shape, **options))


class _Captured:
    """Runs the first steps as they are, then captures one and replays it."""

    def __init__(self, step: Callable[[Index], None], streams: Sequence[Any], device: str) -> None:
        self._step, self._streams, self._device = step, streams, device
        self._counter = torch.zeros(1, dtype=torch.int64, device=device)
        self._graph: Any = None

    def __call__(self, first: int, last: int) -> None:
        self._counter.fill_(first)
        if self._graph is None and last - first > _WARM_UP:
            self._warm_up()
            first += _WARM_UP
            self._capture()
        for _ in range(first, last):
            if self._graph is None:
                self._count()
            else:
                self._graph.replay()

    def _count(self) -> None:
        self._step(self._counter)
        self._counter += 1

    def _warm_up(self) -> None:
        stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UP):
                self._count()
        torch.cuda.current_stream(self._device).wait_stream(stream)

    def _capture(self) -> None:
        self._graph = torch.cuda.CUDAGraph()
        for stream in self._streams:
            self._graph.register_generator_state(stream)
        with torch.cuda.graph(self._graph):
            self._count()
