"""Regions on the screen, wide and narrow."""

from io import StringIO

import pytest
from rich.console import Console

from sweeps.results import RegionSummary
from sweeps.screen.figures import show_short, show_value
from sweeps.screen.regions import print_regions

NAMES = ["rate", "kind", "learning_rate_of_the_output_layer"]


def row(number, name, reason, low=0.001, high=0.25, elites=6):
    low, high = (None, None) if name == "kind" else (low, high)
    scale = "choice" if name == "kind" else "log"
    return RegionSummary(number, name, scale, low, high, elites, reason)


FIRST = [row(0, name, "the whole range: the first round", elites=0) for name in NAMES]
LATER = [[row(n, name, f"{n} elites said so of [{name}]") for name in NAMES] for n in (1, 2)]
ROWS = [*FIRST, *LATER[0], *LATER[1]]


def shown(rows, width, every_round=False):
    out = StringIO()
    print_regions(Console(file=out, width=width, highlight=False), rows, every_round)
    assert all(len(line) <= width for line in out.getvalue().splitlines())
    return out.getvalue()


@pytest.mark.parametrize("width", [30, 60, 80, 109, 110, 160, 300])
def test_everything_of_the_last_round_is_there_at_any_width(width):
    out = shown(ROWS, width)
    words = "".join(out.split())
    for name in NAMES:
        assert name in words
        assert f"2 elites said so of [{name}]".replace(" ", "") in words
    assert words.count("0.001…0.25") == 2
    assert words.count("allchoices") == 1
    assert words.count("6elites") == 3
    assert (words.count("log"), words.count("choice")) == (2, 2)
    assert "round 2, the last" in out
    assert "first round" not in out


@pytest.mark.parametrize("width", [60, 160])
def test_every_round_in_its_order_each_hyperparameter_named_once(width):
    out = shown(ROWS, width, every_round=True)
    assert out.count("round 0") == out.count("round 1") == out.count("round 2") == 3
    assert out.index("round 2") < out.index("all choices"), "by hyperparameter"
    assert out.count("the whole range: the first round") == 3
    assert "elites said so of [rate]" in out
    assert sum(line.strip().startswith("rate") for line in out.splitlines()) == 1


def test_a_line_each_where_there_is_room():
    assert len(shown(ROWS, 160).splitlines()) == 1 + len(NAMES)


@pytest.mark.parametrize("width", [60, 160])
def test_a_reason_that_all_share_is_said_once(width):
    rows = [row(0, f"x{i}", "the whole range: random search", elites=0) for i in range(100)]
    for every_round in (False, True):
        out = shown(rows, width, every_round)
        assert out.count("the whole range: random search") == 1
        assert len(out.splitlines()) == 101
        assert "elite" not in out


def test_a_space_without_anything_to_search_has_no_regions():
    assert shown([], 80) == ""


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (0.99951, "0.9995"),
        (0.9994, "0.999"),
        (1 - 1e-9, "0.999999999"),
        (1.0, "1"),
        (1.0004, "1"),
        (0.0, "0"),
    ],
)
def test_a_number_below_1_is_not_shown_as_1(value, short):
    assert show_short(value, 3).rstrip("0" if "." in short else "") == short
    assert float(show_value(value)) == pytest.approx(value, rel=1e-3)
    assert (show_value(value) == "1") == (round(value, 3) == 1 and value >= 1)
