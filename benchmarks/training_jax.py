"""What one could write in JAX instead: an epoch as one jitted scan over minibatches, vmapped over models.

The same network, data, batch size, Adam and dropout; running loss and accuracy of training, and loss and
accuracy of validation and test after each epoch. Compiling is not counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from trainer import Dataset, MLPConfig

_B1, _B2, _EPSILON = 0.9, 0.999, 1e-8


def jax_epochs(config: MLPConfig, data: Dataset, models: int, epochs: int) -> Callable[[], float]:
    """Seconds per model and epoch. models: how many are trained as one; 1 for no vmap."""
    splits = [(jnp.asarray(data.scaled(x)), jnp.asarray(y)) for x, y in data.splits]
    states = [initial(config, data, jax.random.key(k)) for k in range(models)]
    state = states[0] if models == 1 else jax.tree.map(lambda *xs: jnp.stack(xs), *states)
    one = epoch_of(config, splits)
    run = jax.jit(one if models == 1 else jax.vmap(one, in_axes=(0, None, None)))
    rng = np.random.default_rng(0)

    def epoch(state: Any, number: int) -> tuple[Any, Any]:
        order = jnp.asarray(rng.permutation(len(splits[0][1])))
        return run(state, order, jax.random.key(number))

    state, metrics = epoch(state, 0)
    jax.block_until_ready(metrics)

    def seconds() -> float:
        nonlocal state
        began = time.perf_counter()
        for number in range(epochs):
            state, metrics = epoch(state, number + 1)
            np.asarray(jax.block_until_ready(metrics))
        return (time.perf_counter() - began) / epochs / models

    return seconds


def initial(config: MLPConfig, data: Dataset, key: Any) -> Any:
    """Parameters, Adam's two moments of them, and updates so far."""
    widths = (data.features, *config.hidden, data.outputs)
    params = []
    for n_in, n_out in pairwise(widths):
        key, own = jax.random.split(key)
        params.append((jax.random.normal(own, (n_in, n_out)) * jnp.sqrt(2 / n_in), jnp.zeros(n_out)))
    zeros = jax.tree.map(jnp.zeros_like, params)
    return params, zeros, zeros, jnp.zeros((), jnp.int32)


def epoch_of(config: MLPConfig, splits: list[tuple[Any, Any]]) -> Callable[[Any, Any, Any], tuple[Any, Any]]:
    """(state, order, key) → state and metrics: one epoch, the smaller last batch as a step of its own."""
    (x, y), *rest = splits
    size = config.batch_size
    full = len(y) // size * size
    keep = (config.keep or (1.0, 1.0))[1]

    def epoch(state: Any, order: Any, key: Any) -> tuple[Any, Any]:
        def step(carry: Any, at: Any) -> tuple[Any, Any]:
            state, key = carry
            key, own = jax.random.split(key)
            return (
                (updated := update(state, x[at], y[at], own, keep, config.learning_rate))[0],
                key,
            ), updated[1]

        carry, sums = jax.lax.scan(step, (state, key), order[:full].reshape(-1, size))
        totals = sums.sum(axis=0)
        if full < len(y):
            carry, last = step(carry, order[full:])
            totals = totals + last
        evaluated = [jnp.stack(scores(forward(carry[0][0], a), b)) / len(b) for a, b in rest]
        return carry[0], jnp.concatenate([totals / len(y), *evaluated])

    return epoch


def update(state: Any, x: Any, y: Any, key: Any, keep: float, rate: float) -> tuple[Any, Any]:
    """One step of Adam; the minibatch's sum of losses and right answers, before it."""
    params, m, v, t = state

    def cost(params: Any) -> tuple[Any, Any]:
        loss, right = scores(forward(params, x, key, keep), y)
        return loss / len(y), jnp.stack([loss, right])

    gradient, found = jax.grad(cost, has_aux=True)(params)
    t = t + 1
    m = jax.tree.map(lambda a, g: _B1 * a + (1 - _B1) * g, m, gradient)
    v = jax.tree.map(lambda a, g: _B2 * a + (1 - _B2) * g * g, v, gradient)
    step = rate * jnp.sqrt(1 - _B2**t) / (1 - _B1**t)
    params = jax.tree.map(lambda p, a, b: p - step * a / (jnp.sqrt(b) + _EPSILON), params, m, v)
    return (params, m, v, t), found


def forward(params: Any, x: Any, key: Any = None, keep: float = 1.0) -> Any:
    for W, b in params[:-1]:
        x = jax.nn.relu(x @ W + b)
        if keep < 1 and key is not None:
            key, own = jax.random.split(key)
            x = jnp.where(jax.random.bernoulli(own, keep, x.shape), x / keep, 0)
    W, b = params[-1]
    return x @ W + b


def scores(outputs: Any, y: Any) -> tuple[Any, Any]:
    """The sum of losses and of right answers."""
    logs = jax.nn.log_softmax(outputs)
    return -logs[jnp.arange(len(y)), y].sum(), (outputs.argmax(axis=1) == y).sum().astype(outputs.dtype)
