"""`SweepSearchCV` as scikit-learn's users meet it."""

import importlib
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, cross_val_score, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sweeps import BadInput, LogUniform
from sweeps.sklearn import SweepSearchCV
from tests.search_cv.counting import CALLS, Doubled, Heavy, Otherwise, Rounds, Shifted

X, Y = make_classification(90, 5, random_state=0)
ONES = np.ones(90)
RATES = {"rate": LogUniform(0.001, 0.2)}


@pytest.fixture(autouse=True)
def calls():
    CALLS.clear()
    return CALLS


def rounds(**given):
    return SweepSearchCV(Rounds(), RATES, **{"trials": 12, "cv": 3, "random_state": 0, **given}).fit(X, ONES)


def test_a_paused_config_goes_on_and_nothing_is_trained_twice(calls):
    search = rounds(scoring="neg_mean_squared_error")
    *searched, last = calls
    assert sum(stop - start for _, start, stop, _ in searched) == 3 * search.n_resources_
    assert search.n_resources_ < 12 * 27 / 2
    assert last[:3] == (search.best_params_["rate"], 0, 27)  # the best, on all rows
    assert (search.resource_, search.max_resources_, search.n_splits_) == ("n_estimators", 27, 3)


def test_the_best_is_among_those_trained_to_the_end():
    search = rounds(scoring="neg_mean_squared_error")
    found = pd.DataFrame(search.cv_results_)
    whole = found[found.n_resources == 27]
    assert 0 < len(whole) < len(found) == 12
    assert search.best_index_ == whole.mean_test_score.idxmax() == found.rank_test_score.idxmin()
    assert search.best_score_ == whole.mean_test_score.max()
    further = found.sort_values("rank_test_score").n_resources
    assert further.is_monotonic_decreasing
    assert search.best_params_ == found.params[search.best_index_]
    assert set(search.best_params_) == {"rate"}


def test_results_have_the_columns_of_grid_search():
    results = rounds(return_train_score=True).cv_results_
    splits = {f"split{i}_{part}_score" for i in range(3) for part in ("test", "train")}
    means = {f"{kind}_{of}" for kind in ("mean", "std") for of in ("fit_time", "score_time")}
    scores = {f"{kind}_{part}_score" for kind in ("mean", "std") for part in ("test", "train")}
    assert set(results) == splits | means | scores | {
        "param_rate",
        "params",
        "rank_test_score",
        "n_resources",
    }


def test_the_best_amount_is_found_too(calls):
    search = SweepSearchCV(
        Rounds(best=9), RATES, trials=8, cv=3, max_resources=27, scoring="neg_mean_squared_error"
    ).fit(X, ONES)
    assert search.best_params_["n_estimators"] == search.best_resources_ == 9
    assert search.best_estimator_.n_estimators == calls[-1][2] == 9
    assert search.best_score_ == pytest.approx(0)


def test_of_equal_amounts_the_larger_is_kept():
    found = SweepSearchCV(Rounds(best=9), {"rate": [0.0]}, cv=3, max_resources=27).fit(X, ONES)
    assert found.best_params_ == {"rate": 0.0, "n_estimators": 27}


def test_equal_seeds_try_the_same():
    space = {"C": stats.loguniform(1e-3, 10)}
    one, other = (
        SweepSearchCV(LogisticRegression(), space, trials=6, cv=3, random_state=1).fit(X, Y) for _ in "ab"
    )
    assert other.cv_results_["params"] == one.cv_results_["params"]
    np.testing.assert_array_equal(other.cv_results_["mean_test_score"], one.cv_results_["mean_test_score"])


def test_workers_go_on_from_what_a_config_has_learned(monkeypatch):
    monkeypatch.setattr("sweeps.sklearn.workers._PATIENCE", 0.0)
    here, there = (
        SweepSearchCV(Heavy(), {"rate": [0.01, 0.1, 0.3]}, trials=3, cv=2, random_state=0, n_jobs=jobs)
        .set_params(scoring="neg_mean_squared_error")
        .fit(X, ONES)
        for jobs in (1, 2)
    )
    assert max(there.cv_results_["n_resources"]) == 9
    assert here.cv_results_["params"] == there.cv_results_["params"]
    np.testing.assert_array_equal(there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"])


def test_the_steps_before_are_fitted_once_a_fold(calls):
    pipeline = Pipeline([("double", Doubled()), ("rounds", Rounds())])
    space = {"rounds__rate": RATES["rate"]}
    search = SweepSearchCV(pipeline, space, trials=12, cv=3, random_state=0).fit(X, ONES)
    assert [call for call in calls if call[0] == "fit"] == [("fit", 60)] * 3 + [("fit", 90)]
    assert search.resource_ == "n_estimators"
    assert len(search.predict(X)) == 90


def test_a_searched_step_is_fitted_once_a_config_and_fold(calls):
    pipeline = Pipeline([("double", Doubled()), ("rounds", Rounds())])
    space = {"rounds__rate": RATES["rate"], "double__factor": [1, 2, 3]}
    search = SweepSearchCV(pipeline, space, trials=5, cv=3, random_state=0).fit(X, ONES)
    assert [call for call in calls if call[0] == "fit"] == [("fit", 60)] * 15 + [("fit", 90)]
    assert search.best_estimator_["double"].factor == search.best_params_["double__factor"]


def test_a_pipeline_scores_as_grid_search_would():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    search = SweepSearchCV(pipeline, {"logisticregression__C": [0.1, 1.0, 10.0]}, cv=4).fit(X, Y)
    found = cross_val_score(search.best_estimator_, X, Y, cv=4).mean()
    assert search.best_score_ == pytest.approx(found)

    def by_steps(model, X, y):
        return model[-1].score(model[0].transform(X), y)

    assert clone(search).set_params(scoring=by_steps).fit(X, Y).best_score_ == pytest.approx(found)


@pytest.mark.parametrize(
    "space",
    [
        {"gradientboostingregressor__learning_rate": [0.1, 0.5]},
        {"otherwise__factor": [1, 2]},
    ],
    ids=["one for all configs", "one a config"],
)
def test_a_step_that_transforms_what_it_was_fitted_on_in_another_way(space):
    target = X[:, 0] + np.random.default_rng(0).normal(size=90)
    pipeline = make_pipeline(Otherwise(), GradientBoostingRegressor(n_estimators=9, random_state=0))
    search = SweepSearchCV(pipeline, space, cv=2, return_train_score=True, random_state=0).fit(X, target)
    assert search.resource_ == "n_estimators"
    whole = clone(pipeline).set_params(**search.best_params_)
    found = cross_validate(whole, X, target, cv=2, return_train_score=True)
    assert search.best_score_ == pytest.approx(found["test_score"].mean())
    train = search.cv_results_["mean_train_score"][search.best_index_]
    assert train == pytest.approx(found["train_score"].mean())


def test_a_pipeline_of_another_class_is_trained_whole():
    pipeline = Shifted([("double", Doubled()), ("rounds", Rounds())])
    space = {"rounds__rate": [0.1, 0.2]}
    search = SweepSearchCV(pipeline, space, cv=3, scoring="neg_mean_squared_error").fit(X, ONES)
    assert search.resource_ is None
    assert search.best_score_ == pytest.approx(-1.0, rel=0.2)  # of the pipeline, not of its last step
    with pytest.raises(BadInput, match="resource: 'rounds__n_estimators' is nothing that Shifted"):
        clone(search).set_params(resource="rounds__n_estimators").fit(X, ONES)


def test_a_number_and_a_part_are_two_choices():
    search = SweepSearchCV(DecisionTreeClassifier(random_state=0), {"max_features": [1, 1.0]}, cv=2).fit(X, Y)
    assert {type(params["max_features"]) for params in search.cv_results_["params"]} == {int, float}


def test_whole_estimators_are_steps_and_choices():
    pipeline = Pipeline([("model", Ridge())])
    space = {
        "model": [Ridge(), Rounds()],
        "model__rate": LogUniform(0.01, 0.2, when={"model": "Rounds()"}),
    }
    search = SweepSearchCV(pipeline, space, trials=4, cv=3, random_state=0).fit(X, ONES)
    assert search.resource_ is None
    assert all(("model__rate" in p) == isinstance(p["model"], Rounds) for p in search.cv_results_["params"])


def test_several_metrics():
    search = SweepSearchCV(
        DecisionTreeClassifier(random_state=0),
        {"max_depth": [1, 2, 3, 4]},
        scoring=["roc_auc", "accuracy"],
        refit="roc_auc",
    ).fit(X, Y)
    assert search.multimetric_
    assert search.best_score_ == max(search.cv_results_["mean_test_roc_auc"])
    assert set(search.scorer_) == {"roc_auc", "accuracy"}
    assert search.score(X, Y) == search.scorer_["roc_auc"](search.best_estimator_, X, Y)
    with pytest.raises(ValueError, match="refit"):
        search.set_params(refit=True).fit(X, Y)


def test_a_metric_of_the_users_own():
    def both(model, X, y):
        return {"right": model.score(X, y), "wrong": 1 - model.score(X, y)}

    search = SweepSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, scoring=both, refit="right")
    assert search.fit(X, Y).best_score_ == max(search.cv_results_["mean_test_right"])
    assert not hasattr(search.set_params(refit=False).fit(X, Y), "best_index_") or search.multimetric_


def test_what_fails_is_warned_of_and_comes_last():
    with pytest.warns(FitFailedWarning, match="asked to fail"), pytest.warns(UserWarning, match="non-finite"):
        search = SweepSearchCV(Rounds(), {"fails": [True, False]}, cv=3).fit(X, ONES)
    assert search.best_params_ == {"fails": False}
    scores = dict(zip(search.cv_results_["param_fails"], search.cv_results_["mean_test_score"], strict=True))
    assert np.isnan(scores[True])
    with pytest.raises(ValueError, match="asked to fail"):
        search.set_params(error_score="raise").fit(X, ONES)
    with pytest.warns(FitFailedWarning):
        assert -5.0 in search.set_params(error_score=-5.0).fit(X, ONES).cv_results_["mean_test_score"]


def test_where_all_fail_the_search_ends_early(calls):
    with pytest.raises(ValueError, match=r"All the \d+ fits failed"):
        SweepSearchCV(Rounds(fails=True), RATES, trials=500, cv=3).fit(X, ONES)


def test_weights_and_groups_are_cut_as_the_rows_are(calls):
    weights, groups = np.arange(90.0), np.repeat([0, 1, 2], 30)
    search = SweepSearchCV(Rounds(), RATES, trials=1, cv=GroupKFold(3))
    search.fit(X, ONES, groups=groups, sample_weight=weights)
    lengths = {len(call[3]) for call in calls}
    assert lengths == {60, 90}
    pipeline = Pipeline([("double", Doubled()), ("rounds", Rounds())])
    search = SweepSearchCV(pipeline, {"rounds__rate": [0.1]}, cv=3).fit(
        X, ONES, rounds__sample_weight=weights
    )
    assert search.resource_ == "n_estimators"
    assert {len(call[3]) for call in calls if call[0] == 0.1} == {60, 90}


def test_as_an_estimator():
    frame = pd.DataFrame(X, columns=list("abcde"))
    search = SweepSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=3, random_state=0)
    assert len(cross_val_score(search, frame, Y, cv=2)) == 2
    fitted = pickle.loads(pickle.dumps(clone(search).fit(frame, Y)))  # noqa: S301
    assert list(fitted.feature_names_in_) == list("abcde")
    assert fitted.n_features_in_ == 5
    assert list(fitted.classes_) == [0, 1]
    assert fitted.predict_proba(frame).shape == (90, 2)
    assert 0.5 < make_pipeline(StandardScaler(), search).fit(frame, Y).score(frame, Y) <= 1
    unfitted = clone(search).set_params(refit=False).fit(frame, Y)
    assert unfitted.best_params_ == fitted.best_params_
    assert not hasattr(unfitted, "predict")


def test_passes_of_partial_fit_need_a_number():
    search = SweepSearchCV(GaussianNB(), {"var_smoothing": LogUniform(1e-9, 1)}, resource="partial_fit", cv=3)
    with pytest.raises(BadInput, match="max_resources: 'auto' says nothing of how much partial_fit there is"):
        search.fit(X, Y)
    search.set_params(max_resources=2, trials=2).fit(X, Y)
    assert search.best_estimator_.class_count_.sum() == 90 * search.best_resources_
    with pytest.raises(BadInput, match=r'max_resources: 2 is given.*\n.*write resource="partial_fit"'):
        clone(search).set_params(resource="auto").fit(X, Y)


def test_the_page_runs(capsys):
    page = Path(__file__).parents[2] / "docs" / "scikit_learn.md"
    (block,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(block, str(page), "exec"), {})  # noqa: S102
    assert "'learning_rate'" in capsys.readouterr().out


def test_without_scikit_learn_it_says_how_to_get_it(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("sweeps.sklearn")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(BadInput, match=r'pip install "caviar-sweeps\[sklearn\]"'):
        importlib.import_module("sweeps.sklearn")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"trials": 0}, "trials: 0 must be"),
        ({"max_resources": "many"}, "max_resources: 'many' must be"),
        ({"resource": "n_samples"}, "resource: 'n_samples' is nothing that Rounds"),
        ({"resource": None, "max_resources": 9}, "max_resources: 9 is given"),
        ({"space": {"rat": [1]}}, "space.rat: .* is no parameter of Rounds\n.*did you mean rate"),
    ],
)
def test_bad_input_says_what_is_valid(given, says):
    with pytest.raises(BadInput, match=says):
        SweepSearchCV(Rounds(), RATES).set_params(**given).fit(X, ONES)
