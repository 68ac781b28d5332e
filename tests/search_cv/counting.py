"""Parts that count what is asked of them."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.pipeline import Pipeline

CALLS = []


class Rounds(RegressorMixin, BaseEstimator):
    """Comes nearer to `target` with each round, at a rate; after `best` rounds it goes away again."""

    def __init__(self, rate=0.1, n_estimators=27, warm_start=False, best=None, fails=False):
        self.rate, self.n_estimators, self.warm_start = rate, n_estimators, warm_start
        self.best, self.fails = best, fails

    def fit(self, X, y, sample_weight=None):
        if self.fails:
            raise ValueError("asked to fail")
        begun = getattr(self, "rounds_", 0) if self.warm_start else 0
        CALLS.append((self.rate, begun, self.n_estimators, sample_weight))
        self.rounds_ = self.n_estimators
        return self

    def predict(self, X):
        off = self.rounds_ if self.best is None else abs(self.rounds_ - self.best)
        far = self.rate * off if self.best is not None else (1 - self.rate) ** off
        return np.full(len(X), 1.0 + far)


class Doubled(TransformerMixin, BaseEstimator):
    """A step that says how many rows it is fitted on."""

    def __init__(self, factor=2):
        self.factor = factor

    def fit(self, X, y=None):
        CALLS.append(("fit", len(X)))
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return X * self.factor


class Otherwise(Doubled):
    """A step that transforms what it is fitted on in another way, as a `TargetEncoder` does."""

    def fit_transform(self, X, y=None):
        return self.fit(X, y).transform(X) + y[:, None]


class Shifted(Pipeline):
    """A pipeline that predicts in a way of its own."""

    def predict(self, X):
        return super().predict(X) + 1


class Heavy(RegressorMixin, BaseEstimator):
    """Trains two megabytes of weights in place."""

    def __init__(self, rate=0.1, max_iter=9, warm_start=False):
        self.rate, self.max_iter, self.warm_start = rate, max_iter, warm_start

    def fit(self, X, y):
        if not self.warm_start or not hasattr(self, "weights_"):
            self.weights_ = np.zeros(250_000)
        for _ in range(self.max_iter):
            self.weights_ += self.rate * (1 - self.weights_)
        return self

    def predict(self, X):
        return np.full(len(X), self.weights_[0])
