"""Small networks in float64 for tests of forward and backward passes."""

from typing import NamedTuple

import numpy as np

from trainer.heads import HEADS
from trainer.layers.activation import ACTIVATIONS
from trainer.layers.dropout import mask
from trainer.network.network import Network
from trainer.network.shapes import param_shapes

CLASSES = {"softmax": 3, "logistic": 2, "linear": 0}
KEEP = [0.8, 0.5, 1.0]
FEATURES = 3


class Problem(NamedTuple):
    network: Network
    params: dict
    X: np.ndarray
    T: np.ndarray

    @property
    def inputs(self):
        return [(slice(0, len(self.params["W1"])), self.X)]

    def grads(self, masks=()):
        """The gradients of the mean loss, into arrays that held NaN."""
        grads = {name: np.full_like(p, np.nan) for name, p in self.params.items()}
        passed = self.network.forward(self.params, self.inputs, masks)
        self.network.backward(self.params, passed, self.T, grads)
        return grads


def targets(head, m, rng):
    """(1, outputs, m): one target per example, common to all models."""
    table = HEADS[head].target_table(CLASSES[head])
    return rng.normal(size=(1, 1, m)) if table is None else table[rng.integers(0, len(table), m)].T[None]


def problem(hidden, *, activation="tanh", head="softmax", models=3, batch_norm=False, m=6, seed=3, **further):
    """Models that differ, with biases away from zero, where a relu has its kink.

    ε of batch normalisation is far above rounding, lest the curvature of 1/√(σ² + ε) be large. further:
    what else a `Network` has.
    """
    rng = np.random.default_rng(seed)
    widths = (FEATURES, *hidden, HEADS[head].outputs(CLASSES[head]))
    shapes = param_shapes(widths, batch_norm)
    params = {name: 0.8 * rng.normal(size=(models, *shape)) for name, shape in shapes.items()}
    params |= {name: p + 1 for name, p in params.items() if name.startswith("gamma")}
    epsilon = np.array([0.1, 0.2, 0.5])[:models, None, None] if batch_norm else None
    network = Network(len(widths) - 1, ACTIVATIONS[activation], HEADS[head], epsilon, **further)
    return Problem(network, params, rng.normal(size=(m, FEATURES)), targets(head, m, rng))


def masks_for(hidden, models, m, *, of_input, seed=4):
    """Dropout of every hidden layer, with another probability for each model, and of the input if asked."""
    rng, keep = np.random.default_rng(seed), np.array(KEEP[:models])[:, None, None]
    first = mask(rng.random((1, FEATURES, m)), keep) if of_input else None
    return [first, *(mask(rng.random((1, n, m)), keep) for n in hidden)]
