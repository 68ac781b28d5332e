"""One fold of a cross-validation, and one model on it: trained further, then scored."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import pairwise
from traceback import format_exc
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection._validation import _score
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from sweeps.sklearn.growth import Growth, by_earlier_steps, grow, quietly

Scores = dict[str, float] | float


class Rows(NamedTuple):
    """The data, and which rows of them a fold trains on and scores on."""

    X: Any
    y: Any
    train: Any
    test: Any

    def parts(self, model: Any) -> Prepared:
        """What to train on, and what to score on."""
        X, y = _safe_split(model, self.X, self.y, self.train)
        X_test, y_test = _safe_split(model, self.X, self.y, self.test, self.train)
        return Prepared(X, y, X_test, y_test, X)


class Prepared(NamedTuple):
    """A fold's data as they are, or as a pipeline's earlier steps give them to its last.

    Attributes:
        X_train, y_train: What a model is trained on.
        X_test, y_test: What it is scored on.
        X_seen: The rows that it was trained on, as it meets them when it predicts; None where nobody asks.
    """

    X_train: Any
    y_train: Any
    X_test: Any
    y_test: Any
    X_seen: Any

    def parts(self, model: Any) -> Prepared:
        return self


def prepare(task: tuple[Any, Rows, bool]) -> Prepared | None:
    """Fit a pipeline's earlier steps on a fold, whose training rows are scored, too, or not; None where they
    fail."""
    earlier, rows, scores_train = task
    X, y, X_test, y_test, _ = rows.parts(earlier)
    try:
        given = earlier.fit_transform(X) if y is None else earlier.fit_transform(X, y)
        seen = earlier.transform(X) if scores_train else None
        return Prepared(given, y, earlier.transform(X_test), y_test, seen)
    except Exception:
        return None  # every trial will say why


class Given(NamedTuple):
    """What goes to `fit` and to the scorer beside the data, of a fold's rows."""

    fit: Mapping[str, Any]
    score_test: Mapping[str, Any]
    score_train: Mapping[str, Any]


def given_for(rows: Rows, fit_params: Mapping[str, Any], score_params: Mapping[str, Any]) -> Given:
    """Those that have an entry for each row are cut as the rows are."""
    return Given(
        _check_method_params(rows.X, params=fit_params, indices=rows.train),
        _check_method_params(rows.X, params=score_params, indices=rows.test),
        _check_method_params(rows.X, params=score_params, indices=rows.train),
    )


class Judge(NamedTuple):
    """How models are scored: as `GridSearchCV` has these."""

    scorer: Any
    error_score: Any
    return_train_score: bool


class Scored(NamedTuple):
    """What a model scored after so many epochs."""

    epoch: int
    test: Scores
    train: Scores | None = None


@dataclass
class Outcome:
    """A model on a fold, as far as it has been trained.

    Attributes:
        model: To go on from; None where it is not to.
        learns_from: What the earlier steps of its pipeline made of the fold's rows; None where that is known.
        seen: Its scores, those after the fewest epochs first; one at least.
        fit_time, score_time: In seconds.
        ended: Whether it ended by a rule of its own.
        fit_error: The traceback, where fitting failed.
    """

    model: Any
    seen: list[Scored]
    fit_time: float = 0.0
    score_time: float = 0.0
    ended: bool = False
    fit_error: str | None = field(default=None, repr=False)
    learns_from: Any = field(default=None, repr=False)

    def after(self, earlier: Outcome) -> Outcome:
        """With what the parts before gave; of a model that has failed nothing else counts."""
        seen = self.seen if self.fit_error else earlier.seen + self.seen
        fit_time, score_time = self.fit_time + earlier.fit_time, self.score_time + earlier.score_time
        kept = None if self.model is None else earlier.learns_from
        return replace(self, seen=seen, fit_time=fit_time, score_time=score_time, learns_from=kept)

    def over(self) -> Outcome:
        """Without what only further training needs."""
        return replace(self, model=None, learns_from=None)

    def at(self, epoch: int) -> Scored:
        """As it stood after so many epochs; one that had ended before as it stood then."""
        return next((each for each in reversed(self.seen) if each.epoch <= epoch), self.seen[-1])


class Sealed:
    """A model that goes to another process with arrays of its own: joblib shares large ones, which nobody can
    train on."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.model = deepcopy(state["model"])


class Part(NamedTuple):
    """A part of a model's training, which any process can do.

    Attributes:
        start: After how many epochs it begins.
        stops: After how many it is scored; the last ends it.
        last: Whether nothing comes after it.
        learns_from: What the first part's outcome has of it.
    """

    sealed: Sealed
    fold: Rows | Prepared
    given: Given
    growth: Growth
    start: int
    stops: Sequence[int]
    last: bool
    judge: Judge
    learns_from: Any = None

    @property
    def model(self) -> Any:
        """What is trained."""
        return self.sealed.model

    def train(self) -> Outcome:
        """Train and score. Raises what fitting or scoring raises if `error_score` says so."""
        parts = self.fold.parts(self.model)
        done = Outcome(self.model, [], learns_from=self.learns_from)
        for start, stop in pairwise((self.start, *self.stops)):
            began = time.perf_counter()
            try:
                done.ended = self._grow(done, parts, start, stop)
            except Exception:
                if self.judge.error_score == "raise":
                    raise
                done.seen, done.fit_error = [self._failed(stop)], format_exc()
            fitted = time.perf_counter()
            done.fit_time += fitted - began
            if done.fit_error:
                return done.over()
            done.seen.append(self._scored(parts, stop))
            done.score_time += time.perf_counter() - fitted
            if done.ended:
                break
        if self.learns_from is not None:
            done.learns_from = None  # the first part's outcome has it: it is not sent back and forth
        return done.over() if self.last or done.ended else done

    def _grow(self, done: Outcome, parts: Prepared, start: int, stop: int) -> bool:
        X, y = parts.X_train, parts.y_train
        with nullcontext() if self.last and stop == self.stops[-1] else quietly():
            if start == 0:
                given = by_earlier_steps(self.model, self.growth, X, y)
                done.learns_from = None if given is X else given
            X = X if done.learns_from is None else done.learns_from
            return grow(self.model, self.growth, X, y, start, stop, self.given.fit)

    def _scored(self, parts: Prepared, epoch: int) -> Scored:
        test = self._score(parts.X_test, parts.y_test, self.given.score_test)
        if not self.judge.return_train_score:
            return Scored(epoch, test)
        return Scored(epoch, test, self._score(parts.X_seen, parts.y_train, self.given.score_train))

    def _score(self, X: Any, y: Any, params: Mapping[str, Any]) -> Scores:
        scores: Scores = _score(self.model, X, y, self.judge.scorer, params, self.judge.error_score)
        return scores

    def _failed(self, epoch: int) -> Scored:
        score = self.judge.error_score
        named = getattr(self.judge.scorer, "_scorers", None)  # of several metrics
        test, train = (dict.fromkeys(named, score) if named else score for _ in range(2))
        return Scored(epoch, test, train if self.judge.return_train_score else None)


def train_part(part: Part) -> Outcome:
    """What a worker is sent."""
    return part.train()


def mean_of(outcomes: Sequence[Outcome], epoch: int, metric: str | None) -> float:
    """The mean over the folds after so many epochs; of the first metric where none is named."""
    return float(np.mean([_one(outcome.at(epoch).test, metric) for outcome in outcomes]))


def _one(scores: Scores, metric: str | None) -> float:
    if not isinstance(scores, dict):
        return float(scores)
    return float(scores[metric] if metric in scores else next(iter(scores.values())))
