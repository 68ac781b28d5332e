"""The papers' rules, written out in plain Python for one number, and what is needed to follow them."""

import math

import numpy as np

from tests.trainer.pure import init, update

NUMBERS = {"learning_rate": 0.1, "momentum": 0.7, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}
CORRECTABLE = ["momentum", "rmsprop", "adam", "adamw"]


def by_gradient_descent(theta, gradients, learning_rate, **_):
    for g in gradients:
        theta -= learning_rate * g
    return theta


def by_momentum(theta, gradients, learning_rate, momentum, bias_correction=0, **_):
    v = 0.0
    for t, g in enumerate(gradients, start=1):
        v = momentum * v + (1 - momentum) * g
        theta -= learning_rate * v / (1 - momentum**t if bias_correction else 1)
    return theta


def by_classical_momentum(theta, gradients, learning_rate, momentum, **_):
    v = 0.0
    for g in gradients:
        v = momentum * v + g
        theta -= learning_rate * v
    return theta


def by_nesterov(theta, gradients, learning_rate, momentum, **_):
    # As in the paper, where φ moves and the gradient is taken ahead of it, at θ = φ + β v, with v a step.
    v, ahead = 0.0, theta
    for g in gradients:
        phi = ahead - momentum * v
        v = momentum * v - learning_rate * g
        ahead = phi + v + momentum * v
    return ahead


def by_rmsprop(theta, gradients, learning_rate, beta2, epsilon, bias_correction=0, **_):
    s = 0.0
    for t, g in enumerate(gradients, start=1):
        s = beta2 * s + (1 - beta2) * g**2
        corrected = s / (1 - beta2**t) if bias_correction else s
        theta -= learning_rate * g / (math.sqrt(corrected) + epsilon)
    return theta


def by_adam(theta, gradients, learning_rate, beta1, beta2, epsilon, bias_correction=1, weight_decay=0, **_):
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        c1, c2 = (1 - beta1**t, 1 - beta2**t) if bias_correction else (1, 1)
        theta -= learning_rate * (m / c1 / (math.sqrt(v / c2) + epsilon) + weight_decay * theta)
    return theta


RULES = {
    "gradient_descent": by_gradient_descent,
    "momentum": by_momentum,
    "classical_momentum": by_classical_momentum,
    "nesterov": by_nesterov,
    "rmsprop": by_rmsprop,
    "adam": by_adam,
    "adamw": by_adam,
}


def hyperparameters(name, models=1, **changed):
    numbers = {**NUMBERS, **({"weight_decay": 0.3} if name == "adamw" else {}), **changed}
    return {name: np.broadcast_to(value, models).astype(np.float64) for name, value in numbers.items()}


def gradients(steps, *shape, seed=0):
    """Gradients over eight orders of magnitude, one of them zero and one exploding."""
    rng = np.random.default_rng(seed)
    sizes = np.exp(rng.uniform(-6, 2, size=(steps, *(1 for _ in shape))))
    g = rng.normal(size=(steps, *shape)) * sizes
    g[steps // 2] = 0.0
    g[steps // 3] *= 1e4
    return g


def descend(optimizer, theta, gradients):
    """The params after all gradients, an array (steps, K, …), were followed."""
    params = {"W1": theta.copy()}
    state = init(optimizer, params)
    for g in gradients:
        updates, state = update(optimizer, {"W1": g}, state, params)
        params = {"W1": params["W1"] + updates["W1"]}
    return params["W1"], state
