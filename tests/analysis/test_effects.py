"""What hyperparameters do on average, and the way to the best config: functions whose answers are known."""

import numpy as np
import pytest

from sweeps.analysis import ablation, effects
from sweeps.analysis.forest.anova import Boxes
from sweeps.analysis.forest.effects import marginal
from sweeps.analysis.forest.trees import forest_of
from sweeps.errors import BadInput
from tests.analysis.sweeps_on_disk import of_function, write

KINDS = {"kind": {"choice": ["a", "b", "c"]}, "x": {"uniform": [0, 1]}}
THREE = {name: {"uniform": [0, 1]} for name in "xyz"}


def of(found, name):
    return found.table[found.table["hyperparameter"] == name]


def test_a_marginal_is_the_integral_over_the_others():
    """f = 1[x > ½] + ½·1[y > ½]: over y it is 1[x > ½] + ¼; with both held it is f."""
    low = np.array([[0, 0], [0, 0.5], [0.5, 0], [0.5, 0.5]])
    boxes = Boxes(low, low + 0.5, np.array([0.0, 0.5, 1.0, 1.5]))
    along = marginal(boxes, (0,), np.array([[0.0], [0.5], [0.51], [1.0]]))
    assert along == pytest.approx([0.25, 0.25, 1.25, 1.25])
    both = marginal(boxes, (1, 0), np.array([[0.2, 0.2], [0.9, 0.2], [0.2, 0.9], [1.0, 1.0]]))
    assert both == pytest.approx([0.0, 0.5, 1.0, 1.5])


@pytest.mark.parametrize(("mode", "sign"), [("min", 1), ("max", -1)])
def test_the_best_value_of_a_valley_is_its_floor(tmp_path, mode, sign):
    """|x − 0.3|, whatever y does: the average over y is the function itself."""
    space = {"x": {"uniform": [0, 1]}, "y": {"uniform": [0, 1]}}
    valley = of_function(tmp_path / "run", lambda p: sign * abs(p[0] - 0.3), 400, space, mode=mode)
    rows = of(effects(valley), "x")
    best = rows.iloc[int(rows["score"].to_numpy().argmin())]
    assert best["value"] == pytest.approx(0.3, abs=0.07)
    far = rows[rows["value"].astype(float) > 0.5]
    expected = sign * (far["value"].astype(float) - 0.3)
    assert far["objective"].to_numpy() == pytest.approx(expected.to_numpy(), abs=0.06)
    assert (rows["low"] <= rows["objective"] + 1e-9).all()
    assert (rows["objective"] <= rows["high"] + 1e-9).all()
    assert effects(valley).words.startswith("On average over all others, val_loss is best with x 0.")


def test_each_choice_once_and_in_its_order(tmp_path):
    found = effects(of_function(tmp_path / "run", lambda p: -int(p[0] * 3), 120, KINDS))
    rows = of(found, "kind")
    assert rows["value"].tolist() == ["a", "b", "c"]
    assert rows["objective"].is_monotonic_decreasing
    assert "kind c (" in found.words
    assert "x " not in found.words.split("best with")[1]


def test_the_pair_that_acts_together_is_best_where_both_agree(tmp_path):
    """(x − ½)(y − ½) is least in two corners; on average over the other neither does anything."""
    product = of_function(tmp_path / "run", lambda p: (p[0] - 0.5) * (p[1] - 0.5), 600, THREE)
    found = effects(product)
    assert set(found.names) == {"x", "y"}
    best, worst = found.pair.loc[found.pair["score"].idxmin()], found.pair.loc[found.pair["score"].idxmax()]
    assert abs(best["first"] - best["second"]) > 0.7
    assert abs(worst["first"] - worst["second"]) < 0.3


def test_the_way_to_the_best_goes_by_what_brings_most(tmp_path):
    """3x + y over the cube: from (1, 1, 1) to (0, 0, 0) the first change is x, and brings three quarters."""
    rng = np.random.default_rng(0)
    points = np.vstack([np.full(3, 0.99), rng.uniform(0.02, 0.98, (500, 3)), np.full(3, 0.01)])
    configs = [dict(zip("xyz", map(float, point), strict=True)) for point in points]
    curves = [[float(3 * x + y)] for x, y, _ in points]
    found = ablation(write(tmp_path / "run", curves, configs, space=THREE))
    assert (found.start, found.end) == (0, 501)
    assert found.table["hyperparameter"].tolist()[:2] == ["x", "y"]
    assert found.table["share"].sum() == pytest.approx(1)
    assert found.table["share"].iloc[0] > 0.5
    assert abs(found.table["share"].iloc[2]) < 0.05
    assert found.table[["before", "after"]].iloc[0].tolist() == [0.99, 0.01]
    assert found.table["objective"].iloc[-1] == pytest.approx(found.ends)
    assert found.ends < 0.3 < 3.5 < found.begins
    assert found.words.startswith(
        "From the first config (trial 0) to the best of the search (trial 501), a change of x ("
    )


def test_where_the_first_is_the_best_there_is_no_way(tmp_path):
    found = ablation(write(tmp_path / "run", [[0.1 * trial] for trial in range(30)]))
    assert found.table.empty
    assert found.words.startswith("There are no two configs")


@pytest.mark.parametrize("curves", [[], [[0.5]], [[0.5]] * 20])
def test_where_nothing_can_be_learned_both_say_so(tmp_path, curves):
    result = write(tmp_path / "run", curves)
    assert effects(result).table.empty
    assert "cannot be told" in effects(result).words
    assert ablation(result).table.empty


def test_the_forest_is_grown_once_for_all_who_ask(tmp_path):
    result = of_function(tmp_path / "run", lambda x: x[0], n=40)
    assert forest_of(result) is forest_of(result, 0, 3000) is forest_of(result, most=3000)
    assert forest_of(result, 1) is not forest_of(result)


def test_noise_is_not_told_as_an_effect(tmp_path):
    rng = np.random.default_rng(3)
    found = effects(of_function(tmp_path / "run", lambda p: rng.random(), n=60))
    assert not found.sure
    assert "is best with" not in found.words or found.words.startswith("Be careful")


def test_without_scikit_learn_they_say_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.ensemble", None)
    for ask in (effects, ablation):
        with pytest.raises(BadInput, match=r"caviar-sweeps\[report\]"):
            ask(of_function(tmp_path / ask.__name__, lambda x: x[0], n=20))
