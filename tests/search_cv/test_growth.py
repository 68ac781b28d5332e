"""Estimators that learn a part at a time become what they would have become in one go."""

import numpy as np
import pytest
from sklearn import cluster, decomposition, ensemble, linear_model, naive_bayes, neural_network, svm
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from sweeps import BadInput
from sweeps.sklearn.growth import WHOLE, Growth, grow, growth_of

X, Y = make_classification(120, 6, random_state=0)
FOREST = ensemble.RandomForestClassifier(9, random_state=0, class_weight="balanced")


@pytest.mark.parametrize(
    ("model", "growth"),
    [
        (ensemble.HistGradientBoostingClassifier(), Growth("total", "max_iter")),
        (ensemble.GradientBoostingRegressor(), Growth("total", "n_estimators")),
        (ensemble.ExtraTreesClassifier(), Growth("total", "n_estimators")),
        (ensemble.BaggingClassifier(), Growth("total", "n_estimators")),
        (ensemble.BaggingClassifier(oob_score=True), WHOLE),
        (linear_model.LogisticRegression(), Growth("more", "max_iter")),
        (linear_model.SGDClassifier(), Growth("more", "max_iter")),
        (neural_network.MLPClassifier(), Growth("more", "max_iter")),
        (naive_bayes.GaussianNB(), WHOLE),
        (svm.SVC(), WHOLE),
        (linear_model.Ridge(), WHOLE),
        (
            decomposition.LatentDirichletAllocation(),
            WHOLE,
        ),  # these have `partial_fit`, which is another thing
        (cluster.MiniBatchKMeans(), WHOLE),
        (ensemble.GradientBoostingClassifier(n_iter_no_change=3), WHOLE),
        (ensemble.HistGradientBoostingClassifier(n_iter_no_change=3), Growth("total", "max_iter")),
    ],
)
def test_what_an_estimator_is_given_more_of(model, growth):
    assert growth_of(model, "auto", []) == growth


def test_partial_fit_may_be_asked_for():
    model = linear_model.SGDClassifier(random_state=0)
    growth = growth_of(model, "partial_fit", [])
    assert growth.name == "partial_fit"
    grow(model, growth, X, Y, 0, 3, {})
    grow(model, growth, X, Y, 3, 5, {})
    assert model.t_ == 5 * len(X) + 1


@pytest.mark.parametrize(
    "model",
    [
        ensemble.HistGradientBoostingClassifier(max_iter=9, max_features=0.5, random_state=0),
        ensemble.GradientBoostingClassifier(n_estimators=9, subsample=0.5, random_state=0),
        FOREST,
    ],
)
def test_in_parts_as_in_one_go(model):
    with threadpool_limits(1):
        growth, parts = growth_of(model, "auto", []), clone(model)
        for start, stop in ((0, 1), (1, 3), (3, 9)):
            parts.set_params(**{growth.parameter: stop})
            assert not grow(parts, growth, X, Y, start, stop, {})
        np.testing.assert_array_equal(parts.predict_proba(X), clone(model).fit(X, Y).predict_proba(X))


def test_one_that_stops_early_has_ended():
    model = ensemble.HistGradientBoostingClassifier(
        early_stopping=True, n_iter_no_change=1, tol=0.5, random_state=0
    )
    assert grow(model, Growth("total", "max_iter"), X, Y, 0, 50, {})
    assert model.n_iter_ < 50


@pytest.mark.parametrize("solver", ["lbfgs", "liblinear", "newton-cg"])
def test_a_solver_goes_on_until_it_has_converged(solver):
    model = linear_model.LogisticRegression(solver=solver)
    growth = Growth("more", "max_iter")
    with pytest.warns(ConvergenceWarning):
        assert not grow(model, growth, X, Y, 0, 1, {})
    assert grow(model, growth, X, Y, 1, 200, {})
    whole = linear_model.LogisticRegression(solver=solver).fit(X, Y)
    np.testing.assert_allclose(model.coef_, whole.coef_, atol=0.01)


def test_a_resource_that_it_does_not_have():
    with pytest.raises(BadInput, match=r"nothing that SVC can be given more of.*\n.*Valid: auto"):
        growth_of(svm.SVC(), "max_iter", [])
    with pytest.raises(BadInput, match=r"space.n_estimators: .* is the resource"):
        growth_of(FOREST, "n_estimators", ["n_estimators"])


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (ensemble.GradientBoostingRegressor(), "n_iter_no_change"),
        (ensemble.BaggingRegressor(), "oob_score"),
    ],
)
def test_what_some_config_could_not_do_in_parts_none_does(model, name):
    assert growth_of(model, "auto", [name]) == WHOLE
    with pytest.raises(BadInput, match=f"nothing that .* can be given more of with {name}"):
        growth_of(model, "n_estimators", [name])


def test_a_resource_that_is_searched_is_none():
    with pytest.warns(UserWarning, match="n_estimators is searched"):
        assert growth_of(FOREST, "auto", ["n_estimators"]) == WHOLE
