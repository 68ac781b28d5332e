"""A model for other programs: as arrays in an .npz, as ONNX, or as a PyTorch module with its state."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.columns import TableTransform
from trainer.data.columns.number import Number
from trainer.data.transform import NumberTransform
from trainer.errors import ConfigError, choices
from trainer.model.kinds import dense_layers
from trainer.model.model import Model


@dataclass(frozen=True, eq=False)
class Inputs:
    """How an exported model's networks get their inputs, where it takes one matrix.

    name: "rows", which are raw, or "inputs", which are preprocessed already, of a table that has more than
    numbers. bytes: whether rows are bytes. With gaps = isnan(rows), the inputs are::

        x = (where(gaps, fill, rows) - shift) / scale
        hstack([x, gaps[:, missing]])[:, order]

    fill, shift, scale: (columns,), float64; scale may be infinite, fill NaN. missing: columns of which a
    feature says where they are missing. order: of the features.
    """

    name: str
    bytes: bool
    shift: NDArray[np.float64]
    scale: NDArray[np.float64]
    fill: NDArray[np.float64]
    missing: NDArray[np.int64]
    order: NDArray[np.int64]

    @classmethod
    def of(cls, model: Model) -> Inputs:
        known = model.preprocessing.features
        features = math.prod(known.shape)
        if isinstance(known, TableTransform) and all(isinstance(each, Number) for each in known.encoders):
            return cls._of_numbers([each for each in known.encoders if isinstance(each, Number)])
        if not isinstance(known, NumberTransform):
            return cls._scaled("inputs", False, np.zeros(features), np.ones(features))
        zero, one = np.zeros(features), np.ones(features)
        if known.standard is None:
            return cls._scaled("rows", known.bytes, zero, one * 255 if known.bytes else one)
        return cls._scaled("rows", known.bytes, zero + known.standard.shift, one * known.standard.scale)

    @classmethod
    def _scaled(cls, name: str, bytes: bool, shift: NDArray[Any], scale: NDArray[Any]) -> Inputs:
        columns = len(shift)
        nothing = np.zeros(0, np.int64)
        return cls(name, bytes, shift, scale, np.full(columns, np.nan), nothing, np.arange(columns))

    @classmethod
    def _of_numbers(cls, encoders: Sequence[Number]) -> Inputs:
        missing = [at for at, each in enumerate(encoders) if each.missing]
        order: list[int] = []
        for at, each in enumerate(encoders):
            order += [at, len(encoders) + missing.index(at)] if each.missing else [at]
        shift, scale, fill = (
            np.array([getattr(each, name) for each in encoders], np.float64)
            for name in ("shift", "scale", "fill")
        )
        return cls("rows", False, shift, scale, fill, np.array(missing, np.int64), np.array(order))


def facts(model: Model) -> dict[str, str]:
    """What a reader must know beside the arrays, as texts; where networks differ, a JSON list of theirs."""
    networks = [network_facts(model, number) for number in range(len(model.networks))]
    each = {name: [of[name] for of in networks] for name in networks[0]}
    return {
        "task": model.task,
        "classes": json.dumps(model.classes, ensure_ascii=False),
        "columns": json.dumps(model.columns, ensure_ascii=False),
        **{name: of[0] if len(set(of)) == 1 else json.dumps(of) for name, of in each.items()},
    }


def network_facts(model: Model, number: int) -> dict[str, str]:
    """The part that is a network's own."""
    config = model.networks[number].config
    return {
        "activation": config.activation,
        "head": model.layers[number].head,
        "skip": str(config.skip).lower(),
    }


def export(model: Model, kind: str, path: Path) -> None:
    """Write a model for other programs.

    Args:
        model: To be written.
        kind: "onnx", "torch" or "npz".
        path: The file. With "torch", a module of the same name that ends in .py is written beside it.

    Raises:
        ConfigError: There is no such kind, or a package is missing.
        OSError: The file cannot be written.
    """
    if kind not in KINDS:
        raise ConfigError("to", kind, "is no format that a model can be exported to", choices(KINDS, kind))
    KINDS[kind](model, path)


def _npz(model: Model, path: Path) -> None:
    """`W1`, `b1`, … of each layer, batch normalisation folded in: A_l = g(A_{l-1} Wᵀ_l + b_l), to which
    hidden layers but the first add A_{l-1} where `skip` is true. Where there is a `bin_low`, behind the
    inputs x stands clip((x[:, bin_feature] - bin_low) * bin_factor, 0, 1) in A_0.

    Of an ensemble, `0.W1`, `0.activation` and so on. `shift`, `scale`, `fill`, `missing` and `order` make
    inputs of rows, as `Inputs` says, `target_shift` and `target_scale` quantities of the outputs; what
    `network_facts` has are texts.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for number, each in enumerate(model.layers):
        prefix, layers = f"{number}." if len(model.layers) > 1 else "", dense_layers(each, "npz")
        for layer, (W, b) in enumerate(zip(layers.weights, layers.biases, strict=True), start=1):
            arrays |= {f"{prefix}W{layer}": W, f"{prefix}b{layer}": b}
        bins = layers.bins.arrays()
        if bins:
            bins["bin_feature"] = layers.bins.feature
        arrays |= {f"{prefix}{name}": array for name, array in bins.items()}
        own = {f"{prefix}{name}": text for name, text in network_facts(model, number).items()}
        arrays |= {name: np.array(text, dtype=np.str_) for name, text in own.items()}
    inputs, target = Inputs.of(model), model.preprocessing.target
    arrays |= {name: getattr(inputs, name) for name in ("shift", "scale", "fill", "missing", "order")}
    arrays |= {"target_shift": target.shift, "target_scale": target.scale}
    texts = {"task": model.task, "classes": list(model.classes), "columns": list(model.columns)}
    arrays |= {name: np.array(text, dtype=np.str_) for name, text in texts.items()}
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def _onnx(model: Model, path: Path) -> None:
    from trainer.model.onnx_export import onnx_model

    path.write_bytes(onnx_model(model))


def _torch(model: Model, path: Path) -> None:
    from trainer.model.torch_export import module_source, save_state

    save_state(model, path)
    path.with_suffix(".py").write_text(module_source(model), encoding="utf-8")


KINDS: Mapping[str, Callable[[Model, Path], None]] = {"onnx": _onnx, "torch": _torch, "npz": _npz}
