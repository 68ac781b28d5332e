"""A model as an ONNX graph, for onnxruntime and whatever else runs ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.convolution.forward import ConvolutionLayers
from trainer.data.bins import Bins
from trainer.data.columns import TableTransform
from trainer.data.columns.category import Category
from trainer.data.columns.number import Number
from trainer.errors import ConfigError
from trainer.model.export import Inputs, facts
from trainer.model.forward import Layers
from trainer.model.model import Model
from trainer.model.onnx_convolutions import Convolutions

_OPSET = 17  # of July 2022; later runtimes read it, too
_IR_VERSION = 8  # that goes with it
_ML, _ML_OPSET = "ai.onnx.ml", 2  # what encodes texts
_ACTIVATIONS = {"relu": "Relu", "leaky_relu": "LeakyRelu", "tanh": "Tanh", "sigmoid": "Sigmoid"}


def onnx_model(model: Model) -> bytes:
    """The graph.

    It takes an input for each column of a table, by its name and of shape (m, 1): numbers in float64, NaN for
    what is missing, or texts as a .csv has them, "" for what is missing. Of a table with dates or free text
    it takes `inputs`, (m, features) in float32, which are preprocessed already; of an array `rows`,
    (m, features), in float64, or bytes where it was trained on bytes. It gives `label`, (m,), and
    `probabilities`, (m, classes) in float32, or `quantity`, (m,) in float64, in the target's own unit. Where
    a column has the name of an output, that is called `predicted_label` and so on.

    Raises:
        ConfigError: The package onnx is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        rule = "takes the package onnx, which is not installed"
        raise ConfigError("to", "onnx", rule, 'pip install "caviar-sweeps[onnx]"') from error
    graph = _Graph(model.columns)
    inputs = graph.inputs(model)
    answers = [graph.network(layers, inputs) for layers in model.layers]
    mean = answers[0] if len(answers) == 1 else graph.node("Mean", answers)
    outputs = graph.classes(model, mean) if model.classes else graph.quantity(model, mean)
    made = graph.helper.make_graph(graph.nodes, "caviar", graph.taken, outputs, graph.initializers)
    opsets = [graph.helper.make_opsetid(*opset) for opset in (("", _OPSET), (_ML, _ML_OPSET))]
    found = graph.helper.make_model(made, opset_imports=opsets, ir_version=_IR_VERSION)
    graph.helper.set_model_props(found, facts(model))
    onnx.checker.check_model(found)
    serialized: bytes = found.SerializeToString()
    return serialized


class _Graph:
    """Nodes in the making. Each method gives the name of what it computes.

    columns: the names of a table's columns, which are those of inputs; nothing else is called so.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        from onnx import TensorProto, helper, numpy_helper

        self.helper: Any = helper
        self._numpy: Any = numpy_helper
        self._kinds: Any = TensorProto
        self.taken: list[Any] = []
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._reserved = frozenset(columns)
        self._prefix = "inner."
        while any(name.startswith(self._prefix) for name in columns):
            self._prefix += "."

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{self._prefix}{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, array: NDArray[Any]) -> str:
        return self._kept(self._numpy.from_array(np.ascontiguousarray(array)))

    def _kept(self, tensor: Any) -> str:
        tensor.name = f"{self._prefix}constant_{len(self.initializers)}"
        self.initializers.append(tensor)
        return str(tensor.name)

    def gives(self, name: str, kind: int, shape: list[Any], node: str, inputs: list[str]) -> Any:
        """An output, which a node of this kind makes."""
        while name in self._reserved:
            name = f"predicted_{name}"
        self.nodes.append(self.helper.make_node(node, inputs, [name]))
        return self.helper.make_tensor_value_info(name, kind, shape)

    def takes(self, name: str, kind: int, width: int) -> str:
        """An input, (m, width)."""
        self.taken.append(self.helper.make_tensor_value_info(name, kind, ["m", width]))
        return name

    def inputs(self, model: Model) -> str:
        """The networks' inputs, in float32; scaled in float64, as the trainer does."""
        known = model.preprocessing.features
        if isinstance(known, TableTransform) and all(type(each) in self._columns for each in known.encoders):
            parts = [self._columns[type(each)](each) for each in known.encoders]
            return self.node("Concat", parts, axis=1)
        matrix = Inputs.of(model)
        if matrix.name == "inputs":
            return self.takes("inputs", self._kinds.FLOAT, len(matrix.shift))
        rows = self.takes(
            "rows", self._kinds.UINT8 if matrix.bytes else self._kinds.DOUBLE, len(matrix.shift)
        )
        wide = self.node("Cast", [rows], to=self._kinds.DOUBLE) if matrix.bytes else rows
        return self._scaled(wide, matrix.shift, matrix.scale)

    @property
    def _columns(self) -> Mapping[type, Callable[[Any], str]]:
        """What a kind of column's features are made by."""
        return {Number: self._number, Category: self._category}

    def _number(self, column: Number) -> str:
        taken = self.takes(column.name, self._kinds.DOUBLE, 1)
        gaps = self.node("IsNaN", [taken])
        filled = self.node("Where", [gaps, self.constant(np.array([[column.fill]])), taken])
        scaled = self._scaled(filled, np.array([column.shift]), np.array([column.scale]))
        if not column.missing:
            return scaled
        return self.node("Concat", [scaled, self.node("Cast", [gaps], to=self._kinds.FLOAT)], axis=1)

    def _category(self, column: Category) -> str:
        width = len(column.values) + column.others + column.missing
        spelled = [_spellings(value, column.text) for value in column.values]
        known = {text: at for at, texts in enumerate(spelled) for text in sorted(texts)}
        known[""] = width - 1 if column.missing else width  # the place after the last is that of zeros alone
        place = self.node(
            "LabelEncoder",
            [self.takes(column.name, self._kinds.STRING, 1)],
            domain=_ML,
            keys_strings=[*known],
            values_int64s=[*known.values()],
            default_int64=len(column.values) if column.others else width,
        )
        flat = self.node("Reshape", [place, self.constant(np.array([-1]))])
        zero_one = self.constant(np.array([0, 1], np.float32))
        one_hot = self.node("OneHot", [flat, self.constant(np.array(width + 1)), zero_one])
        # As in the trainer: of two values, the second alone has a feature.
        kept = np.arange(int(width == 2), width)
        return self.node("Gather", [one_hot, self.constant(kept)], axis=1)

    def _scaled(self, rows: str, shift: NDArray[Any], scale: NDArray[Any]) -> str:
        shifted = self.node("Sub", [rows, self.constant(shift)])
        return self.node("Cast", [self.node("Div", [shifted, self.constant(scale)])], to=self._kinds.FLOAT)

    def network(self, layers: Layers | ConvolutionLayers, A: str) -> str:
        """Probabilities, (m, classes), or what the network learned to give, (m, 1)."""
        if isinstance(layers, ConvolutionLayers):
            Z = self._convolutional(layers, A)
        else:
            Z = self._dense(layers, A)
        if layers.head == "softmax":
            return self.node("Softmax", [Z], axis=1)
        if layers.head == "logistic":
            parts = [self.node("Sigmoid", [self.node("Neg", [Z])]), self.node("Sigmoid", [Z])]
            return self.node("Concat", parts, axis=1)
        return Z

    def _binned(self, bins: Bins, x: str) -> str:
        of_feature = self.node("Gather", [x, self.constant(bins.feature.astype(np.int64))], axis=1)
        shifted = self.node("Sub", [of_feature, self.constant(bins.low)])
        scaled = self.node("Mul", [shifted, self.constant(bins.factor)])
        ends = [self.constant(np.array(end, np.float32)) for end in (0, 1)]
        return self.node("Concat", [x, self.node("Clip", [scaled, *ends])], axis=1)

    def _dense(self, layers: Layers, A: str) -> str:
        A = self._binned(layers.bins, A) if len(layers.bins) else A
        last = len(layers.weights) - 1
        for layer, (W, b) in enumerate(zip(layers.weights, layers.biases, strict=True)):
            constants = [self.constant(array.astype(np.float32)) for array in (W, b)]
            below, A = A, self.node("Gemm", [A, *constants], transB=1)
            A = A if layer == last else self._active(layers.activation, A)
            A = self.node("Add", [A, below]) if layers.skips(layer) else A
        return A

    def _convolutional(self, layers: ConvolutionLayers, A: str) -> str:
        return Convolutions(self, layers, partial(self._active, layers.config.activation)).outputs(A)

    def _active(self, activation: str, Z: str) -> str:
        leak = {"alpha": 0.01} if activation == "leaky_relu" else {}
        return self.node(_ACTIVATIONS[activation], [Z], **leak)

    def classes(self, model: Model, probabilities: str) -> list[Any]:
        count, encoded = len(model.classes), [name.encode() for name in model.classes]
        names = self._kept(self.helper.make_tensor("classes", self._kinds.STRING, [count], encoded))
        likeliest = self.node("ArgMax", [probabilities], axis=1, keepdims=0)
        shape = ["m", count]
        return [
            self.gives("label", self._kinds.STRING, ["m"], "Gather", [names, likeliest]),
            self.gives("probabilities", self._kinds.FLOAT, shape, "Identity", [probabilities]),
        ]

    def quantity(self, model: Model, Z: str) -> list[Any]:
        target = model.preprocessing.target
        wide = self.node("Cast", [Z], to=self._kinds.DOUBLE)
        scaled = self.node("Mul", [wide, self.constant(target.scale)])
        shifted = self.node("Add", [scaled, self.constant(target.shift)])
        flat = self.constant(np.array([-1]))
        return [self.gives("quantity", self._kinds.DOUBLE, ["m"], "Reshape", [shifted, flat])]


def _spellings(value: str, text: bool) -> set[str]:
    """How a file may write a category; text: whether training had texts, which are taken as they are."""
    if text:
        return {value}
    if value in ("true", "false"):
        return {value, value.title(), value.upper()}
    with suppress(ValueError):
        return {value, str(float(value))}
    return {value}
