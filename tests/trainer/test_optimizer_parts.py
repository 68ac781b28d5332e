"""What all optimizers promise: purity, decay, coefficients at once, rules in blocks."""

import numpy as np
import pytest

from tests.trainer.papers import CORRECTABLE, descend, gradients, hyperparameters
from tests.trainer.pure import State, init, update
from trainer.arrays import namespace, over_models
from trainer.errors import ConfigError
from trainer.optimizers import OPTIMIZERS, GradientDescent, build_optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_takes_its_share_beside_any_rule(name):
    decay, alpha = np.array([0.0, 0.5]), np.array([0.1, 0.2])
    theta, g = np.random.default_rng(0).normal(size=(2, 2, 4))
    plain = build_optimizer(name, hyperparameters(name, 2, learning_rate=alpha, weight_decay=0))
    decayed = build_optimizer(name, hyperparameters(name, 2, learning_rate=alpha, weight_decay=decay))
    params = {"W1": theta}
    without, _ = update(plain, {"W1": g}, init(plain, params), params)
    with_decay, _ = update(decayed, {"W1": g}, init(decayed, params), params)
    assert np.array_equal(decayed.decay(alpha), [0, 0.1])
    assert np.array_equal(with_decay["W1"], without["W1"] - np.array([[0.0], [0.1]]) * theta)
    assert np.array_equal(GradientDescent(alpha).decay(alpha), [0, 0])


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_update_changes_no_argument_and_keeps_the_dtype(name, dtype):
    optimizer = build_optimizer(name, hyperparameters(name, 2, weight_decay=0.1))
    params = {"W1": np.ones((2, 3, 4), dtype), "b1": np.ones((2, 3, 1), dtype)}
    grads = {name: 2 * p for name, p in params.items()}
    _, state = update(optimizer, grads, init(optimizer, params), params)
    moments = [x for of in state.moments.values() for x in of.values()]
    for array in [*params.values(), *grads.values(), *moments, state.t]:
        array.flags.writeable = False
    updates, later = update(optimizer, grads, state, params)
    assert np.array_equal(state.t, [1, 1])
    assert np.array_equal(later.t, [2, 2])
    assert {name: (u.shape, u.dtype) for name, u in updates.items()} == {
        name: (p.shape, p.dtype) for name, p in params.items()
    }
    assert set(later.moments) == set(optimizer.symbols)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_update_changes_no_tensor(name):
    torch = pytest.importorskip("torch")
    optimizer = build_optimizer(name, hyperparameters(name, 2, weight_decay=0.1))
    params, grads = {"W1": torch.ones(2, 3, 4)}, {"W1": torch.full((2, 3, 4), 2.0)}
    _, state = update(optimizer, grads, init(optimizer, params), params)
    moments = {symbol: of["W1"].clone() for symbol, of in state.moments.items()}
    updates, _ = update(optimizer, grads, state, params)
    assert updates["W1"].dtype == torch.float32
    assert (params["W1"] == 1).all()
    assert (grads["W1"] == 2).all()
    assert all((state.moments[symbol]["W1"] == x).all() for symbol, x in moments.items())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_models_of_a_stack_may_be_at_different_updates(name):
    path = gradients(6, 2, 5)
    optimizer = build_optimizer(name, hyperparameters(name, 2))
    alone = build_optimizer(name, hyperparameters(name, 1))
    params = {"W1": np.ones((2, 5))}
    _, ahead = descend(alone, params["W1"][:1], path[:5, :1])
    _, behind = descend(alone, params["W1"][1:], path[:2, 1:])
    moments = {
        s: {"W1": np.concatenate([ahead.moments[s]["W1"], behind.moments[s]["W1"]])} for s in ahead.moments
    }
    both = State(np.concatenate([ahead.t, behind.t]), moments)
    updates, state = update(optimizer, {"W1": path[5]}, both, params)
    assert np.array_equal(state.t, [6, 3])
    for model, of_one in enumerate([ahead, behind]):
        one = slice(model, model + 1)
        expected, _ = update(alone, {"W1": path[5, one]}, of_one, {"W1": params["W1"][one]})
        assert np.array_equal(updates["W1"][one], expected["W1"])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_coefficients_of_many_steps_are_those_of_each(name):
    mixed = {"bias_correction": [0, 1, 1]} if name in CORRECTABLE else {}
    optimizer = build_optimizer(name, hyperparameters(name, 3, beta1=[0, 0.5, 0.9], **mixed))
    t = np.arange(1, 8)[:, None] + np.array([0, 5, 100])
    alpha = np.geomspace(1, 1e-3, 7)[:, None] * np.array([0.1, 0.2, 0.3])
    at_once = optimizer.coefficients(alpha, t)
    for step in range(7):
        for key, number in optimizer.coefficients(alpha[step], t[step]).items():
            assert number.shape == (3,)
            assert at_once[key].shape == (7, 3)
            assert at_once[key].dtype == np.float64
            assert np.array_equal(at_once[key][step], number)
    # Either may be without the steps.
    assert optimizer.coefficients(alpha[0], t)["step"].shape == (7, 3)
    assert optimizer.coefficients(alpha, t[0])["step"].shape == (7, 3)


@pytest.mark.parametrize("array", ["numpy", "torch"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rule_block_by_block_equals_the_whole(name, array):
    to_array = np.array if array == "numpy" else pytest.importorskip("torch").tensor
    optimizer = build_optimizer(name, hyperparameters(name, 3))
    path = [to_array(g) for g in gradients(4, 3, 50).astype(np.float32)]
    whole = {s: namespace(path[0]).zeros_like(path[0]) for s in optimizer.symbols}
    blocks = {s: namespace(path[0]).zeros_like(path[0]) for s in optimizer.symbols}
    for t, g in enumerate(path, start=1):
        numbers = optimizer.coefficients(optimizer.learning_rate, np.full(3, t))
        c = {key: over_models(number, g) for key, number in numbers.items()}
        copy = 1 * g
        update = optimizer.rule(g, whole, c)
        for at in range(0, 50, 16):
            block = {s: x[:, at : at + 16] for s, x in blocks.items()}
            of_block = optimizer.rule(copy[:, at : at + 16], block, c)
            assert (of_block == update[:, at : at + 16]).all()
        assert all((blocks[s] == whole[s]).all() for s in optimizer.symbols)


def test_optional_hyperparameters_have_defaults():
    optimizer = build_optimizer("adam", hyperparameters("adam"))
    assert optimizer.weight_decay is None
    assert optimizer.bias_correction is None
    assert np.array_equal(build_optimizer("adamw", hyperparameters("adamw")).weight_decay, [0.3])


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(
        ConfigError, match=r"did you mean adam\? Valid: gradient_descent, momentum, classical"
    ):
        build_optimizer("adma", hyperparameters("adam"))
