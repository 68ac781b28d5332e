"""The kinds of networks that a model may have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from trainer.config import MLPConfig
from trainer.convolution import CNNConfig
from trainer.convolution import forward as convolution
from trainer.data.bins import Bins
from trainer.data.preprocessing import Preprocessing
from trainer.errors import ConfigError
from trainer.model.forward import Arrays, Layers, head_of, network_shapes

DENSE, CONVOLUTIONAL = "mlp", "cnn"
_CONFIGS: Mapping[str, type[MLPConfig]] = {DENSE: MLPConfig, CONVOLUTIONAL: CNNConfig}


def kind_of(config: MLPConfig) -> str:
    """The name of the kind of network that a config is of."""
    return next(name for name, kind in _CONFIGS.items() if type(config) is kind)


def parsed(config: Mapping[str, Any], kind: str) -> MLPConfig:
    """A sweep's config. Raises `ConfigError`."""
    return _CONFIGS[kind].parse(config)


def config_of(plain: Mapping[str, Any], kind: str) -> MLPConfig:
    """A config from its own fields, lists where it has tuples. Raises KeyError, TypeError, `ConfigError`."""
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
    }
    return _CONFIGS[kind](**given)


def layers_of(
    config: MLPConfig, arrays: Arrays, known: Preprocessing
) -> Layers | convolution.ConvolutionLayers:
    """A network ready to predict."""
    classes = len(known.classes)
    if isinstance(config, CNNConfig):
        head = head_of(config, classes)
        return convolution.ConvolutionLayers.of(config, arrays, known.features.shape, head, classes)
    return Layers.of(config, arrays, classes)


def shapes_of(config: MLPConfig, known: Preprocessing, features: int) -> dict[str, tuple[int, ...]]:
    """Of all arrays that a network is made of. features: that a dense one sees."""
    if isinstance(config, CNNConfig):
        classes = len(known.classes)
        return convolution.network_shapes(config, known.features.shape, head_of(config, classes), classes)
    return network_shapes(config, known, features)


def all_shapes(config: MLPConfig, known: Preprocessing, arrays: Arrays) -> dict[str, tuple[int, ...]]:
    """Of all arrays, bins included, where those of the first layer and of the bins go with the features.

    Raises ValueError where they do not.
    """
    first = arrays["W1"]
    if isinstance(config, CNNConfig):
        return shapes_of(config, known, first.shape[1])
    bins, features = Bins.from_arrays(arrays), math.prod(known.features.shape)
    if first.shape[1] != features + len(bins) or not (bins.feature < features).all():
        raise ValueError(f"W1 has {first.shape[1]} columns for {features} features and {len(bins)} bins")
    return shapes_of(config, known, first.shape[1]) | bins.shapes()


def dense_layers(layers: Layers | convolution.ConvolutionLayers, to: str) -> Layers:
    """A dense network's, for a format that knows no others. Raises `ConfigError`."""
    if isinstance(layers, Layers):
        return layers
    fix = "predict with Caviar: caviar predict, or trainer.load_model; or export to torch or onnx"
    raise ConfigError("to", to, "is no format for a convolutional network", fix)
