"""Normalised regret and its table."""

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.search.measure import Ruler, run
from benchmarks.search.peers import PEERS, Setting, build_peer
from benchmarks.search.peers.own import random
from benchmarks.search.problems.problem import nearest
from benchmarks.search.report import loss_table, markdown, table, with_regrets
from benchmarks.search.results import Results
from sweeps.errors import BadInput
from sweeps.space import LogUniform
from tests.search_bench.toy import Toy


def test_the_best_known_is_0_and_random_at_5_is_1():
    ruler = Ruler(Toy())
    assert ruler.zero == Toy.best
    scores = []
    for seed in range(200):
        setting = Setting(5, 1, seed)
        score = run(Toy(), ruler, random(Toy(), setting), setting, [5])["score_5"]
        scores.append((score - ruler.zero) / (ruler.one - ruler.zero))
    # At 5 draws the best x is the least of 5 uniforms: density 5(1-x)^4, at its median 0.129 it is 2.87.
    # A median of n has the standard error 1 / (2 · density · √n); both medians' errors, four times over.
    scale = 1 / (np.median(scores) * (1 - 0.5 ** (1 / 5)))
    error = math.hypot(1 / math.sqrt(200), 1 / math.sqrt(101)) / (2 * 2.87)
    assert np.median(scores) == pytest.approx(1, abs=4 * error * scale)


def test_the_score_falls_as_the_budget_grows():
    setting = Setting(20, 4, 0)
    row = run(Toy(), Ruler(Toy()), build_peer("caviar", Toy(), setting), setting, [1, 5, 20])
    assert row["score_1"] >= row["score_5"] >= row["score_20"]
    assert row["busy"] > 0.9


def test_a_table_is_a_mean_over_problems_then_complete_seeds(tmp_path):
    results = Results(tmp_path / "out.csv")
    for problem, seed, regret in (("a", 0, 1.0), ("b", 0, 3.0), ("a", 1, 2.0), ("b", 1, 6.0), ("a", 2, 9.0)):
        row = {"busy": 1.0, "trials": 10, "deciding": 0.5, "seconds": 1.0}
        row |= {"zero": 2.0, "one": 4.0, "score_5": 2 + 2 * regret}
        results.add(("toy", problem, "random", 4, seed), row)
    found = table(results.read(), "toy", 4).loc["random"]
    assert found["regret_5"] == 3
    assert found["±"] == pytest.approx(1)  # two seeds, means 2 and 4
    assert found["ms a trial"] == pytest.approx(50)
    assert "| random | 3.00 | 1.00 | 2 | 1.00 | 50.00 |" in markdown(results.read(), "toy", 4)


def test_no_results_are_said(tmp_path):
    assert markdown(Results(tmp_path / "none.csv").read(), "toy", 4) == "No results."


def test_test_losses_have_a_table_of_their_own(tmp_path):
    results = Results(tmp_path / "out.csv")
    assert "test loss" not in markdown(_with_tests(results, tests={}), "toy", 1)
    for problem, loss in (("a", 0.1), ("b", 0.4)):
        _with_tests(results, problem, seed=1, tests={"test_5": 0.0, "test_10": math.log(loss)})
    found = loss_table(results.read(), "toy", 1)
    assert list(found) == ["test_5", "test_10", "±"]
    assert found.loc["random"].test_10 == pytest.approx(0.2)
    assert "| random | 1.0000 | 0.2000 | nan |" in markdown(results.read(), "toy", 1)


def _with_tests(results, problem="a", seed=0, tests=None):
    row = {
        "busy": 1.0,
        "trials": 10,
        "deciding": 0.5,
        "seconds": 1.0,
        "zero": 2.0,
        "one": 4.0,
        "score_5": 3.0,
    }
    results.add(("toy", problem, "random", 1, seed), row | tests)
    return results.read()


def test_a_better_best_known_counts_for_all_rows():
    rows = pd.DataFrame({"problem": ["a", "a", "b"], "zero": [2.0, 1.0, 0.0], "one": 3.0, "score_5": 2.0})
    assert with_regrets(rows).regret_5.tolist() == [0.5, 0.5, 2 / 3]


def test_a_comparison_goes_on_where_it_was(tmp_path):
    key = ("toy", "a", "random", 4, 0)
    Results(tmp_path / "out.csv").add(key, {"score_5": 1.0})
    again = Results(tmp_path / "out.csv")
    assert again.done(key)
    assert not again.done((*key[:-1], 1))
    again.add((*key[:-1], 1), {"score_5": 2.0})
    assert isinstance(again.read(), pd.DataFrame)
    assert len(again.read()) == 2


def test_later_runs_may_have_further_columns(tmp_path):
    key = ("toy", "a", "random", 4)
    results = Results(tmp_path / "out.csv")
    results.add((*key, 0), {"score_5": 0.1})
    results.add((*key, 1), {"score_10": 2.0, "score_5": 1 / 3})
    Results(tmp_path / "out.csv").add((*key, 2), {"score_5": 3.0})
    found = results.read()
    assert found.score_5.tolist() == [0.1, 1 / 3, 3.0]
    assert found.score_10.fillna(0).tolist() == [0, 2, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_an_unknown_peer_is_named():
    with pytest.raises(BadInput, match="optuna-tpe"):
        build_peer("optuna-tpx", Toy(), Setting(5, 1, 0))
    assert all(":" in place for place in PEERS.values())


def test_grid_values_are_found_in_their_scale():
    find = nearest(LogUniform(1e-4, 1.0), np.array([1e-4, 1e-2, 1.0]))
    assert [find(value) for value in (1e-4, 9e-4, 1.1e-3, 0.09, 0.11)] == [0, 0, 1, 1, 2]
