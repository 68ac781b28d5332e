"""Importance: the shares of functions whose shares are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.analysis import importance
from sweeps.analysis.forest.anova import Boxes, shares
from sweeps.analysis.forest.importance import forest_shares, normal_scores
from sweeps.errors import BadInput
from sweeps.trial import Status
from tests.analysis.sweeps_on_disk import of_function, write


def mean_shares(function, dimensions, n=3000):
    inputs = np.random.default_rng(0).random((n, dimensions))
    found, r2 = forest_shares(inputs, function(inputs))
    parts = [np.mean([getattr(tree, part) for tree in found], axis=0) for part in ("main", "total", "pairs")]
    return *parts, r2


def test_boxes_have_the_shares_of_their_integral():
    """f = 1[x > ½] + ½·1[y > ½]: variances ¼ and 1/16, so shares of 0.8 and 0.2 and no interaction."""
    low = np.array([[0, 0], [0, 0.5], [0.5, 0], [0.5, 0.5]])
    found = shares(Boxes(low, low + 0.5, np.array([0.0, 0.5, 1.0, 1.5])))
    assert found.main == pytest.approx([0.8, 0.2])
    assert found.total == pytest.approx([0.8, 0.2])
    assert found.pairs == pytest.approx(np.zeros((2, 2)), abs=1e-12)


def test_boxes_that_differ_only_together_are_all_interaction():
    low = np.array([[0, 0], [0, 0.5], [0.5, 0], [0.5, 0.5]])
    found = shares(Boxes(low, low + 0.5, np.array([1.0, -1.0, -1.0, 1.0])))
    assert found.main == pytest.approx([0, 0], abs=1e-12)
    assert found.total == pytest.approx([1, 1])
    assert found.pairs[0, 1] == pytest.approx(1)


def test_a_constant_tree_has_no_shares():
    assert shares(Boxes(np.zeros((1, 2)), np.ones((1, 2)), np.array([3.0]))) is None


@settings(max_examples=50)
@given(st.lists(st.floats(-10, 10), min_size=8, max_size=8), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_shares_of_three_dimensions_sum_to_one(values, first, second):
    """Main, pairs and the one triple, which the totals give, sum to 1: a law of the decomposition."""
    cuts = [np.array([0, first, 1]), np.array([0, second, 1]), np.array([0, 0.5, 1])]
    places = np.array(list(np.ndindex(2, 2, 2)))
    low = np.array([[cut[i] for cut, i in zip(cuts, place, strict=True)] for place in places])
    high = np.array([[cut[i + 1] for cut, i in zip(cuts, place, strict=True)] for place in places])
    found = shares(Boxes(low, high, np.array(values)))
    if found is None:
        return
    pairs = found.pairs[np.triu_indices(3, 1)]
    triple = found.total[0] - found.main[0] - found.pairs[0].sum()
    assert found.main.sum() + pairs.sum() + triple == pytest.approx(1, abs=1e-6)
    assert found.main.sum() <= 1 + 1e-6
    assert (found.total >= found.main - 1e-6).all()


def test_an_additive_function():
    """3x + 2y + z: variances in the ratio 9 : 4 : 1; the fourth input does nothing."""
    main, total, _, r2 = mean_shares(lambda x: x @ [3.0, 2.0, 1.0, 0.0], 4)
    assert main == pytest.approx(np.array([9, 4, 1, 0]) / 14, abs=0.05)
    assert total == pytest.approx(np.array([9, 4, 1, 0]) / 14, abs=0.05)
    assert r2 > 0.95


def test_ishigamis_function():
    """Shares of 0.31, 0.44, 0; 0.24 of the first with the third (Ishigami & Homma, 1990; a = 7, b = 0.1)."""

    def ishigami(unit):
        x = 2 * np.pi * unit - np.pi
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    main, total, pairs, _ = mean_shares(ishigami, 3)
    assert main == pytest.approx([0.31, 0.44, 0], abs=0.1)
    assert total == pytest.approx([0.56, 0.44, 0.24], abs=0.1)
    assert pairs[0, 2] == pytest.approx(0.24, abs=0.05)


def test_a_pure_interaction():
    main, total, pairs, _ = mean_shares(lambda x: (x[:, 0] - 0.5) * (x[:, 1] - 0.5), 4)
    assert main == pytest.approx([0, 0, 0, 0], abs=0.05)
    assert pairs[0, 1] > 0.75
    assert total[:2] == pytest.approx([1, 1], abs=0.1)


def test_noise_predicts_nothing():
    noise = np.random.default_rng(1).normal(size=200)
    _, r2 = forest_shares(np.random.default_rng(0).random((200, 3)), noise)
    assert r2 < 0.1


def test_ranks_do_not_see_how_bad_the_bad_are():
    assert normal_scores(np.array([1.0, 2, 3, np.inf, np.inf])).tolist() == pytest.approx(
        normal_scores(np.array([1.0, 20, 30, 1e9, 1e9])).tolist()
    )


def test_of_a_sweep_whatever_the_mode(tmp_path):
    for mode, sign in (("min", 1), ("max", -1)):
        found = importance(of_function(tmp_path / mode, lambda x, sign=sign: sign * x[0], mode=mode))
        assert found.table["hyperparameter"].tolist() == ["rate", "units"]
        assert found.table["share"].iloc[0] > 0.8
        assert found.words.startswith("rate (")


def test_it_is_careful_where_the_forest_predicts_nothing(tmp_path):
    rng = np.random.default_rng(3)
    found = importance(of_function(tmp_path / "run", lambda x: rng.random(), n=40))
    assert not found.sure
    assert "matter most" not in found.words or "may matter" in found.words


def test_what_diverged_counts_as_the_worst(tmp_path):
    """Above the middle of its range the learning rate diverges, and nothing else matters."""
    parsed = of_function(tmp_path / "points", lambda x: 0.5, n=80)
    rates = parsed.trials["config.rate"]
    curves = [[0.5 + 1e-3 * trial] for trial in range(80)]
    status = [Status.INFEASIBLE if rate > 1e-2 else Status.COMPLETED for rate in rates]
    configs = [
        {"rate": rate, "units": int(units)}
        for rate, units in zip(rates, parsed.trials["config.units"], strict=True)
    ]
    found = importance(write(tmp_path / "run", curves, configs, status=status))
    assert found.table["hyperparameter"].iloc[0] == "rate"
    assert found.sure


@pytest.mark.parametrize("curves", [[], [[0.5]], [[0.5], [0.4]]])
def test_too_few_trials_are_said_to_be_too_few(tmp_path, curves):
    found = importance(write(tmp_path / "run", curves))
    assert found.r2 is None
    assert "Too few trials" in found.words


def test_many_trials_are_sampled_and_it_says_so(tmp_path):
    found = importance(of_function(tmp_path / "run", lambda x: x[0], n=60), most=50)
    assert (found.trials, found.of) == (50, 60)
    assert "50 trials of 60, drawn at random" in found.words


def test_without_scikit_learn_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.ensemble", None)
    with pytest.raises(BadInput, match=r"caviar-sweeps\[report\]"):
        importance(of_function(tmp_path / "run", lambda x: x[0], n=20))
