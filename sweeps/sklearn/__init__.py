"""Coarse to fine as one of scikit-learn's searches: `SweepSearchCV` stands where `GridSearchCV` stood."""

from sweeps.integrations import needed

needed("sklearn", '"caviar-sweeps[sklearn]"')

from sweeps.sklearn.search import SweepSearchCV  # noqa: E402

__all__ = ["SweepSearchCV"]
