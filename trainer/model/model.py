"""A trained network, or several that are averaged, with all that lies between it and raw rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.config import MLPConfig
from trainer.convolution.forward import ConvolutionLayers
from trainer.data.bins import bins_of
from trainer.data.dataset import Dataset, Task
from trainer.data.preprocessing import Preprocessing
from trainer.data.raw import needed_columns, raw_features
from trainer.data.read.columns import Columns
from trainer.data.read.source import Features
from trainer.errors import DataError, Unusable
from trainer.model.forward import Arrays, Layers, probabilities
from trainer.model.kinds import DENSE, all_shapes, layers_of, parsed, shapes_of
from trainer.network.shapes import AVERAGE

_BLOCK = 8192  # rows at a time, so that nothing of all rows but the answer is held in memory


@dataclass(frozen=True, eq=False)
class Network:
    """config: as it was trained. arrays: its parameters and statistics, named by trainer.network.shapes."""

    config: MLPConfig
    arrays: Arrays


@dataclass(frozen=True, eq=False)
class Model:
    """What a winner is saved as. It needs NumPy alone, and gives the same anywhere up to float rounding.

    Args:
        networks: One, or several that make an ensemble: the probabilities or quantities are their means.
        preprocessing: How raw rows become inputs; of all networks.
        about: What is known of it, in what JSON can hold: see `trainer.model.card`.

    Raises:
        ValueError: The arrays are not those of such networks.

    Example:
        ::

            model = sweeps.load("runs/sweep").model()
            model.predict(pd.read_csv("new.csv"))  # the classes' names, or quantities
            model.predict_proba("new.csv")  # (rows, classes), in the order of model.classes
    """

    networks: tuple[Network, ...]
    preprocessing: Preprocessing
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.networks:
            raise ValueError("a model has one network at least")
        for network in self.networks:
            _check_arrays(network, self.preprocessing)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names, in the order of `predict_proba`; () for quantities."""
        return self.preprocessing.classes

    @property
    def task(self) -> Task:
        return "classification" if self.classes else "regression"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table of rows must have; () where the model was trained on an array."""
        return needed_columns(self.preprocessing.features)

    @cached_property
    def layers(self) -> tuple[Layers | ConvolutionLayers, ...]:
        """Each network, ready to predict."""
        return tuple(layers_of(each.config, each.arrays, self.preprocessing) for each in self.networks)

    def predict(self, rows: Any) -> NDArray[Any]:
        """The likeliest class of each row by its name, or its quantity in the target's own unit.

        Args:
            rows: As they are: a pandas DataFrame or a pyarrow Table with the columns of the training table,
                the path of a .csv, .parquet or .npz file, or an array with a row per example. The target's
                column may be absent, and columns that the model does not know are ignored.

        Returns:
            Shape (m,): text as the labels were written, or float64.

        Raises:
            DataError: The rows cannot be read, or lack a feature.
        """
        found = self._answers(rows)
        return found if not self.classes else np.array(self.classes, object)[found.argmax(axis=1)]

    def predict_proba(self, rows: Any) -> NDArray[np.float64]:
        """The probability of each class, (m, classes), in the order of `classes`.

        Raises `DataError` as `predict` does, and where the model predicts quantities.
        """
        if not self.classes:
            rule = "has no probabilities: the model predicts quantities"
            raise DataError("predict_proba", self.preprocessing.target_name, rule, "use predict")
        return self._answers(rows)

    def inputs(self, rows: Any) -> NDArray[np.float32]:
        """What the networks see of some rows, (m, features). Raises `DataError` as `predict` does."""
        return np.concatenate([*self._inputs(rows)])

    def outputs(self, rows: Any) -> NDArray[np.float64]:
        """What each network gives before its head makes probabilities of it, (networks, m, outputs)."""
        blocks = [[each.outputs(x) for each in self.layers] for x in self._inputs(rows)]
        return np.concatenate([np.stack(block).astype(np.float64) for block in blocks], axis=1)

    def answers(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """From rows as a network sees them: probabilities, (m, classes), or what it learned to give, (m,)."""
        outputs = (each.outputs(inputs) for each in self.layers)
        if self.classes:
            return _mean(probabilities(each.head, Z) for each, Z in zip(self.layers, outputs, strict=True))
        return _mean(Z[:, 0].astype(np.float64) for Z in outputs)

    def save(self, folder: str | Path) -> None:
        """Write a folder with the parameters, `model.json` and a model card, whole or not at all.

        A model that was saved there is replaced. Raises `DataError` where the folder holds anything else,
        be it beside a model.
        """
        from trainer.model.files import save_model

        save_model(self, Path(folder))

    def _answers(self, rows: Any) -> NDArray[np.float64]:
        found = np.concatenate([self.answers(x) for x in self._inputs(rows)])
        return found if self.classes else self.preprocessing.quantities(found)

    def _inputs(self, rows: Any) -> Iterator[NDArray[np.float32]]:
        """In blocks."""
        try:
            features = raw_features(rows, self.preprocessing.features, self.preprocessing.target_name)
            for at in range(0, len(features), _BLOCK):
                yield self.preprocessing.inputs(_part(features, at))
        except Unusable as error:
            raise _complaint(rows, error) from error


def _part(features: Features, at: int) -> Features:
    if isinstance(features, Columns):
        return Columns(features.table.slice(at, _BLOCK))
    return features[at : at + _BLOCK]


def _complaint(rows: Any, error: Unusable) -> DataError:
    given = str(rows) if isinstance(rows, str | Path) else f"{type(rows).__name__} of rows"
    return DataError("rows", given, error.rule, error.fix)


def _mean(parts: Iterator[Array]) -> NDArray[np.float64]:
    total, count = next(parts), 1
    for part in parts:
        total = total + part
        count += 1
    mean: NDArray[np.float64] = total / count
    return mean


def _check_arrays(network: Network, known: Preprocessing) -> None:
    """Raises ValueError where an array is missing, too many, of another shape, or not of finite numbers."""
    arrays = network.arrays
    first = arrays.get("W1")
    if first is None or first.ndim < 2:
        raise ValueError("there is no array W1 of a first layer's weights")
    shapes = all_shapes(network.config, known, arrays)
    if wrong := sorted(set(shapes) ^ set(arrays)):
        raise ValueError(f"{wrong[0]} is {'missing' if wrong[0] in shapes else 'none of the arrays'}")
    for name, shape in shapes.items():
        if arrays[name].shape != shape or arrays[name].dtype.kind != "f":
            found = f"{arrays[name].dtype} of shape {arrays[name].shape}"
            raise ValueError(f"{name} is {found}, not floats of shape {shape}")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} has numbers that are not finite")


def network_of(
    config: Mapping[str, Any], checkpoint: Arrays, known: Preprocessing, data: Dataset, kind: str = DENSE
) -> Network:
    """A network from a config of a sweep and what was saved of it in training on some data.

    kind: of network, see `trainer.model.kinds`.

    Raises `ConfigError`, and ValueError where the checkpoint is another network's.
    """
    own, first = parsed(config, kind), checkpoint.get("W1")
    if first is None or first.ndim < 2:
        raise ValueError("the checkpoint is no network's: it has no W1")
    prefix = f"{AVERAGE}." if own.averages else ""
    saved = {name: prefix + name for name in shapes_of(own, known, first.shape[1])}
    if missing := [name for name in saved.values() if name not in checkpoint]:
        raise ValueError(f"the checkpoint is another network's: it lacks {missing[0]}")
    bins = bins_of(data, own.number_bins).arrays()
    return Network(own, {name: checkpoint[of] for name, of in saved.items()} | bins)
