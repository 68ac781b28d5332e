"""A convolutional network as nodes of an ONNX graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.convolution.architecture import Block
from trainer.convolution.forward import ConvolutionLayers

_POOLINGS = {"max": "MaxPool", "average": "AveragePool"}


class Graph(Protocol):
    """Nodes in the making; each method gives the name of what it computes."""

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str: ...

    def constant(self, array: NDArray[Any]) -> str: ...


class Convolutions:
    """activate: adds the node of an activation."""

    def __init__(self, graph: Graph, layers: ConvolutionLayers, activate: Callable[[str], str]) -> None:
        self._graph, self._layers, self._activate = graph, layers, activate

    def outputs(self, rows: str) -> str:
        """The outputs, (m, n_L), of inputs (m, features)."""
        graph, layers = self._graph, self._layers
        shaped = graph.node("Reshape", [rows, graph.constant(np.array([-1, *layers.image]))])
        A = graph.node("Transpose", [shaped], perm=[0, 3, 1, 2])
        for block in layers.layers.blocks:
            A = self._block(block, A)
        A = graph.node("GlobalAveragePool", [A]) if layers.config.global_pooling else A
        A = graph.node("Flatten", [A])
        *hidden, last = layers.layers.dense
        for number in hidden:
            A = self._activate(self._affine(number, self._product(number, A)))
        return self._affine(last, self._product(last, A))

    def _block(self, block: Block, A: str) -> str:
        if not block.skips:
            (number,) = block.convolutions
            Z = self._product(number, A)
            return self._activate(self._affine(number, self._pooled(Z) if block.pools else Z))
        first, second = block.convolutions
        inner = self._activate(self._affine(first, self._product(first, A)))
        inner = self._affine(second, self._product(second, inner))
        beside = A
        if block.shortcut is not None:
            beside = self._affine(block.shortcut, self._product(block.shortcut, A))
        Z = self._activate(self._graph.node("Add", [inner, beside]))
        return self._pooled(Z) if block.pools else Z

    def _product(self, number: int, A: str) -> str:
        W = self._layers.weights[number].astype(np.float32)
        if W.ndim == 2:
            return self._graph.node("MatMul", [A, self._graph.constant(W.T)])
        return self._graph.node("Conv", [A, self._graph.constant(W)], pads=[W.shape[2] // 2] * 4)

    def _pooled(self, A: str) -> str:
        kind = _POOLINGS[self._layers.config.pooling]
        return self._graph.node(kind, [A], kernel_shape=[2, 2], strides=[2, 2])

    def _affine(self, number: int, Z: str) -> str:
        shape = (1, -1) if self._layers.weights[number].ndim == 2 else (1, -1, 1, 1)
        scale, shift = (
            self._graph.constant(each[number].astype(np.float32).reshape(shape))
            for each in (self._layers.scales, self._layers.shifts)
        )
        return self._graph.node("Add", [self._graph.node("Mul", [Z, scale]), shift])
