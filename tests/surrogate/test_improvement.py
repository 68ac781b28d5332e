"""The logarithm of the expected improvement, near and far."""

import numpy as np
import pytest
from scipy.integrate import quad

from sweeps.surrogate import log_expected_improvement

EPS = np.finfo(np.float64).eps


def at(u):
    """At a mean that lies u deviations below the best."""
    return log_expected_improvement(-np.atleast_1d(np.asarray(u, dtype=np.float64)), np.float64(1.0), 0.0)


@pytest.mark.parametrize("u", [-25.0, -6, -3, -1, -0.1, 0, 0.1, 1, 3, 6, 24, 26, 100])
@pytest.mark.parametrize("deviation", [0.01, 1.0, 30.0])
def test_it_is_the_integral(u, deviation):
    """Of t φ(t - u) over what t = (best - y) / deviation is above 0; with φ(u) taken out, for quad's sake."""
    top = max(u, 0.0)
    found, error = quad(
        lambda t: t * np.exp(-0.5 * (t - u) ** 2 + 0.5 * (top - u) ** 2),
        max(0.0, u - 40),
        top + 40,
        points=[top, top + 1 / (1 + abs(u))],
        epsabs=0,
        epsrel=1e-11,
        limit=500,
    )
    expected = np.log(found) - 0.5 * (top - u) ** 2 - 0.5 * np.log(2 * np.pi) + np.log(deviation)
    mean, best = np.array([5.0 - u * deviation]), 5.0
    # Rounding of the mean moves u by ε · 5 / deviation, and the logarithm's slope is |u| + 1; below 0,
    # 1 + u Φ/φ is about 1/u² and loses as many digits.
    slack = error / found + EPS * (8 * (u * u + 1) * 2 + 10 / deviation * (abs(u) + 1))
    assert abs(log_expected_improvement(mean, np.array([deviation]), best)[0] - expected) <= slack


@pytest.mark.parametrize("u", [-50.0, -300, -999, -1001, -1e4, -1e6, -1e7])
def test_far_out_it_is_its_series(u):
    """φ(u)/u² · (1 - 3/u² + 15/u⁴ - …), which errs by less than the first term left out."""
    expected = -0.5 * u * u - 0.5 * np.log(2 * np.pi) - 2 * np.log(-u) + np.log1p(-3 / u**2 + 15 / u**4)
    slack = 105 / u**6 + (15 / u**4 if u < -1e3 else 0) + 8 * EPS * u * u
    assert abs(at(u)[0] - expected) <= slack


def test_it_rises_with_the_best_and_falls_with_the_mean():
    lattice = np.linspace(-2000, 2000, 16001)
    assert (np.diff(at(lattice)) > 0).all()
    assert (np.diff(log_expected_improvement(lattice, np.float64(0.5), 3.0)) < 0).all()
    bests = [log_expected_improvement(np.zeros(1), np.ones(1), best)[0] for best in (-9.0, -1, 0, 1, 26)]
    assert (np.diff(bests) > 0).all()


@pytest.mark.parametrize("place", [-1e3, 25.0])
def test_no_jump_where_one_form_takes_over_from_another(place):
    """Over 2 · 10⁻⁶ it moves by its slope, at most |u| + 1, times as much; 15/u⁴ is the series' own part."""
    low, high = at([place - 1e-6, place + 1e-6])
    assert 0 < high - low <= 2e-6 * (abs(place) + 1) + 15 / place**4 * (place < 0) + 8 * EPS * place**2


def test_it_is_finite_for_whatever_comes():
    means = np.array([-1e100, -1e3, -25, 0, 25, 1e3, 1e100])
    for deviation in (1e-6, 1.0, 1e6):
        assert np.isfinite(log_expected_improvement(means, np.full(7, deviation), 0.0)).all()
