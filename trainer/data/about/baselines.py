"""What a model has to beat: a constant guess, and a linear model, scored as a network is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainer.data.dataset import Dataset, Targets
from trainer.data.metrics import further_metrics
from trainer.data.scaling import Matrix

Baselines: TypeAlias = Mapping[str, Mapping[str, float]]
"""Of each baseline its metrics, named as a network's are."""

_WORK = 4e8  # operations that the linear model may cost, some tenths of a second
_STEPS = 50  # of the solver, at most
_FEWEST = 1000  # rows that it is fitted on at least, where there are as many

Weights: TypeAlias = NDArray[np.float64]


def baselines(data: Dataset) -> Baselines:
    """Of "constant", the training split's shares of the classes or its mean, and of "linear".

    The linear model is multinomial logistic regression or ridge regression, with a penalty of ‖W‖²/2 on all
    rows, features as a network sees them. Of large data it is fitted on some rows alone, evenly spaced.
    """
    linear = linear_classes if data.classes else linear_quantity
    models = {"constant": constant_outputs(data), "linear": linear(*_training(data), data.outputs)}
    return {name: _metrics(W, data) for name, W in models.items()}


def constant_outputs(data: Dataset) -> Weights:
    """The weights of a model that looks at no feature, (1, outputs)."""
    if not data.classes:
        return np.array([[data.y_train.mean()]])
    shares = np.bincount(data.y_train, minlength=data.outputs) / len(data.y_train)
    return np.log(np.maximum(shares, np.finfo(float).tiny))[None]


def linear_classes(x: Weights, y: Targets, classes: int) -> Weights:
    """Weights of multinomial logistic regression, (features + 1, classes): the last are the biases."""
    from scipy.optimize import minimize

    m, n = x.shape
    target = np.eye(classes)[y]
    penalised = np.ones((n, 1))
    penalised[-1] = 0

    def cost(flat: Weights) -> tuple[float, Weights]:
        W = flat.reshape(n, classes)
        log_p = _log_softmax(x @ W)
        loss = -(target * log_p).sum() + (penalised * W * W).sum() / 2
        return float(loss) / m, ((x.T @ (np.exp(log_p) - target) + penalised * W) / m).ravel()

    found = minimize(cost, np.zeros(n * classes), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    weights: Weights = found.x.reshape(n, classes)
    return weights


def linear_quantity(x: Weights, y: Targets, _: int = 1) -> Weights:
    """Weights of ridge regression, (features + 1, 1), the last of which is the bias."""
    centre, mean = x[:, :-1].mean(axis=0), float(y.mean())
    X, t = x[:, :-1] - centre, y[:, None] - mean
    m, n = X.shape
    if n <= m:
        W = np.linalg.solve(X.T @ X + np.eye(n), X.T @ t)
    else:  # the same by as many equations as there are rows
        W = X.T @ np.linalg.solve(X @ X.T + np.eye(m), t)
    return np.vstack([W, mean - centre @ W])


def _training(data: Dataset) -> tuple[Weights, Targets]:
    m, n = data.x_train.shape
    if data.classes:
        rows = _WORK / (4 * _STEPS * data.outputs * n)
    else:
        rows = _WORK / n**2 if n <= _FEWEST else _FEWEST
    at = np.linspace(0, m - 1, min(m, max(_FEWEST, int(rows)))).astype(np.int64)
    return _inputs(data, data.x_train[at]), data.y_train[at]


def _inputs(data: Dataset, x: Matrix) -> Weights:
    """Rows as a network sees them, and a feature that is 1 in all."""
    scaled = data.scaled(x)
    return np.column_stack([scaled, np.ones(len(scaled))]).astype(np.float64)


def _metrics(W: Weights, data: Dataset) -> dict[str, float]:
    """Of the validation and the test split."""
    found: dict[str, float] = {}
    for split, (x, y) in zip(("val", "test"), data.splits[1:], strict=True):
        outputs = _inputs(data, x)[:, -len(W) :] @ W
        found |= {f"{split}_{name}": value for name, value in _score(outputs, y, data).items()}
        found |= further_metrics(split, outputs, y, data)
    return found


def _score(outputs: Weights, y: Targets, data: Dataset) -> dict[str, float]:
    if not data.classes:
        loss = float(np.square(outputs[:, 0] - y).mean())
        return {"loss": loss, "error": data.unit * loss**0.5}
    right = float((outputs.argmax(axis=1) == y).mean())
    loss = -float(_log_softmax(outputs)[np.arange(len(y)), y].mean())
    return {"loss": loss, "accuracy": right, "error": 1 - right}


def _log_softmax(Z: Weights) -> Weights:
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_p: Weights = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_p
