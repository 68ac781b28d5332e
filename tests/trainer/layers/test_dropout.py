"""Dropout: masks that keep the expectation, and draws that models have in common."""

import math

import numpy as np
import pytest

from tests.trainer.libraries import DEVICES, backend, host
from trainer.config import MLPConfig
from trainer.epoch.dropout import Dropout
from trainer.layers.dropout import mask
from trainer.member import Member


def members(*keeps, epoch=2, replica=0):
    """Models with two hidden layers. keeps: of the input and of each hidden layer."""
    return [Member(MLPConfig(hidden=(9, 6), keep=keep, replica=replica), epoch=epoch) for keep in keeps]


def masks(models, *, widths=(4, 9, 6, 3), m=7, seed=1, batch=3, dtype=np.float64, device="cpu"):
    dropout = Dropout(models, widths, 10, seed=seed, backend=backend(device), dtype=dtype)
    dropout.load()
    return [None if x is None else host(x) for x in dropout.masks(batch, m)]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_masks_keep_the_expectation(dtype, device):
    array, keep = backend(device).array, np.array([0.25, 0.6, 1.0], dtype)
    uniform = np.random.default_rng(0).random((1, 400, 100), dtype=dtype)
    found = host(mask(array(uniform), array(keep[:, None, None])))
    assert found.shape == (3, 400, 100)
    assert found.dtype == dtype
    for p, of_model in zip(keep, found, strict=True):
        # An entry is 1/p with probability p: variance (1 − p)/p. Five deviations, and a rounding of 1/p;
        # the entries of p = 1 are 1 exactly.
        p_ = float(p)
        bound = 5 * math.sqrt((1 - p_) / p_ / of_model.size) + np.finfo(dtype).eps * (p_ < 1)
        assert abs(of_model.mean(dtype=np.float64) - 1) <= bound
        assert set(np.unique(of_model)) <= {dtype(0), 1 / p}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_least_draw_is_kept_and_the_largest_is_by_a_p_of_one_alone(dtype):
    # Draws lie in [0, 1), so those below p, without p itself, have the probability p.
    uniform = np.array([[[0, 0.5, np.nextafter(dtype(1), dtype(0))]]], dtype)
    keep = np.array([np.finfo(dtype).tiny, 0.5, 1.0], dtype)[:, None, None]
    assert (mask(uniform, keep) > 0).tolist() == [
        [[True, False, False]],
        [[True, False, False]],
        [[True, True, True]],
    ]


@pytest.mark.parametrize("device", DEVICES)
def test_a_model_of_higher_p_keeps_all_that_one_of_lower_p_does(device):
    for layer in masks(members((0.3, 0.2, 0.5), (0.8, 0.4, 0.6), (1.0, 0.9, 0.7)), device=device):
        kept = layer > 0
        assert not (kept[:-1] & ~kept[1:]).any()
        # And something more: that no draw of 28 or more lies between the two would be chance.
        assert (kept[:-1] != kept[1:]).any(axis=(1, 2)).all()


def test_narrower_layers_keep_what_they_would_alone():
    keep = (0.5, 0.4, 0.6)
    wide, narrow = masks(members(keep)), masks(members(keep), widths=(2, 5, 3, 3))
    for of_wide, of_narrow in zip(wide, narrow, strict=True):
        assert np.array_equal(of_wide[:, : of_narrow.shape[1]], of_narrow)


def test_the_input_is_masked_only_if_asked():
    hidden = MLPConfig.parse({"hidden": [9, 6], "keep_probability": 0.5})
    both = MLPConfig.parse({"hidden": [9, 6], "keep_probability_0": 0.8, "keep_probability": 0.5})
    one = MLPConfig.parse({"hidden": [9, 6], "keep_probability_2": 0.5})
    of_input, *rest = masks([Member(hidden)])
    assert of_input is None
    assert [x.shape for x in rest] == [(1, 9, 7), (1, 6, 7)]
    assert [x.shape for x in masks([Member(both)])] == [(1, 4, 7), (1, 9, 7), (1, 6, 7)]
    assert [x is None for x in masks([Member(one)])] == [True, True, False]
    # Beside one whose input is masked, a model's own is multiplied by ones.
    assert (masks([Member(hidden), Member(both)])[0][0] == 1).all()
    assert masks([Member(MLPConfig(hidden=(9, 6)))]) == []


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("other", [{"seed": 2}, {"batch": 4}, {"epoch": 3}, {"replica": 1}])
def test_draws_differ_by(other, device):
    key = {name: other[name] for name in other if name in ("epoch", "replica")}
    rest = {name: other[name] for name in other if name not in key}
    keep = (0.5, 0.5, 0.5)
    one, again = masks(members(keep)), masks(members(keep), device=device)
    changed = masks(members(keep, **key), device=device, **rest)
    # 28 draws or more that agree by chance: 2⁻²⁸.
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(one, changed, strict=True))


def test_draws_differ_by_layer():
    first, second, third = masks(members((0.5, 0.5, 0.5)))
    assert not np.array_equal(first, second[:, :4])
    assert not np.array_equal(second[:, :6], third)


@pytest.mark.parametrize("device", DEVICES)
def test_a_model_draws_the_same_whoever_is_beside(device):
    """Models of several epochs and replicas: each as if it were alone."""
    keep, other = (0.5, 0.4, 0.6), (0.7, 0.9, 0.3)
    stack = [
        *members(keep, epoch=1),
        *members(other, epoch=1, replica=5),
        *members(other, keep, epoch=2),
        *members(keep, epoch=4, replica=5),
    ]
    together = masks(stack, device=device)
    for row, member in enumerate(stack):
        for layer, alone in zip(together, masks([member]), strict=True):
            assert np.array_equal(layer[row], alone[0])
