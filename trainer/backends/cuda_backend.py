"""torch on a GPU: parameters, moments and data stay there, and no step waits for the host.

A step is captured once as a CUDA graph and replayed. All that differs from step to step is read from
arrays on the device by a counter, which is on the device, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

import torch

from trainer.arrays import Array, DType
from trainer.backends.backend import Draws, Index, Rule, Runner
from trainer.backends.fusion import fused_or_plain
from trainer.backends.torch_backend import TorchBackend
from trainer.randomness import Key, generator_of

_WARM_UP = 3  # steps before the capture: libraries set up their workspaces in the first ones


class CudaBackend(TorchBackend):
    """See `Backend`. device: "cuda" or "cuda:1". Draws are the GPU's own, others than NumPy's."""

    eager = False

    def __init__(self, device: str) -> None:
        self.device = self._torch_device = device
        self._generators = Generators(device)

    def row(self, x: Array, index: Index) -> Array:
        if isinstance(index, int):
            return cast(Array, x[index])
        return cast(Array, cast(Any, x).index_select(0, index)[0])

    def draws(self, keys: Sequence[Key], dtype: DType) -> Draws:
        self._generators.seed(keys)
        return _CudaDraws(self._generators, getattr(torch, dtype.__name__), self._torch_device)

    def compiled(self, rule: Rule) -> Rule:
        return fused_or_plain(rule)

    def arithmetic(self) -> AbstractContextManager[object]:
        # Streams and graphs are made on the current device, whatever the tensors are on.
        return cast(AbstractContextManager[object], torch.cuda.device(self._torch_device))

    def runner(self) -> Runner:
        return _Captured(self._generators, self._torch_device)


class Generators:
    """One generator for each stream and layer, so that no layer's draws depend on another's.

    They outlive the epoch: a captured step draws from those that it was captured with.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._keys: Sequence[Key] = ()
        self._made: dict[tuple[int, int], Any] = {}

    def seed(self, keys: Sequence[Key]) -> None:
        """Begin an epoch. keys: one for each stream."""
        self._keys = keys
        for at in self._made:
            self._seed(*at)

    def at(self, stream: int, layer: int) -> Any:
        if (stream, layer) not in self._made:
            self._made[stream, layer] = torch.Generator(self._device)
            self._seed(stream, layer)
        return self._made[stream, layer]

    def all(self) -> list[Any]:
        return list(self._made.values())

    def _seed(self, stream: int, layer: int) -> None:
        if stream < len(self._keys):
            seed = generator_of((*self._keys[stream], layer)).integers(2**63)
            self._made[stream, layer].manual_seed(int(seed))


class _CudaDraws:
    def __init__(self, generators: Generators, dtype: Any, device: str) -> None:
        self._generators, self._dtype, self._device = generators, dtype, device

    def uniform(self, stream: int, batch: Index, layer: int, shape: tuple[int, int]) -> Array:
        options = {"dtype": self._dtype, "device": self._device}
        return cast(Array, torch.rand(shape, generator=self._generators.at(stream, layer), **options))


class _Captured:
    """Runs the first steps as they are, then captures one and replays it."""

    def __init__(self, generators: Generators, device: str) -> None:
        self._generators, self._device = generators, device
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
        for generator in self._generators.all():
            graph.register_generator_state(generator)
        with torch.cuda.graph(graph, stream=self._stream()):
            self._count(step)
        return graph

    def _stream(self) -> Any:
        return torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
