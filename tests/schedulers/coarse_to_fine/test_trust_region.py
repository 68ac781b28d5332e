"""Where new trials are drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.schedulers import CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.explanation import describe
from sweeps.schedulers.coarse_to_fine.feasibility import feasible_bounds
from sweeps.schedulers.coarse_to_fine.trust_region import region_around
from sweeps.schedulers.protocol import whole_space
from sweeps.space import Space

SETTINGS = CoarseToFineSettings()
RATE = Space({"rate": {"log": [1e-4, 1e-2]}})
SPACE = Space(
    {
        "rate": {"log": [1e-5, 1]},
        "kind": {"choice": ["a", "b", "c"]},
        "size": {"int": [1, 9], "when": {"kind": "a"}},
    }
)
NONE = np.empty((0, 1))
COORDINATE = st.integers(0, 20).map(lambda n: n / 20)  # so that some are equal
COLUMN = st.lists(COORDINATE | st.just(np.nan), max_size=16).map(lambda units: np.array(units).reshape(-1, 1))


def column(*units):
    return np.array(units, dtype=np.float64).reshape(-1, 1)


def one_region(elites, feasible=NONE, infeasible=NONE, space=RATE):
    return region_around(space, elites, np.vstack([elites, feasible]), infeasible, SETTINGS)


@given(COLUMN, COLUMN, COLUMN)
def test_a_bound_is_the_nearest_place_beyond_the_elites_where_nearly_all_are_infeasible(elites, others, bad):
    good = np.vstack([elites, others])
    found = feasible_bounds(elites, good, bad, SETTINGS)
    for sign, bound, nothing in zip((-1, 1), found, (0.0, 1.0), strict=True):
        counts = [((sign * bad >= sign * at).sum(), (sign * good >= sign * at).sum(), at) for at in bad[:, 0]]
        places = [
            at for b, g, at in counts if b >= 3 and b >= 0.8 * (b + g) and (sign * at > sign * elites).sum()
        ]
        beyond = [at for at in places if (sign * at > sign * elites[~np.isnan(elites)]).all()]
        assert bound == (sign * min(sign * at for at in beyond) if beyond else nothing)


@pytest.mark.parametrize(
    ("feasible", "infeasible", "low", "high"),
    [
        ([], [0.7, 0.8, 0.9], 0, 0.7),
        ([], [0.7, 0.8], 0, 1),
        ([0.85], [0.7, 0.8, 0.9], 0, 1),
        ([0.65], [0.7, 0.8, 0.9], 0, 0.7),
        ([0.95], [0.7, 0.75, 0.8, 0.9], 0, 0.7),
        ([], [0.1, 0.2, 0.3, 0.45, 0.55, 0.7, 0.8, 0.9], 0.3, 0.7),
    ],
)
def test_bounds(feasible, infeasible, low, high):
    elites = column(0.4, 0.5, 0.6)
    assert feasible_bounds(elites, np.vstack([elites, column(*feasible)]), column(*infeasible), SETTINGS) == (
        low,
        high,
    )


@given(st.integers(0, 2**32), st.integers(1, 8), st.integers(0, 30))
def test_draws_stay_within_the_region_and_steps_within_the_cube(seed, elites, others):
    rng = np.random.default_rng(seed)
    points = rng.random((elites + others, 3))
    points[rng.random(len(points)) < 0.5, 2] = np.nan
    region = region_around(SPACE, points[:elites], points[:elites], points[elites:], SETTINGS)
    assert ((region.low >= 0) & (region.low < region.high) & (region.high <= 1)).all()
    inside = points[:elites]
    assert (np.isnan(inside) | ((region.low <= inside) & (inside <= region.high))).all()
    drawn = region.draw(50, rng)
    assert ((region.low <= drawn) & (drawn <= region.high)).all()
    near = region.near(drawn, 50, rng, reach=3.0)
    assert ((near >= 0) & (near <= 1)).all()


def test_what_a_parent_leaves_out_is_drawn_from_the_region_and_not_onto_its_walls():
    elites = np.array([[0.5, 0.1, 0.5], [0.5, 0.1, 0.55], *[[0.5, 0.9, np.nan]] * 4])
    region = region_around(SPACE, elites, elites, np.empty((0, 3)), SETTINGS)
    assert region.high[2] - region.low[2] < 0.4
    drawn = region.draw(600, np.random.default_rng(0))[:, 2]
    # A third of the parents have it, half of these step, and few as far as a wall: 2 % in all. If those that
    # leave it out were clipped, more than half would lie there.
    assert np.mean((drawn == region.low[2]) | (drawn == region.high[2])) < 0.1


def test_what_few_elites_have_keeps_its_range():
    elites = np.array([[0.5, 0.1, 0.5], [0.52, 0.9, np.nan]])
    bad = np.tile([0.9, 0.5, 0.9], (5, 1))
    region = region_around(SPACE, elites, elites, bad, SETTINGS)
    assert (region.low[1:] == 0).all()
    assert (region.high[1:] == 1).all()
    assert not region.pulled[:, 1:].any()


def test_nothing_searched():
    region = one_region(np.empty((2, 0)), np.empty((0, 0)), np.empty((3, 0)), space=Space({"x": 1}))
    assert region.draw(4, np.random.default_rng(0)).shape == (4, 0)
    assert describe(Space({"x": 1}), region, []) == whole_space(Space({"x": 1}), "") == ()
