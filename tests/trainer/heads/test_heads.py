"""Heads: the loss and its gradient against torch and closed forms, and however large the outputs are."""

import math

import numpy as np
import pytest

from tests.trainer.libraries import DEVICES, backend, host
from tests.trainer.problems import CLASSES, targets
from tests.trainer.reference import load_reference
from trainer.gradient_check import gradient_check
from trainer.heads import HEADS

REFERENCE = load_reference()
UNIT = 2.0**-53  # float64's rounding unit


def outputs_and_targets(name, models=3, m=7, scale=3.0, seed=0):
    rng = np.random.default_rng(seed)
    Z = scale * rng.normal(size=(models, HEADS[name].outputs(CLASSES[name]), m))
    return Z, targets(name, m, rng)


@pytest.mark.parametrize("device", DEVICES)
def test_softmax_is_torchs_cross_entropy(device):
    array, labels = backend(device).array, REFERENCE["xent_labels"]
    logits = REFERENCE["xent_logits"]
    Z, T = array(np.stack([logits.T + 1, logits.T])), array(np.eye(10)[labels].T[None])
    loss = host(HEADS["softmax"].loss(Z, T))
    # Each loss has some ten roundings of numbers below the largest, and the mean's add to them.
    bound = (10 + 64) * UNIT * np.abs(logits).max()
    assert loss[1].mean() == pytest.approx(REFERENCE["xent_s0.0_loss"], abs=bound)
    gradient = host(HEADS["softmax"].gradient(Z, T))
    # p ≤ 1 errs by as much as its logits, over m = 64.
    np.testing.assert_allclose(gradient[1].T, REFERENCE["xent_s0.0_grad"], rtol=0, atol=bound / 64)


def test_logistic_is_torchs_cross_entropy():
    torch = pytest.importorskip("torch")
    Z, T = outputs_and_targets("logistic")
    z = torch.tensor(Z[1, 0], requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(T[0, 0]), reduction="none")
    loss.mean().backward()
    # Under ten roundings of numbers below 10, and of probabilities over m = 7.
    np.testing.assert_allclose(HEADS["logistic"].loss(Z, T)[1], loss.detach(), rtol=0, atol=100 * UNIT)
    np.testing.assert_allclose(HEADS["logistic"].gradient(Z, T)[1, 0], z.grad, rtol=0, atol=10 * UNIT)


@pytest.mark.parametrize("device", DEVICES)
def test_linear_is_the_squared_error(device):
    array = backend(device).array
    Z, T = outputs_and_targets("linear")
    loss, gradient = (
        host(each(array(Z), array(T))) for each in (HEADS["linear"].loss, HEADS["linear"].gradient)
    )
    np.testing.assert_allclose(loss, ((Z - T) ** 2)[:, 0], rtol=4 * UNIT)
    np.testing.assert_allclose(gradient, 2 * (Z - T) / 7, rtol=4 * UNIT)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outputs_of_ten_thousand_are_no_trouble(dtype, device):
    array = backend(device).array
    expected = {  # right by far, wrong by far (the loss is the gap, or its square), and at the border
        "softmax": ([[1e4, -1e4, 0], [-1e4, 1e4, 0]], [[1, 1, 0], [0, 0, 1]], [0, 2e4, math.log(2)]),
        "logistic": ([[1e4, 1e4, 0]], [[1, 0, 1]], [0, 1e4, math.log(2)]),
        "linear": ([[1e4, -1e4, 0]], [[1e4, 1e4, 1]], [0, 4e8, 1]),
    }
    slopes = {
        "softmax": [[0, -1, 0.5], [0, 1, -0.5]],
        "logistic": [[0, 1, -0.5]],
        "linear": [[0, -4e4, -2]],
    }
    for name, (outputs, target, losses) in expected.items():
        Z, T = (array(np.array([x], dtype)) for x in (outputs, target))
        loss, gradient = (host(f(Z, T)) for f in (HEADS[name].loss, HEADS[name].gradient))
        assert loss.dtype == gradient.dtype == dtype
        # log 2 and a third are rounded, as is what is done with them; whole numbers are not.
        np.testing.assert_allclose(loss, [losses], rtol=2 * np.finfo(dtype).eps)
        np.testing.assert_allclose(gradient, np.array([slopes[name]]) / 3, rtol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_what_is_left_of_a_confident_logistic_loss_is_not_rounded_away(target, dtype):
    z = np.array([[np.linspace(1, 15, 57)]], dtype) * dtype(2 * target - 1)
    # log(1 + e^−|z|) alone, with an exponential and a logarithm of a few roundings each.
    exact = np.log1p(np.exp(-np.abs(z[0].astype(np.float64))))
    loss = HEADS["logistic"].loss(z, np.full_like(z, target))
    np.testing.assert_allclose(loss, exact, rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", HEADS)
def test_gradient_equals_central_differences(name):
    Z, T = outputs_and_targets(name)
    head = HEADS[name]
    errors = gradient_check(lambda p: head.loss(p["Z"], T).mean(axis=1), {"Z": Z}, {"Z": head.gradient(Z, T)})
    # Losses are below 60 and gradients' norms above 1e-2: 1e-16·60/1e-5/1e-2 with h = 1e-5, as curvatures
    # are below 1 and give h²/6.
    assert (errors["Z"] < 1e-7).all()


@pytest.mark.parametrize("name", HEADS)
def test_loss_and_gradient_leave_outputs_and_targets_alone(name):
    Z, T = outputs_and_targets(name)
    for array in (Z, T):
        array.flags.writeable = False
    assert HEADS[name].loss(Z, T).shape == (3, 7)
    assert HEADS[name].gradient(Z, T).shape == Z.shape


def test_how_many_outputs_and_which_targets():
    counts = {name: [head.outputs(classes) for classes in (0, 2, 5)] for name, head in HEADS.items()}
    # Softmax says 0, "cannot", of quantities, as logistic does of all but two classes.
    assert counts == {"softmax": [0, 2, 5], "logistic": [0, 1, 0], "linear": [1, 0, 0]}
    assert np.array_equal(HEADS["softmax"].target_table(3), [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert np.array_equal(HEADS["logistic"].target_table(2), [[0], [1]])
    assert HEADS["linear"].target_table(0) is None
    assert [name for name, head in HEADS.items() if head.classifies] == ["softmax", "logistic"]


@pytest.mark.parametrize("device", DEVICES)
def test_right_answers_and_who_wins_a_tie(device):
    # Of classes that are equally likely, the first.
    three = np.array([[[1.0, 2.0, 0.0], [2.0, 2.0, 0.0], [0.0, 1.0, 0.0]]])
    one = np.array([[[-1e-300, 0.0, 1e-300]]])
    assert said(HEADS["softmax"], three, 3, backend(device).array) == [1, 0, 0]
    assert said(HEADS["softmax"], three[:, :, :1], 3, backend(device).array) == [1]
    assert said(HEADS["logistic"], one, 2, backend(device).array) == [0, 0, 1]


def said(head, Z, classes, array):
    """The one class for each example that is counted as right."""
    answers = []
    for y in range(classes):
        labels = np.full((1, Z.shape[2]), y)
        T = head.target_table(classes)[labels[0]].T[None]
        answers.append(host(head.right(array(Z), array(T), array(labels)))[0])
    assert (np.sum(answers, axis=0) == 1).all()
    return np.argmax(answers, axis=0).tolist()


@pytest.mark.parametrize("device", DEVICES)
def test_a_tie_beside_a_model_that_has_diverged(device):
    """As many outputs are the largest as there are examples, though one has two and another none."""
    array = backend(device).array
    Z = np.array([[[1.0], [1.0]], [[np.nan], [np.nan]]])
    T, y = np.array([[[0.0], [1.0]]]), np.array([[1]])
    assert host(HEADS["softmax"].right(array(Z), array(T), array(y)))[0].tolist() == [False]
