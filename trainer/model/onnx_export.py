"""A model as an ONNX graph, for onnxruntime and whatever else runs ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.errors import ConfigError
from trainer.model.export import Inputs, facts
from trainer.model.forward import Layers
from trainer.model.model import Model

_OPSET = 17  # of July 2022; later runtimes read it, too
_IR_VERSION = 8  # that goes with it
_ACTIVATIONS = {"relu": "Relu", "leaky_relu": "LeakyRelu", "tanh": "Tanh", "sigmoid": "Sigmoid"}


def onnx_model(model: Model) -> bytes:
    """The graph.

    It takes `rows`, (m, features), float64 (bytes where it was trained on bytes), the columns in the order of
    training, or `inputs` in float32 that are preprocessed already, where preprocessing is more than
    shifting and scaling numbers. It gives `label`, (m,), and `probabilities`, (m, classes) in float32, or
    `quantity`, (m,) in float64, in the target's own unit.

    Raises:
        ConfigError: The package onnx is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        rule = "takes the package onnx, which is not installed"
        raise ConfigError("to", "onnx", rule, 'pip install "caviar-sweeps[onnx]"') from error
    graph = _Graph()
    inputs = Inputs.of(model)
    answers = [graph.network(layers, graph.scaled(inputs)) for layers in model.layers]
    mean = answers[0] if len(answers) == 1 else graph.node("Mean", answers)
    outputs = graph.classes(model, mean) if model.classes else graph.quantity(model, mean)
    kind = onnx.TensorProto
    taken = {"inputs": kind.FLOAT, "rows": kind.UINT8 if inputs.bytes else kind.DOUBLE}[inputs.name]
    made = graph.helper.make_graph(
        graph.nodes,
        "caviar",
        [graph.helper.make_tensor_value_info(inputs.name, taken, ["m", len(inputs.shift)])],
        outputs,
        graph.initializers,
    )
    opsets = [graph.helper.make_opsetid("", _OPSET)]
    found = graph.helper.make_model(made, opset_imports=opsets, ir_version=_IR_VERSION)
    graph.helper.set_model_props(found, facts(model))
    onnx.checker.check_model(found)
    serialized: bytes = found.SerializeToString()
    return serialized


class _Graph:
    """Nodes in the making. Each method gives the name of what it computes."""

    def __init__(self) -> None:
        from onnx import TensorProto, helper, numpy_helper

        self.helper: Any = helper
        self._numpy: Any = numpy_helper
        self._kinds: Any = TensorProto
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, array: NDArray[Any]) -> str:
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(self._numpy.from_array(np.ascontiguousarray(array), name))
        return name

    def scaled(self, inputs: Inputs) -> str:
        """The networks' inputs, in float32; scaled in float64, as the trainer does."""
        if inputs.name == "inputs":
            return "inputs"
        rows = self.node("Cast", ["rows"], to=self._kinds.DOUBLE) if inputs.bytes else "rows"
        shifted = self.node("Sub", [rows, self.constant(inputs.shift)])
        scaled = self.node("Div", [shifted, self.constant(inputs.scale)])
        return self.node("Cast", [scaled], to=self._kinds.FLOAT)

    def network(self, layers: Layers, A: str) -> str:
        """Probabilities, (m, classes), or what the network learned to give, (m, 1)."""
        last = len(layers.weights) - 1
        for layer, (W, b) in enumerate(zip(layers.weights, layers.biases, strict=True)):
            constants = [self.constant(array.astype(np.float32)) for array in (W, b)]
            A = self.node("Gemm", [A, *constants], transB=1)
            if layer < last:
                leak = {"alpha": 0.01} if layers.activation == "leaky_relu" else {}
                A = self.node(_ACTIVATIONS[layers.activation], [A], **leak)
        if layers.head == "softmax":
            return self.node("Softmax", [A], axis=1)
        if layers.head == "logistic":
            parts = [self.node("Sigmoid", [self.node("Neg", [A])]), self.node("Sigmoid", [A])]
            return self.node("Concat", parts, axis=1)
        return A

    def classes(self, model: Model, probabilities: str) -> list[Any]:
        names = self.helper.make_tensor(
            "classes", self._kinds.STRING, [len(model.classes)], [name.encode() for name in model.classes]
        )
        self.initializers.append(names)
        likeliest = self.node("ArgMax", [probabilities], axis=1, keepdims=0)
        self.nodes.append(self.helper.make_node("Gather", ["classes", likeliest], ["label"]))
        self.nodes.append(self.helper.make_node("Identity", [probabilities], ["probabilities"]))
        return [
            self.helper.make_tensor_value_info("label", self._kinds.STRING, ["m"]),
            self.helper.make_tensor_value_info("probabilities", self._kinds.FLOAT, ["m", len(model.classes)]),
        ]

    def quantity(self, model: Model, Z: str) -> list[Any]:
        target = model.preprocessing.target
        wide = self.node("Cast", [Z], to=self._kinds.DOUBLE)
        scaled = self.node("Mul", [wide, self.constant(target.scale)])
        shifted = self.node("Add", [scaled, self.constant(target.shift)])
        flat = self.constant(np.array([-1]))
        self.nodes.append(self.helper.make_node("Reshape", [shifted, flat], ["quantity"]))
        return [self.helper.make_tensor_value_info("quantity", self._kinds.DOUBLE, ["m"])]
