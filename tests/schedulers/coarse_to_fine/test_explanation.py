"""The ends that elites lean on, and what is said of regions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.schedulers import Extension
from sweeps.schedulers.coarse_to_fine.explanation import describe, show
from sweeps.schedulers.coarse_to_fine.range_growth import grow, leans
from sweeps.space import Space
from tests.schedulers.coarse_to_fine.test_trust_region import RATE, SETTINGS, column, one_region

SURE = np.full((2, 1), 9.0)  # at either end the elites are better than inside


def test_a_pulled_in_end_is_said():
    region = one_region(column(0.4, 0.5, 0.6), infeasible=column(0.62, 0.7, 0.8))
    (region,) = describe(RATE, region, leans(RATE, region, SURE, SETTINGS))
    assert region.high == pytest.approx(1e-4 * 100**0.62)
    assert (
        region.reason
        == "3 elites within 0.000631 … 0.00158; upper end pulled in to 0.00174: infeasible beyond"
    )


@pytest.mark.parametrize(
    ("elites", "says"),
    [((np.nan, np.nan), "none of the elites has it"), ((np.nan, 0.5), "only 1 of the elites has it")],
)
def test_a_hyperparameter_that_few_elites_have_keeps_its_range(elites, says):
    region = one_region(column(*elites))
    assert describe(RATE, region, ())[0].reason == f"the whole range: {says}"


def test_a_grown_end_is_said():
    region = one_region(column(0.5, 0.6, 0.95, 0.96, 0.99, 1.0))
    found = leans(RATE, region, SURE, SETTINGS)
    assert "upper end 0.01: 4 of 6 elites within 5 % of the edge, the range may be too narrow" in (
        describe(RATE, region, found)[0].reason
    )
    # Half of two decades would be one; half a decade is what is legal.
    wider, told = grow(RATE, found, Extension(RATE, lambda config: config["rate"] < 0.05), region)
    assert wider.distributions["rate"].high == pytest.approx(10**-1.5)
    reason = describe(wider, region, told)[0].reason
    assert "upper end 0.01 → 0.0316: 4 of 6 elites within 5 % of the edge" in reason
    assert "too narrow" not in reason


def test_a_pulled_in_end_does_not_grow():
    region = one_region(column(0.5, 0.95, 0.96), infeasible=column(0.97, 0.98, 0.99))
    found = leans(RATE, region, SURE, SETTINGS)
    assert [lean.end for lean in found] == ["high"]
    assert grow(RATE, found, Extension(RATE, lambda config: True), region) == (RATE, found)


@pytest.mark.parametrize(
    ("units", "ends"),
    [
        ([0.01, 0.02, 0.5, 0.6], ["low"]),
        ([0.01, 0.5, 0.6], []),
        ([0.01, 0.99], ["low", "high"]),
        ([0.99], []),
        ([0.99, 0.98, np.nan, np.nan, np.nan], ["high"]),
    ],
)
def test_half_of_the_elites_that_have_it_must_lean(units, ends):
    assert [lean.end for lean in leans(RATE, one_region(column(*units)), SURE, SETTINGS)] == ends


def test_where_it_makes_no_difference_elites_lie_at_an_end_by_chance():
    region = one_region(column(0.95, 0.96, 0.99, 1.0))
    assert leans(RATE, region, np.array([[9.0], [1.5]]), SETTINGS) == []
    assert [lean.end for lean in leans(RATE, region, np.array([[0.0], [1.7]]), SETTINGS)] == ["high"]


def test_a_grid_whose_end_is_between_its_steps_is_leant_on_at_its_highest_value():
    grid = Space({"size": {"int": [1, 11], "step": 4}})  # 1, 5, 9
    elites = column(*[grid.point({"size": 9})[0]] * 3)
    assert [lean.end for lean in leans(grid, one_region(elites, space=grid), SURE, SETTINGS)] == ["high"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9996, "0.9996"),
        (0.99937123, "0.999371"),
        (0.999, "0.999"),
        (1 - 1e-9, "0.999999999"),
        (-0.9996, "-0.9996"),
        (0.9, "0.9"),
        (1.0, "1"),
        (0.012345, "0.0123"),
        (12345.0, "1.23e+04"),
        (7, "7"),
        (True, "True"),
        ("adam", "adam"),
    ],
)
def test_show(value, text):
    assert show(value) == text


@given(st.floats(0.9, 1, exclude_min=True, exclude_max=True))
def test_what_is_below_1_is_not_shown_as_1(value):
    """Rounded to half a hundredth of the decade that what is missing from 1 begins."""
    assert 1 - float(show(value)) == pytest.approx(1 - value, rel=0.00501, abs=2.3e-16)
