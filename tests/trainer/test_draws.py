"""Draws by counting: the same wherever they are computed, and as good as random."""

import numba
import numpy as np
import pytest
from scipy import stats

from tests.trainer.examples import blobs
from trainer import MLPConfig, mlp
from trainer.compiled.dropout import drop
from trainer.compiled.model import Model
from trainer.draws import SCALE, VERSION, mixed, uniform, words
from trainer.epoch.batches import epoch_order

KEY = np.array(words((1, 3, 0), 2, 1))


@numba.njit
def dropped(A, kept, factor, keep, key, position):
    drop(A, kept, factor, keep, key, position)


def draws(positions=4000, units=64, key=KEY, dtype=np.float64):
    return uniform(key, np.arange(positions), units, dtype)


def test_a_seed_means_the_same_as_long_as_the_version_is_the_same():
    """Raise `draws.VERSION` with these numbers: a resumed sweep is told by it."""
    assert mlp.versions == {"draws": VERSION}
    assert VERSION == "1"
    counted = uniform(KEY, np.array([0, 70]), 2, np.float64) / SCALE
    assert counted.tolist() == [[3084980, 1733600], [11770455, 13644196]]
    assert epoch_order(9, seed=1, epoch=2).tolist() == [8, 6, 4, 5, 2, 3, 7, 0, 1]
    weights = Model(MLPConfig(hidden=(2,)), blobs(), seed=1).checkpoint()["W2"].ravel()
    assert weights[:3] == pytest.approx([-0.342026, -1.517753, -1.196167], abs=1e-6)


def test_torch_draws_the_same():
    torch = pytest.importorskip("torch")
    found = uniform(torch.tensor(KEY), torch.arange(5, 99), 7, np.float32)
    assert np.array_equal(found.numpy(), uniform(KEY, np.arange(5, 99), 7, np.float32))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernels_draw_the_same(dtype):
    A = np.ones((90, 13), dtype)
    kept, factor = np.empty_like(A), np.empty_like(A)
    dropped(A, kept, factor, dtype(0.3), KEY.astype(np.uint32), 2**31 + 7)
    mask = uniform(KEY, np.arange(2**31 + 7, 2**31 + 97), 13, dtype) < dtype(0.3)
    assert np.array_equal(factor > 0, mask.T)
    assert np.array_equal(kept, A * factor)


def test_a_draw_depends_on_its_place_alone():
    whole = draws(100, 20)
    assert np.array_equal(uniform(KEY, np.array([70, 3]), 20, np.float64), whole[:, [70, 3]])
    assert np.array_equal(draws(100, 5), whole[:5])


def test_float32_compares_the_same_number():
    assert np.array_equal(draws(dtype=np.float32), draws())
    assert draws().max() < 1


def test_mixing_is_one_to_one():
    found = mixed(np.arange(1 << 20, dtype=np.int64) * 4099 & 0xFFFFFFFF)
    assert len(np.unique(found)) == 1 << 20
    assert found.max() < 1 << 32


@pytest.mark.parametrize(
    "other", [((2, 3, 0), 2, 1), ((1, 3, 1), 2, 1), ((1, 3, 0), 3, 1), ((1, 3, 0), 2, 2)]
)
def test_keys_are_independent(other):
    one, two = draws().ravel(), draws(key=np.array(words(*other))).ravel()
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / np.sqrt(one.size)


def test_they_are_uniform():
    """By units, by examples and by pairs of neighbours; chance has a p of 1e-4 once in 10,000 tests."""
    found = draws()
    for x in (found.ravel(), found[0], found[-1], found[:, 0], found[:, -1]):
        assert stats.kstest(x, "uniform").pvalue > 1e-4
    for axis in (0, 1):
        a, b = np.delete(found, -1, axis), np.delete(found, 0, axis)
        cells = np.histogram2d(a.ravel(), b.ravel(), bins=16, range=[[0, 1], [0, 1]])[0]
        assert stats.chisquare(cells.ravel()).pvalue > 1e-4
    kept = (found < 0.5).sum(axis=0)  # of each example: binomial, so no example loses more than chance
    expected = stats.binom(64, 0.5)
    low, high = expected.ppf(0.2), expected.ppf(0.8)
    share = np.mean((kept > low) & (kept <= high))
    assert abs(share - (expected.cdf(high) - expected.cdf(low))) < 4 * np.sqrt(0.25 / len(kept))


def test_no_two_examples_have_the_same_mask():
    kept = np.packbits(draws(20_000) < 0.5, axis=0)
    assert len(np.unique(kept, axis=1).T) == 20_000
