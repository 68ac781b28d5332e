"""A model for other programs: as arrays in an .npz, as ONNX, or as a PyTorch module with its state."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.transform import NumberTransform
from trainer.errors import ConfigError, choices
from trainer.model.model import Model


@dataclass(frozen=True, eq=False)
class Inputs:
    """What an exported model takes: (rows − shift) / scale are its networks' inputs.

    name: "rows", as they are in the table, or "inputs", which are preprocessed already: then shift is 0 and
    scale 1. bytes: whether rows are bytes. shift, scale: (features,), float64; scale may be infinite.
    """

    name: str
    bytes: bool
    shift: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, model: Model) -> Inputs:
        features = model.layers[0].weights[0].shape[1]
        known = model.preprocessing.features
        zero, one = np.zeros(features), np.ones(features)
        if not isinstance(known, NumberTransform):
            return cls("inputs", False, zero, one)
        if known.standard is None:
            return cls("rows", known.bytes, zero, one * 255 if known.bytes else one)
        return cls("rows", known.bytes, zero + known.standard.shift, one * known.standard.scale)


def facts(model: Model) -> dict[str, str]:
    """What a reader must know beside the arrays, as texts."""
    config = model.networks[0].config
    return {
        "task": model.task,
        "classes": json.dumps(model.classes, ensure_ascii=False),
        "columns": json.dumps(model.columns, ensure_ascii=False),
        "takes": Inputs.of(model).name,
        "activation": config.activation,
        "head": model.layers[0].head,
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
    """`W1`, `b1`, … of each layer, batch normalisation folded in: A_l = g(A_{l-1} Wᵀ_l + b_l).

    Of an ensemble, `0.W1` and so on. `shift` and `scale` make inputs of rows, `target_shift` and
    `target_scale` quantities of the outputs; `classes` and what else `facts` has are texts.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for number, layers in enumerate(model.layers):
        prefix = f"{number}." if len(model.layers) > 1 else ""
        for layer, (W, b) in enumerate(zip(layers.weights, layers.biases, strict=True), start=1):
            arrays |= {f"{prefix}W{layer}": W, f"{prefix}b{layer}": b}
    inputs, target = Inputs.of(model), model.preprocessing.target
    arrays |= {"shift": inputs.shift, "scale": inputs.scale}
    arrays |= {"target_shift": target.shift, "target_scale": target.scale}
    texts = {**facts(model), "classes": list(model.classes), "columns": list(model.columns)}
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
