"""`SweepSearchCV`: a search as scikit-learn's users know them, decided by coarse to fine."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import _insert_error_scores, _warn_or_raise_about_fit_failures
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_method_params, indexable

from sweeps.errors import BadInput
from sweeps.sklearn.candidates import Candidates
from sweeps.sklearn.folds import Judge, Outcome, Rows, given_for
from sweeps.sklearn.growth import by_earlier_steps, grow
from sweeps.sklearn.plan import Plan, folds_of, plan_of
from sweeps.sklearn.results import ranked
from sweeps.sklearn.trials import Search, Trial, make_model
from sweeps.sklearn.workers import Workers, few_threads


class SweepSearchCV(BaseSearchCV):  # type: ignore[misc] # scikit-learn has no types
    """Hyperparameter search with cross-validation, coarse to fine: it stands where `GridSearchCV` stood.

    Many configs begin, on all folds. Each is scored after a ninth of its boosting rounds, trees or
    iterations, a third and all of them; a model of these scores says which one goes on, from where it was,
    and where new ones begin. Nothing is trained twice.

    Args:
        estimator: What is fitted. The last step of a pipeline learns gradually; the steps before are fitted
            once a fold, unless the space has parameters of theirs.
        space: Parameter → its values: `sweeps.LogUniform(1e-3, 1)` and the like, their forms in a spec,
            `scipy.stats` distributions, or a list of choices.
        trials: How many configs to try at most.
        resource: What a config is given more and more of. "auto": boosting rounds, trees or iterations
            (`n_estimators`, `max_iter`), whichever the estimator has beside `warm_start`; of XGBoost and
            LightGBM rounds. Any of these by name, or "partial_fit" for passes of it over all rows. None:
            each config is trained whole, as are estimators that have none of these.
        max_resources: How much of it a config has at most. "auto": what the estimator's parameter says; all
            have that in the end. A number: the best amount up to there is looked for, too. Each config counts
            as it stood when its mean score was best, and that amount stands in `best_params_`.
        scoring, refit, cv, n_jobs, verbose, error_score, return_train_score: As `GridSearchCV` has them.
            With several metrics the search goes by the one that `refit` names, or else by the first.
        random_state: Of the search. With a number two fits try the same configs, with any `n_jobs` up to
            twice the folds.

    Attributes:
        cv_results_: As of `GridSearchCV`, a row for each config that was begun, with its scores after
            `n_resources`, the last that it was scored at. `rank_test_score` puts a config that was stopped
            early behind all that went further, so that a lucky start is never taken for a good end.
        best_params_, best_score_, best_index_, best_estimator_: Of the best config among those that were
            trained to the end. One that converged before, or stopped by a rule of its own, counts as such;
            so does, where the best amount is looked for, one that was better after a third of what it has.
        resource_, max_resources_: What there was more and more of, and how much at most; None and 1 where
            each config was trained whole.
        best_resources_: How much of it the best config has.
        n_resources_: What was spent on each fold, in all.
        scorer_, n_splits_, refit_time_, multimetric_, classes_, n_features_in_, feature_names_in_: As of
            `GridSearchCV`.

    Raises:
        BadInput: On a parameter or a resource that the estimator does not have. It is a `ValueError`.

    Examples:
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.ensemble import HistGradientBoostingClassifier
        >>> space = {"learning_rate": {"log": [0.01, 1]}, "max_depth": [2, 3, None]}
        >>> search = SweepSearchCV(HistGradientBoostingClassifier(max_iter=9), space, trials=4)
        >>> sorted(search.fit(*load_iris(return_X_y=True)).best_params_)
        ['learning_rate', 'max_depth']
    """

    _parameter_constraints = {
        name: rule for name, rule in BaseSearchCV._parameter_constraints.items() if name != "pre_dispatch"
    } | {"random_state": ["random_state"]}

    def __init__(
        self,
        estimator: Any,
        space: Mapping[str, Any],
        *,
        trials: int = 32,
        resource: str | None = "auto",
        max_resources: int | str = "auto",
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        random_state: Any = None,
        error_score: Any = np.nan,
        return_train_score: bool = False,
    ) -> None:
        super().__init__(
            estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.space = space
        self.trials = trials
        self.resource = resource
        self.max_resources = max_resources
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, **params: Any) -> SweepSearchCV:
        """Search, then train the best config on all rows.

        Args:
            X, y: As the estimator takes them.
            params: `groups` of the rows for `cv`, and what else `fit` is to be given, such as
                `sample_weight`; it is cut as the rows are.
        """
        self._validate_params()
        _check_count("trials", self.trials)
        scorers, metric = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        rows = self._folds(X, y, routed.splitter.split)
        owner = type(self.estimator).__name__
        candidates = Candidates(self.space, self.estimator.get_params(), owner)
        plan = plan_of(self.estimator, self.space, self.resource, self.max_resources, routed.estimator.fit)
        given = [given_for(each, plan.fit_params, routed.scorer.score) for each in rows]
        judge = Judge(scorers, self.error_score, self.return_train_score)
        with few_threads(X), Workers(self.n_jobs) as workers:
            search = Search(
                candidates,
                folds_of(plan, rows, given, judge, self._metric(), workers),
                trials=self.trials,
                seed=int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max)),
                say=self._say,
            )
            search.run(workers)
        self.resource_, self.max_resources_ = plan.growth.name, plan.epochs
        self.n_resources_ = sum(trial.epochs for trial in search.trials)
        self._conclude(search.trials, plan, scorers, metric)
        if self.refit:
            with few_threads(X):
                self._train_best(plan, X, y, routed.estimator.fit)
        return self

    def _folds(self, X: Any, y: Any, split_params: Mapping[str, Any]) -> list[Rows]:
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        self.n_splits_ = cv.get_n_splits(X, y, **split_params)
        rows = [Rows(X, y, train, test) for train, test in cv.split(X, y, **split_params)]
        if len(rows) != self.n_splits_ or not rows:
            raise BadInput("cv", self.cv, f"gives {len(rows)} splits, and says that it has {self.n_splits_}")
        return rows

    def _metric(self) -> str | None:
        """The one of several that the search goes by; None for the first or only one."""
        return self.refit if isinstance(self.refit, str) else None

    def _conclude(self, trials: Sequence[Trial], plan: Plan, scorers: Any, metric: str) -> None:
        """The results, and which is the best."""
        out = [_as_dict(outcome, trial.kept) for trial in trials for outcome in trial.outcomes]
        _warn_or_raise_about_fit_failures(out, self.error_score)
        if callable(self.scoring):
            _insert_error_scores(out, self.error_score)
        self.multimetric_ = isinstance(out[0]["test_scores"], dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(out[0]["test_scores"])
            metric = self.refit
        params = [plan.params(trial) for trial in trials]
        spent = {"n_resources": [trial.epochs for trial in trials]}
        self.cv_results_ = results = ranked(self._format_results(params, self.n_splits_, out, spent), trials)
        self.scorer_ = getattr(scorers, "_scorers", scorers) if self.multimetric_ else scorers
        if self.refit or not self.multimetric_:
            self.best_index_ = self._select_best_index(self.refit, metric, results)
            self.best_params_ = results["params"][self.best_index_]
            self.best_resources_ = trials[self.best_index_].kept
            if not callable(self.refit):
                self.best_score_ = results[f"mean_test_{metric}"][self.best_index_]

    def _train_best(self, plan: Plan, X: Any, y: Any, fit_params: Mapping[str, Any]) -> None:
        """As its parameters say; passes of `partial_fit`, which none of them counts, as in the search."""
        began = time.perf_counter()
        self.best_estimator_ = make_model(plan.base, self.best_params_)
        if plan.growth.kind == "passes":
            given = by_earlier_steps(self.best_estimator_, plan.growth, X, y)
            grow(self.best_estimator_, plan.growth, given, y, 0, self.best_resources_, plan.fit_params)
        else:
            self.best_estimator_.fit(*((X,) if y is None else (X, y)), **fit_params)
        self.refit_time_ = time.perf_counter() - began
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_

    def _say(self, trials: Sequence[Trial]) -> None:
        if self.verbose:
            whole = sum(trial.whole for trial in trials)
            print(f"[SweepSearchCV] {len(trials)} of {self.trials} configs, {whole} of them to the end")


def _as_dict(outcome: Outcome, epoch: int) -> dict[str, Any]:
    """An outcome as scikit-learn's own searches pass it on."""
    scored = outcome.at(epoch)
    train = {} if scored.train is None else {"train_scores": scored.train}
    times = {"fit_time": outcome.fit_time, "score_time": outcome.score_time}
    return {"test_scores": scored.test, **train, **times, "fit_error": outcome.fit_error}


def _check_count(place: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise BadInput(place, value, "must be a whole number from 1 on")
