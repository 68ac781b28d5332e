"""A network and its data as the kernels take them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.compiled import activations, heads, rules
from trainer.compiled.plan import BEFORE, COLUMNS, Network, Plan, work_plan
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.data.bins import Bins, bins_of
from trainer.data.dataset import Targets
from trainer.data.scaling import Matrix
from trainer.network.architecture import Architecture
from trainer.network.shapes import AVERAGE, moment_shapes


class Layout:
    """Where a network's arrays lie in its memory, for training and for evaluation.

    batch, chunk: examples at a time in the one and in the other.
    """

    def __init__(self, architecture: Architecture, config: MLPConfig, batch: int, chunk: int) -> None:
        widths = architecture.widths([config])
        params, statistics = architecture.params(widths), architecture.statistics(widths)
        self.dtype, self.shapes = architecture.dtype, architecture.state(widths)
        size = sum(map(math.prod, params.values()))
        self._starts = _starts(params, 0)
        for place, symbol in enumerate(architecture.optimizer.symbols, start=2):
            self._starts |= _starts(
                {f"{symbol}.{name}": shape for name, shape in params.items()}, place * size
            )
        # Room for two moments, whatever the optimizer: what reads them names both.
        self._starts |= _starts(statistics, 4 * size)
        remembered = sum(map(math.prod, statistics.values()))
        averages = moment_shapes({**params, **statistics}, (AVERAGE,) if config.averages else ())
        after = 4 * size + remembered
        self._starts |= _starts(averages, after)
        self._state = after + sum(map(math.prod, averages.values()))
        self._known: dict[str, Any] = {
            "activation": activations.NAMES.index(config.activation),
            "head": heads.NAMES.index(type(architecture.head).__name__.lower()),
            "rule": rules.NAMES.index(config.optimizer),
            "batch_norm": config.batch_norm,
            "epsilon": config.batch_norm_epsilon,
            "skip": config.skip,
            "smoothing": config.label_smoothing,
            "parameters": size,
            "penalised": sum(math.prod(shape) for name, shape in params.items() if name.startswith("W")),
            "statistics": remembered,
            "averages": after if averages else 0,
        }
        keeps = config.keep or ()
        self.training = self._plan(widths, tuple(p < 1 for p in keeps), config, batch)
        evaluated = f"{AVERAGE}." if averages else ""
        self.evaluation = self._plan(widths, (False,) * len(keeps), config, chunk, evaluated)
        self._length = max(self.training.end, self.evaluation.end)

    def memory(self, arrays: Mapping[str, NDArray[Any]]) -> Array:
        """Memory with the named arrays in it, and zeros where there is none of a name."""
        memory: Array = np.zeros(self._length, self.dtype)
        for name, view in self._views(memory).items():
            if name in arrays:
                view[...] = arrays[name]
        return memory

    def state(self, memory: Array) -> dict[str, NDArray[Any]]:
        """The parameters, statistics and moments by name, as copies."""
        whole = memory[: self._state].copy()
        return self._views(whole)

    def _views(self, memory: Array) -> dict[str, NDArray[Any]]:
        return {
            name: memory[self._starts[name] : self._starts[name] + math.prod(shape)].reshape(shape)
            for name, shape in self.shapes.items()
        }

    def _plan(
        self,
        widths: tuple[int, ...],
        drops: tuple[bool, ...],
        config: MLPConfig,
        batch: int,
        prefix: str = "",
    ) -> Planned:
        """prefix: of the names of the network's arrays."""
        work, places, end = work_plan(widths, drops, config.batch_norm, config.skip, batch, self._state)
        plan = np.zeros((len(widths), len(COLUMNS)), np.int64)
        plan[:, 0] = widths
        for layer in range(1, len(widths)):
            shift = f"b{layer}" if f"b{layer}" in self._starts else f"gamma{layer}"
            plan[layer, 1:BEFORE] = (
                self._starts[f"{prefix}W{layer}"],
                self._starts[prefix + shift],
                self._starts.get(f"{prefix}mean{layer}", 0),
            )
        for place, name in enumerate(COLUMNS[BEFORE:], start=BEFORE):
            plan[:, place] = work[name]
        return Planned(Network(**self._known, **places), plan, end)


class Planned(NamedTuple):
    """What the kernels are given for one purpose. end: of the memory that it takes."""

    network: Network
    plan: Plan
    end: int


class Split(NamedTuple):
    """One split as the kernels take it; see `trainer.compiled.epoch.train`."""

    pixels: NDArray[np.uint8]
    x: NDArray[np.float32]
    y: NDArray[np.float64]
    factor: NDArray[np.float32]
    offset: NDArray[np.float32]
    weights: NDArray[np.float32]
    bin_feature: NDArray[np.int64]
    bin_low: NDArray[np.float32]
    bin_factor: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        x: Matrix,
        y: Targets,
        factor: NDArray[Any],
        offset: NDArray[Any],
        weights: NDArray[Any] | None = None,
    ) -> Split:
        """x: bytes or floats; the other kind has no column, so that there is one type of call for both."""
        none = x[:, :0]
        pixels, numbers = (x, none) if x.dtype == np.uint8 else (none, x)
        return cls(
            _read_only(pixels, np.uint8),
            _read_only(numbers, np.float32),
            _read_only(y, np.float64),
            _read_only(factor, np.float32),
            _read_only(offset, np.float32),
            _read_only(np.zeros(0) if weights is None else weights, np.float32),
            *cls._binned(Bins.none()),
        )

    @staticmethod
    def _binned(bins: Bins) -> tuple[NDArray[Any], ...]:
        parts = ((bins.feature, np.int64), (bins.low, np.float32), (bins.factor, np.float32))
        return tuple(_read_only(part, dtype) for part, dtype in parts)

    def binned(self, bins: Bins) -> Split:
        """The same with bins."""
        return Split(*self[:-3], *self._binned(bins))


_kept: WeakKeyDictionary[Dataset, list[Split]] = WeakKeyDictionary()


def splits_of(data: Dataset, number_bins: int) -> list[Split]:
    """Train, validation and test, made once for a data set: all trials of a worker learn from the same."""
    if data not in _kept:
        scaling = data.scaling
        scaled = slice(None) if scaling.multiplies or scaling.adds else slice(0)
        # One number for all features may stand beside one for each.
        factor, offset = (x[scaled] for x in np.broadcast_arrays(scaling.factor, scaling.offset))
        weights = (data.weights, None, None)  # in training alone
        splits = zip(data.splits, weights, strict=True)
        _kept[data] = [Split.of(x, y, factor, offset, of_rows) for (x, y), of_rows in splits]
    return [split.binned(bins_of(data, number_bins)) for split in _kept[data]]


def _read_only(x: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Writable and read-only arrays are two types to the compiler; here there is one."""
    view = np.require(x, dtype, ["C", "A"]).view()
    view.flags.writeable = False
    return view


def _starts(shapes: Mapping[str, tuple[int, ...]], at: int) -> dict[str, int]:
    starts = {}
    for name, shape in shapes.items():
        starts[name] = at
        at += math.prod(shape)
    return starts
