"""Gradients of convolutional networks against central differences, in float64."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from trainer import CNNConfig, gradient_check  # noqa: E402
from trainer.backends import backend_for  # noqa: E402
from trainer.convolution.architecture import ConvolutionArchitecture, initial_state  # noqa: E402
from trainer.convolution.network import Images  # noqa: E402

# With h = 1e-5 and J near 1, an entry of a difference is off by 1e-16·J/h = 1e-11 from rounding and by
# h²·J‴/6 from its curvature; a norm of all entries of an array, 60 at most, by 1e-9, beside gradients of 1e-3
# and more. Activations are smooth, and no maximum of a pooling is as near to another value as h.
TOLERANCE = 1e-6
BACKEND = backend_for("torch-cpu")
M = 5


def network(config, shape, classes, models):
    """Its params by name, (K, …) in float64 on NumPy, and a function from these to each model's cost."""
    rng = np.random.default_rng(1)
    architecture = ConvolutionArchitecture(config, int(np.prod(shape)), classes, shape)
    drawn = [initial_state(config, architecture, (), seed) for seed in range(models)]
    params = {
        name: np.stack([own.get(name, 0.1 * rng.normal(size=size)) for own in drawn])
        for name, size in architecture.params(()).items()
    }
    convolutions, head = architecture.convolutions(), architecture.head
    X = torch.from_numpy(rng.normal(size=(M, int(np.prod(shape)))))
    y = rng.integers(0, max(classes, 1), M)
    table = head.target_table(classes)
    T = torch.from_numpy(rng.normal(size=(1, 1, M)) if table is None else table[y].T[None].copy())
    mask = torch.from_numpy((rng.random((1, architecture.widths([config])[0], M)) < 0.7) / 0.7)
    masks = [mask, *[None] * len(config.hidden)]

    def passed(given):
        tensors = {name: torch.from_numpy(np.ascontiguousarray(p)) for name, p in given.items()}
        return convolutions.forward(tensors, Images(convolutions.images(X), True), masks)

    def cost(given):
        return head.loss(passed(given).outputs.detach(), T).mean(dim=1).numpy()

    there = passed(params)
    grads = {name: torch.zeros(p.shape, dtype=torch.float64) for name, p in params.items()}
    convolutions.backward(there, head.gradient(there.outputs.detach(), T), grads)
    return params, {name: g.numpy() for name, g in grads.items()}, cost


@pytest.mark.parametrize("models", [1, 2])
@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch_norm", "plain"])
@pytest.mark.parametrize(
    ("own", "shape", "head"),
    [
        ({"stages": 2, "pooling": "average"}, (4, 5), "softmax"),
        ({"stages": 1, "pooling": "max", "hidden": [3]}, (4, 4, 2), "logistic"),
        ({"stages": 1, "blocks": 2, "skip": True, "global_pooling": True}, (4, 4, 3), "linear"),
    ],
    ids=["stages", "colours and a hidden layer", "skip"],
)
def test_gradients_equal_central_differences(own, shape, head, batch_norm, models):
    config = CNNConfig.parse(
        {
            "channels": 2,
            "activation": "tanh",
            "head": head,
            "dtype": "float64",
            "batch_norm": batch_norm,
            **own,
        }
    )
    classes = {"softmax": 3, "logistic": 2, "linear": 0}[head]
    params, grads, cost = network(config, shape, classes, models)
    errors = gradient_check(cost, params, grads)
    smallest = min(np.sqrt(np.square(g).sum(axis=tuple(range(1, g.ndim)))).min() for g in grads.values())
    assert smallest > 1e-3
    assert set(errors) == set(params)
    for name, error in errors.items():
        assert error.shape == (models,)
        assert (error < TOLERANCE).all(), (name, error)
