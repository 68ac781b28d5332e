"""What the stack does in place, as pure functions: an optimizer's update, clipping, and a network's cost."""

from dataclasses import dataclass, field

import numpy as np

from trainer.arrays import namespace, over_models
from trainer.optimizers import clip_, gradient_norm


@dataclass(frozen=True, eq=False)
class State:
    """t: updates made so far by each model, shape (K,). moments: by the paper's symbol, one per parameter."""

    t: np.ndarray
    moments: dict = field(default_factory=dict)


def init(optimizer, params):
    """The state before the first update."""
    zeros = {s: {name: namespace(x).zeros_like(x) for name, x in params.items()} for s in optimizer.symbols}
    return State(np.zeros(len(next(iter(params.values()))), np.int64), zeros)


def update(optimizer, grads, state, params):
    """What to add to the params, decay included, and the new state. Changes none of its arguments."""
    t = state.t + 1
    numbers = optimizer.coefficients(optimizer.learning_rate, t)
    moments = {symbol: copies(of) for symbol, of in state.moments.items()}
    updates = copies(grads)
    for name, g in updates.items():
        c = {symbol: over_models(number, g) for symbol, number in numbers.items()}
        updates[name] = optimizer.rule(g, {symbol: of[name] for symbol, of in moments.items()}, c)
        if optimizer.weight_decay is not None:
            updates[name] -= over_models(optimizer.decay(optimizer.learning_rate), g) * params[name]
    return updates, State(t, moments)


def clip_by_norm(grads, limit):
    """The gradients scaled by min(1, limit/norm), as new arrays. limit: above 0, shape (K,); inf for none."""
    clipped = copies(grads)
    clip_(clipped, gradient_norm(grads), limit)
    return clipped


def cost(network, params, inputs, T, l1=None, l2=None, masks=()):
    """J = (1/m) Σ loss + (λ₂/2m) Σ_l ‖W_l‖² + (λ₁/m) Σ_l Σ |W_l|, shape (K,). l1, l2: λ₁ and λ₂, (K,)."""
    outputs = network.forward(params, inputs, masks).outputs
    if network.smoothing is not None:
        T = (1 - network.smoothing) * T + network.smoothing * network.uniform
    J = network.head.loss(outputs, T).mean(axis=1)
    for penalty, of in ((l2, lambda W: W**2 / 2), (l1, np.abs)):
        for layer in range(1, network.depth + 1) if penalty is not None else ():
            coefficient = over_models(penalty / outputs.shape[2], J)
            J += coefficient * of(params[f"W{layer}"]).sum(axis=(1, 2))
    return J


def copies(params):
    return {name: namespace(x).asarray(x, copy=True) for name, x in params.items()}
