"""A convolutional network as PyTorch's modules: their source, and the arrays of their state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from trainer.convolution.architecture import Block
from trainer.convolution.forward import ConvolutionLayers

_POOLINGS = {"max": "nn.MaxPool2d(2)", "average": "nn.AvgPool2d(2)"}

MODULES = '''

class Images(nn.Module):
    """Rows of numbers as images, channels first."""

    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.view(-1, *self.shape).permute(0, 3, 1, 2)


class Affine(nn.Module):
    """A scale and a shift of each channel."""

    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        shape = (1, -1) + (1,) * (x.ndim - 2)
        return x * self.scale.view(shape) + self.shift.view(shape)


class Residual(nn.Module):
    """Convolutions beside a connection that skips them."""

    def __init__(self, inner, shortcut, activation):
        super().__init__()
        self.inner, self.shortcut, self.activation = inner, shortcut, activation

    def forward(self, x):
        return self.activation(self.inner(x) + self.shortcut(x))
'''
"""What the modules need beside `torch.nn`."""


class Module(NamedTuple):
    """source: an expression. state: its arrays, by their names within it."""

    source: str
    state: dict[str, NDArray[Any]]


def sequential(modules: Sequence[Module], kind: str = "nn.Sequential") -> Module:
    """One after the other."""
    source = f"{kind}({', '.join(module.source for module in modules)})"
    state = {f"{at}.{name}": x for at, module in enumerate(modules) for name, x in module.state.items()}
    return Module(source, state)


def convolutional(layers: ConvolutionLayers, activation: str) -> Module:
    """The whole network, from rows to the outputs. activation: as `torch.nn` has it."""
    active, pooling = Module(f"nn.{activation}", {}), Module(_POOLINGS[layers.config.pooling], {})
    modules = [Module(f"Images({', '.join(map(str, layers.image))})", {})]
    for block in layers.layers.blocks:
        modules += _block(layers, block, active, [pooling] if block.pools else [])
    modules += [Module("nn.AdaptiveAvgPool2d(1)", {})] if layers.config.global_pooling else []
    modules.append(Module("nn.Flatten()", {}))
    *hidden, last = layers.layers.dense
    for number in hidden:
        modules += [_weights(layers, number), _affine(layers, number), active]
    return sequential([*modules, _weights(layers, last), _affine(layers, last)])


def _block(layers: ConvolutionLayers, block: Block, active: Module, pooling: list[Module]) -> list[Module]:
    if not block.skips:
        (number,) = block.convolutions
        return [_weights(layers, number), *pooling, _affine(layers, number), active]
    first, second = ([_weights(layers, number), _affine(layers, number)] for number in block.convolutions)
    inner, shortcut = sequential([*first, active, *second]), Module("nn.Identity()", {})
    if block.shortcut is not None:
        shortcut = sequential([_weights(layers, block.shortcut), _affine(layers, block.shortcut)])
    state = {f"inner.{name}": x for name, x in inner.state.items()}
    state |= {f"shortcut.{name}": x for name, x in shortcut.state.items()}
    source = f"Residual({inner.source}, {shortcut.source}, {active.source})"
    return [Module(source, state), *pooling]


def _weights(layers: ConvolutionLayers, number: int) -> Module:
    W = layers.weights[number]
    out, into, *size = W.shape
    if not size:
        return Module(f"nn.Linear({into}, {out}, bias=False)", {"weight": W})
    source = f"nn.Conv2d({into}, {out}, {size[0]}, padding={size[0] // 2}, bias=False)"
    return Module(source, {"weight": W})


def _affine(layers: ConvolutionLayers, number: int) -> Module:
    scale, shift = layers.scales[number], layers.shifts[number]
    return Module(f"Affine({len(scale)})", {"scale": scale, "shift": shift})
