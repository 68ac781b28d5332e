"""The score of a split: sums over minibatches, and NaN where an output is no finite number."""

import numpy as np
import pytest

from trainer.backends import backend_for
from trainer.epoch.score import Score
from trainer.heads import HEADS

UNIT = 2.0**-53
SOFTMAX = HEADS["softmax"]


def outputs(models=2, m=3000):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, m)
    return rng.normal(size=(models, 4, m)), np.eye(4)[y].T[None], y[None]


@np.errstate(invalid="ignore")  # as a stack has it
def scored(score, parts, size):
    for at in range(0, parts[2].shape[-1], size):
        score.add(*(part[..., at : at + size] for part in parts))
    return score


@pytest.mark.parametrize("size", [1, 70, 1024, 2999])
def test_over_many_blocks(size):
    parts = outputs()
    parts[0][1, 2, 2999] = -np.inf
    score = scored(Score(2, SOFTMAX, backend_for("cpu")), parts, size)
    with np.errstate(invalid="ignore"):
        loss, accuracy = score.means(3000)
    Z, y = parts[0][0], parts[2][0]
    by_hand = np.log(np.exp(Z).sum(axis=0)) - Z[y, np.arange(3000)]
    # 3,000 sums of numbers below 10.
    assert loss[0] == pytest.approx(by_hand.mean(), abs=3000 * 10 * UNIT)
    assert accuracy[0] == (Z.argmax(axis=0) == y).mean()
    assert np.isnan([loss[1], accuracy[1]]).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("size", [70, 1000, 3000])
def test_finite_is_told_of_all_that_was_added(value, size):
    parts = outputs(3)
    parts[0][1, 0, 2999] = value
    score = Score(3, SOFTMAX, backend_for("cpu"))
    assert score.finite().tolist() == [True] * 3
    with np.errstate(invalid="ignore"):
        assert scored(score, parts, size).finite().tolist() == [True, False, True]


def test_those_selected_keep_what_they_have():
    parts, first, second = outputs(3), slice(0, 1500), slice(1500, 3000)
    whole, part = (Score(3, SOFTMAX, backend_for("cpu")) for _ in range(2))
    scored(whole, parts, 100)
    scored(part, [x[..., first] for x in parts], 100)
    stay = np.array([True, False, True])
    rest = part.select(stay)
    scored(rest, [parts[0][stay][..., second], *(x[..., second] for x in parts[1:])], 100)
    for one, other in zip(whole.means(3000), rest.means(3000), strict=True):
        assert other == pytest.approx(one[stay], abs=3000 * 10 * UNIT)


def test_reset():
    parts, score = outputs(), Score(2, SOFTMAX, backend_for("cpu"))
    parts[0][1, 2, 5] = np.nan
    scored(score, parts, 1024)
    score.means(3000)
    score.reset()
    assert score.finite().all()
    good = outputs()
    fresh = scored(Score(2, SOFTMAX, backend_for("cpu")), good, 1024).means(3000)
    again = scored(score, good, 1024).means(3000)
    assert all(np.array_equal(one, other) for one, other in zip(fresh, again, strict=True))


def test_no_accuracy_of_quantities():
    Z, T = np.array([[[1.0, 3.0]]]), np.array([[[0.0, 1.0]]])
    score = Score(1, HEADS["linear"], backend_for("cpu"))
    score.add(Z, T, T[0])
    loss, accuracy = score.means(2)
    assert loss.tolist() == [(1 + 4) / 2]
    assert accuracy is None


def test_a_new_epoch_knows_nothing_of_what_an_interrupted_one_left():
    score, parts = Score(2, SOFTMAX, backend_for("cpu")), outputs(m=50)
    score.add(*(part[..., :20] for part in parts))
    score.reset()
    assert np.array_equal(scored(score, parts, 50).means(50), expected := by_itself(parts))
    assert np.isfinite(expected).all()


def by_itself(parts):
    return scored(Score(2, SOFTMAX, backend_for("cpu")), parts, 50).means(50)
