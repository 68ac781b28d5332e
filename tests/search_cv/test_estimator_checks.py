"""scikit-learn's own checks, on the estimators that it checks its searches with."""

import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sweeps.sklearn import SweepSearchCV

SEARCHES = [
    SweepSearchCV(estimator, space, cv=2, error_score="raise", random_state=0)
    for estimator, space in (
        (Ridge(), {"alpha": [0.1, 1.0]}),
        (LogisticRegression(), {"C": [0.1, 1.0]}),
        (Pipeline([("pca", PCA()), ("ridge", Ridge())]), {"ridge__alpha": [0.1, 1.0]}),
        (Pipeline([("pca", PCA()), ("logistic", LogisticRegression())]), {"logistic__C": [0.1, 1.0]}),
    )
]


def not_passed(search):
    """What `GridSearchCV` fails, too: it does not warn where y is a column, and Ridge has no reason to."""
    regresses = isinstance(search.estimator, Ridge) or "ridge" in getattr(search.estimator, "named_steps", {})
    return {"check_supervised_y_2d": "as scikit-learn's own searches"} if regresses else {}


@pytest.mark.filterwarnings("default")
@parametrize_with_checks(SEARCHES, expected_failed_checks=not_passed)
def test_an_estimator_as_scikit_learn_has_them(estimator, check):
    check(estimator)
