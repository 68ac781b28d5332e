"""Axes: hyperparameters on their own scales, and the objective without its tail."""

import numpy as np
import pytest

from sweeps.reports.axes import Axis, ObjectiveAxis
from sweeps.space import Choice, IntUniform, LogUniform, ReverseLogUniform, Uniform


def axis(distribution):
    return Axis.of("x", distribution)


@pytest.mark.parametrize(
    ("distribution", "values", "places"),
    [
        (LogUniform(1e-4, 1), [1e-4, 0.01, 1], [-4, -2, 0]),
        (ReverseLogUniform(0.9, 0.999), [0.9, 0.99, 0.999], [1, 2, 3]),
        (IntUniform(1, 8), [1, 4, 8], [1, 4, 8]),
        (Choice(["a", None, 2.5]), ["a", None, 2.5], [0, 1, 2]),
    ],
)
def test_values_lie_where_their_scale_says(distribution, values, places):
    found = axis(distribution)
    assert found.places(values) == pytest.approx(places)
    low, high = found.layout()["range"]
    assert all(low < place < high for place in places)


def test_what_is_no_value_has_no_place():
    assert np.isnan(axis(LogUniform(1e-4, 1)).places(["a", True, None, -1.0])).all()
    assert np.isnan(axis(Choice(["a", "b"])).places(["c"])).all()


@pytest.mark.parametrize(
    ("distribution", "texts"),
    [
        (LogUniform(1e-4, 1), ["10<sup>-4</sup>", "0.001", "0.01", "0.1", "1"]),
        (ReverseLogUniform(0.9, 0.999), ["0.9", "0.99", "0.999"]),
        (IntUniform(1, 3), ["1", "2", "3"]),
        (Uniform(0, 1), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (Choice(["<b>", None]), ["&lt;b&gt;", "none"]),
    ],
)
def test_marks_are_round_and_their_texts_escaped(distribution, texts):
    assert axis(distribution).ticks()[1] == texts


def test_no_axis_has_more_marks_than_can_be_read():
    for distribution in (
        LogUniform(1e-12, 1),
        Choice([*range(100)]),
        Uniform(-1e9, 3e9),
        LogUniform(0.1, 0.11),
    ):
        assert len(axis(distribution).ticks()[0]) <= 14


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_far_worse_lies_at_the_edge(sign):
    losses = np.array([*np.linspace(1, 2, 98), 1e6, np.nan])
    found = ObjectiveAxis.of("loss", losses, sign)
    assert (found.best, found.log) == (sign, False)
    assert found.beyond([sign * 1e6, sign * 1.0]).tolist() == [True, False]
    assert found.places([sign * 1e6])[0] == found.edge
    low, high = found.layout()["range"]
    assert low < min(found.best, found.edge) < max(found.best, found.edge) < high


def test_wide_objectives_have_a_logarithmic_axis():
    found = ObjectiveAxis.of("loss", np.geomspace(1e-3, 1, 50), 1)
    assert found.log
    assert found.layout()["type"] == "log"
    assert found.lost_place() > found.edge


def test_an_axis_of_nothing_or_of_one_value_is_an_axis():
    for losses in ([], [0.0], [5.0, 5.0]):
        found = ObjectiveAxis.of("loss", np.array(losses), 1)
        low, high = found.layout()["range"]
        assert low < high
