"""Optimizers against torch's and optax's own trajectories, through zero gradients and an exploding step."""

from typing import NamedTuple

import numpy as np
import pytest

from tests.trainer.pure import State, init, update
from tests.trainer.reference import load_reference
from trainer.optimizers import build_optimizer
from trainer.schedules import Cosine, Exponential, InverseTime

REFERENCE = load_reference()
W0, GRADS = REFERENCE["w0"], REFERENCE["grads"]

# 60 steps of some ten roundings each, of numbers no larger than the trajectory's largest, are off by at most
# 60 · 10 · 1.1e-16 = 7e-14 of it; ε, far below the gradients, can make a few times that of a moment's.
TOLERANCE = 1e-12

ADAM = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
HEAVY = {"learning_rate": 0.01, "momentum": 0.9}
DECAYED = {**ADAM, "weight_decay": 0.1}


class Case(NamedTuple):
    optimizer: str
    hyperparameters: dict
    l2: float = 0.0
    schedule: object = None
    tolerance: float = TOLERANCE
    starts_at_g1: bool = False


CASES = {
    "torch_sgd": Case("gradient_descent", {"learning_rate": 0.01}),
    "torch_sgd_wd": Case("gradient_descent", {"learning_rate": 0.01}, l2=0.1),
    "torch_momentum": Case("classical_momentum", HEAVY),
    # torch has v₁ = g₁, whatever the dampening: as if v had been g₁ before.
    "torch_momentum_dampening": Case("momentum", HEAVY, starts_at_g1=True),
    "torch_nesterov": Case("nesterov", HEAVY),
    "torch_rmsprop": Case("rmsprop", {"learning_rate": 1e-3, "beta2": 0.99, "epsilon": 1e-8}),
    "torch_adam": Case("adam", ADAM),
    "torch_adam_b": Case("adam", {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}),
    "torch_adam_l2": Case("adam", ADAM, l2=0.1),
    "torch_adamw": Case("adamw", DECAYED),
    "optax_sgd": Case("gradient_descent", {"learning_rate": 0.01}),
    "optax_momentum": Case("classical_momentum", HEAVY),
    "optax_nesterov": Case("nesterov", HEAVY),
    "optax_adam": Case("adam", ADAM),
    "optax_adamw": Case("adamw", DECAYED),
    "optax_adam_inverse_time_decay": Case("adam", ADAM, schedule=InverseTime(0.01, 0.1)),
    # optax took this rate in float32: a rounding of 0.01, of the power and of their product, and of the
    # exponent t/10, which log 2 · 5.9 times over is the power's.
    "optax_sgd_exponential_decay": Case(
        "gradient_descent", {}, schedule=Exponential(0.01, 0.5**0.1), tolerance=8 * 2.0**-24
    ),
    "optax_sgd_cosine": Case("gradient_descent", {}, schedule=Cosine(0.01, 60.0)),
}

# What stands beside the model in its stack: nothing, or a model of another pace on either side.
STACKS = {"alone": [1.0], "between others": [0.5, 1.0, 0.3]}
SPLITS = {"one array": [slice(0, 17)], "two arrays": [slice(0, 5), slice(5, 17)]}


def numpy_array(x):
    return np.array(x)


def torch_tensor(x):
    return pytest.importorskip("torch").tensor(x)


def trajectory(case, paces, parts, array):
    """The params after each step, (steps, K, 17)."""
    paces = np.array(paces)
    params = {str(i): array(np.tile(W0[part], (len(paces), 1))) for i, part in enumerate(parts)}
    vectors = {name: value * paces for name, value in case.hyperparameters.items()}
    state, path = None, []
    for t, gradient in enumerate(GRADS):
        if case.schedule is not None:
            vectors["learning_rate"] = case.schedule(np.array(t), 1) * paces
        optimizer = build_optimizer(case.optimizer, vectors)
        g = {
            name: array(np.tile(gradient[part], (len(paces), 1)))
            for name, part in zip(params, parts, strict=True)
        }
        if state is None:
            state = init(optimizer, params)
            if case.starts_at_g1:
                rest = 1 - case.hyperparameters["momentum"]  # the state has an average's sum
                state = State(state.t, {"v": {name: x / rest for name, x in g.items()}})
        g = {name: x + case.l2 * params[name] for name, x in g.items()}
        updates, state = update(optimizer, g, state, params)
        params = {name: x + updates[name] for name, x in params.items()}
        path.append(np.concatenate([np.asarray(x) for x in params.values()], axis=1))
    return np.array(path)


@pytest.mark.parametrize("array", [numpy_array, torch_tensor])
@pytest.mark.parametrize("parts", SPLITS)
@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("name", CASES)
def test_follows_the_reference(name, stack, parts, array):
    found = trajectory(CASES[name], STACKS[stack], SPLITS[parts], array)
    model = STACKS[stack].index(1.0)
    error = np.abs(found[:, model] - REFERENCE[name]).max() / np.abs(REFERENCE[name]).max()
    assert error <= CASES[name].tolerance


@pytest.mark.parametrize("name", CASES)
def test_after_the_explosion_each_step_is_the_references(name):
    # In the params a step after the explosion is lost beside those before it; of itself it must be right too.
    found = np.diff(trajectory(CASES[name], [1.0], SPLITS["one array"], numpy_array)[:, 0], axis=0)
    expected = np.diff(REFERENCE[name], axis=0)
    # A difference of two params has their roundings.
    floor = 600 * np.finfo(np.float64).eps * np.abs(REFERENCE[name]).max(axis=0)
    assert (np.abs(found - expected) <= CASES[name].tolerance * np.abs(expected) + floor).all()
