"""A model for PyTorch: a small module in a file of its own, and its state, which needs no pickled code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.convolution.forward import ConvolutionLayers
from trainer.errors import ConfigError
from trainer.model.export import Inputs
from trainer.model.forward import Layers
from trainer.model.model import Model
from trainer.model.torch_convolutions import MODULES, Module, convolutional, sequential

_ACTIVATIONS = {"relu": "ReLU()", "leaky_relu": "LeakyReLU(0.01)", "tanh": "Tanh()", "sigmoid": "Sigmoid()"}
_HEADS = {
    "softmax": "torch.softmax({z}, dim=1)",
    "logistic": "torch.sigmoid(torch.cat([-{z}, {z}], dim=1))",
    "linear": "{z}",
}

_MODULES = """

class Skip(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Bins(nn.Module):
    def __init__(self, bins):
        super().__init__()
        self.register_buffer("feature", torch.zeros(bins, dtype=torch.int64))
        self.register_buffer("low", torch.zeros(bins))
        self.register_buffer("factor", torch.ones(bins))

    def forward(self, x):
        through = (x[:, self.feature] - self.low) * self.factor
        return torch.cat([x, through.clamp(0, 1)], dim=1)
"""

_SOURCE = '''\
"""The winner of a sweep by Caviar, as a PyTorch module:

    model = load("the file with its state")
    model(rows)  # {takes}; gives {gives}
"""

import torch
from torch import nn

CLASSES = {classes!r}
COLUMNS = {names!r}
MISSING = {missing!r}  # columns of which an input says where they are missing
ORDER = {order!r}  # of the inputs
{modules}

class Winner(nn.Module):
    def __init__(self):
        super().__init__()
        self.networks = nn.ModuleList([
{networks}
        ])
        for name in ("shift", "scale", "fill"):
            self.register_buffer(name, torch.zeros({columns}, dtype=torch.float64))
        self.register_buffer("target_shift", torch.zeros(1, dtype=torch.float64))
        self.register_buffer("target_scale", torch.ones(1, dtype=torch.float64))

    def forward(self, rows):
        rows = rows.flatten(1).double()
        gaps = rows.isnan()
        scaled = (torch.where(gaps, self.fill, rows) - self.shift) / self.scale
        inputs = torch.cat([scaled, gaps[:, MISSING].double()], dim=1)[:, ORDER].float()
        outputs = [network(inputs) for network in self.networks]
        mean = torch.stack([{heads}]).mean(dim=0)
        return {answer}


def load(path):
    model = Winner()
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()
'''


def module_source(model: Model) -> str:
    """The module, as source code that needs torch alone."""
    inputs = Inputs.of(model)
    return _SOURCE.format(
        takes="raw rows, NaN where a number is missing" if inputs.name == "rows" else "preprocessed rows",
        gives="probabilities in the order of CLASSES" if model.classes else "quantities",
        classes=model.classes,
        names=model.columns,
        missing=inputs.missing.tolist(),
        order=inputs.order.tolist(),
        modules=MODULES if isinstance(model.layers[0], ConvolutionLayers) else _MODULES,
        networks=",\n".join(" " * 12 + _network(layers).source for layers in model.layers) + ",",
        columns=len(inputs.shift),
        heads=", ".join(_HEADS[each.head].format(z=f"outputs[{n}]") for n, each in enumerate(model.layers)),
        answer="mean" if model.classes else "mean.squeeze(1) * self.target_scale + self.target_shift",
    )


def save_state(model: Model, path: Path) -> None:
    """The arrays of the module. Raises `ConfigError` where torch is not installed."""
    try:
        import torch
    except ImportError as error:
        rule = "takes PyTorch, which is not installed"
        raise ConfigError("to", "torch", rule, 'pip install "caviar-sweeps[torch]"') from error
    inputs, target = Inputs.of(model), model.preprocessing.target
    arrays = {
        "shift": inputs.shift,
        "scale": inputs.scale,
        "fill": inputs.fill,
        "target_shift": target.shift,
        "target_scale": target.scale,
    }
    for number, layers in enumerate(model.layers):
        state = {f"networks.{number}.{name}": x for name, x in _network(layers).state.items()}
        arrays |= {name: x if x.dtype.kind == "i" else x.astype(np.float32) for name, x in state.items()}
    torch.save({name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}, path)


def _network(layers: Layers | ConvolutionLayers) -> Module:
    if isinstance(layers, ConvolutionLayers):
        return convolutional(layers, _ACTIVATIONS[layers.config.activation])
    activation, bins = Module(f"nn.{_ACTIVATIONS[layers.activation]}", {}), layers.bins
    modules: list[Module] = []
    if len(bins):
        parts: dict[str, NDArray[Any]] = {
            "feature": bins.feature.astype(np.int64),
            "low": bins.low,
            "factor": bins.factor,
        }
        modules.append(Module(f"Bins({len(bins)})", parts))
    for layer, (W, b) in enumerate(zip(layers.weights, layers.biases, strict=True)):
        linear = Module(f"nn.Linear({W.shape[1]}, {W.shape[0]})", {"weight": W, "bias": b})
        if layers.skips(layer):
            modules.append(sequential([linear, activation], "Skip"))
        else:
            modules += [linear, activation]
    return sequential(modules[:-1])
