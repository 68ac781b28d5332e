"""Finalists compared: the best by mean, and the ties."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sweeps.results.comparison import finalists

NAN = math.nan


def table(searched, repeats, status="completed"):
    """A trials table. searched: objectives of the trials 0, 1, …. repeats: trial → objectives by seed."""
    rows = [(trial, 0, None, "completed", value) for trial, value in enumerate(searched)]
    for of, values in repeats.items():
        for seed, value in enumerate(values, start=1):
            ended = "infeasible" if math.isnan(value) else status
            rows.append((len(rows), seed, of, ended, value))
    columns = ["trial", "seed", "repeats", "status", "objective"]
    return pd.DataFrame(rows, columns=columns).astype({"repeats": "Int64"})


def compare(searched, repeats, mode="min", seeds=3, **options):
    return finalists(table(searched, repeats, **options), mode, seeds)


def test_the_mean_over_fresh_seeds_decides_and_the_search_has_no_part_in_it():
    found = compare([-5.0, 1.0], {0: [2.0, 2.1, 2.3], 1: [1.0, 1.1, 1.2]})
    assert found.columns.tolist() == [
        "trial",
        "objective",
        "mean",
        "spread",
        "n",
        "failed",
        "tied",
        "unsettled",
    ]
    assert found["trial"].tolist() == [1, 0]
    assert found["mean"].tolist() == pytest.approx([1.1, 6.4 / 3])
    assert found["spread"].tolist() == pytest.approx([0.1, np.std([2.0, 2.1, 2.3], ddof=1)])
    assert found["objective"].tolist() == [1.0, -5.0]
    assert found["tied"].tolist() == [True, False]


def test_more_is_better_in_max_mode():
    found = compare([0.0, 0.0], {0: [2.0, 2.1, 2.3], 1: [1.0, 1.1, 1.2]}, mode="max")
    assert found["trial"].tolist() == [0, 1]
    assert found["tied"].tolist() == [True, False]


def test_seeds_that_move_all_alike_tell_finalists_apart():
    """Paired: 0.1 better on every seed, though the seeds themselves differ by far more."""
    apart = compare([0, 0], {0: [1.0, 5.0, 9.0], 1: [1.1, 5.11, 9.12]})
    assert apart["tied"].tolist() == [True, False]
    crossed = compare([0, 0], {0: [1.0, 5.0, 9.0], 1: [9.1, 1.1, 5.11]})
    assert crossed["tied"].tolist() == [True, True]


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32), count=st.integers(2, 5), seeds=st.integers(2, 8))
def test_ties_are_those_of_the_paired_t_test(seed, count, seeds):
    """Against scipy's own, one-sided, at 5 % over all comparisons."""
    values = np.random.default_rng(seed).normal(size=(count, seeds)) + 0.7 * np.arange(count)[:, None]
    found = compare([0.0] * count, dict(enumerate(values)), seeds=seeds)
    best = found["trial"][0]
    for trial, tied in zip(found["trial"][1:], found["tied"][1:], strict=True):
        p = stats.ttest_rel(values[trial], values[best], alternative="greater").pvalue
        assert tied == (p >= 0.05 / (count - 1))


def test_the_truly_best_is_marked_nineteen_times_in_twenty():
    rng = np.random.default_rng(0)
    runs = 200
    marked = 0
    for _ in range(runs):
        shared = rng.normal(size=3)
        # Four that are equal: the hardest case for the first of them to be found.
        found = compare([0] * 4, {trial: shared + rng.normal(size=3) for trial in range(4)})
        marked += bool(found.set_index("trial")["tied"][0])
    deviation = math.sqrt(0.05 * 0.95 / runs)
    assert marked / runs >= 0.95 - 4 * deviation


@pytest.mark.parametrize("ended", [NAN, -100.0])
def test_one_with_a_failed_repeat_never_wins(ended):
    found = compare([0, 0], {0: [-100.0, ended, NAN], 1: [1.0, 2.0, 3.0]})
    assert found["trial"].tolist() == [1, 0]
    assert found["tied"].tolist() == [True, False]
    assert found["failed"].tolist() == [0, 1 + math.isnan(ended)]
    assert found["n"].tolist() == [3, 2 - math.isnan(ended)]


def test_where_all_fail_there_is_no_winner():
    found = compare([0, 0], {0: [NAN] * 3, 1: [1.0, NAN, 2.0]})
    assert found["trial"].tolist() == [1, 0]
    assert not found["tied"].any()


def test_nothing_is_decided_before_the_last_repeat_is_over():
    half = {0: [1.0, 1.0], 1: [2.0, 2.0]}
    assert not compare([0, 0], half)["tied"].any(), "the third seed has not begun"
    assert compare([0, 0], half, seeds=2)["tied"].any()
    for status in ("running", "interrupted"):
        found = compare([0, 0], half, seeds=2, status=status)
        assert not found["tied"].any()
        assert found["n"].tolist() == [0, 0]


def test_one_seed_says_nothing_of_the_spread():
    found = compare([0, 0], {0: [1.0], 1: [9.0]}, seeds=1)
    assert found["spread"].isna().all()
    assert found["tied"].all()


def test_without_randomness_only_equals_are_tied():
    found = compare([0, 0, 0], {0: [0.1] * 3, 1: [0.1] * 3, 2: [0.1 + 1e-9] * 3})
    assert found["spread"].tolist() == pytest.approx([0, 0, 0], abs=1e-15)
    assert found["tied"].tolist() == [True, True, False]


def test_a_finalist_alone_is_the_best():
    assert compare([0.5], {0: [1.0, 2.0, 3.0]})["tied"].tolist() == [True]


def test_without_repeats_the_table_is_empty():
    found = compare([0.5, 0.6], {})
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == {
        "trial": "int64",
        "objective": "float64",
        "mean": "float64",
        "spread": "float64",
        "n": "int64",
        "failed": "int64",
        "tied": "bool",
        "unsettled": "bool",
    }


@pytest.mark.parametrize("mode", ["min", "max"])
def test_one_that_only_its_own_noise_keeps_among_the_tied_is_unsettled(mode):
    sign = 1 if mode == "min" else -1
    near, far = [0.05, 0.06, 0.055], [0.06, 1.2, 0.3]
    values = {
        0: [sign * 0.052, sign * 0.05, sign * 0.06],
        1: [sign * v for v in near],
        2: [sign * v for v in far],
    }
    found = compare([0, 0, 0], values, mode)
    assert found["trial"].tolist() == [0, 1, 2]
    assert found["tied"].tolist() == [True, True, True]
    assert found["unsettled"].tolist() == [False, False, True]


def test_those_that_are_dropped_from_a_race_come_last_and_cannot_win():
    trials = table([1.0, 0.5, 0.4], {0: [1.0, 1.1, 1.2], 1: [0.5, 0.6, 0.7], 2: [0.1]})
    found = finalists(trials, "min", 5, race=True)
    assert found["trial"].tolist() == [1, 0, 2]
    assert found["tied"].tolist() == [True, False, False]
    assert not finalists(trials, "min", 5)["tied"].any(), "without a race it is not over"
    trials.loc[trials.index[-1], "status"] = "running"
    assert not finalists(trials, "min", 5, race=True)["tied"].any()
