"""How an estimator learns a part at a time, and how it is trained from one part's end to the next's."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.base import is_classifier
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from sklearn.utils.multiclass import unique_labels

from sweeps.errors import BadInput, choices

Kind = Literal["total", "more", "passes", "booster", "whole"]

PARTIAL_FIT = "partial_fit"
_COUNTS = ("n_estimators", "max_iter", "max_epochs")  # parameters that say how long, the likeliest first
_HINDRANCES = (
    ((GradientBoostingClassifier, GradientBoostingRegressor), "n_iter_no_change"),  # forgets losses before
    ((BaggingClassifier, BaggingRegressor), "oob_score"),  # which it refuses beside warm_start
)
_BOOSTERS = {"xgboost": ("xgb_model", "get_booster"), "lightgbm": ("init_model", "booster_")}


class Growth(NamedTuple):
    """How an estimator learns gradually.

    Attributes:
        kind: "total": its parameter counts all trees or rounds, and with `warm_start` it adds those that are
            missing. "more": the parameter counts iterations of one call, which go on from the last one's
            weights. "passes": `partial_fit` over all rows. "booster": as many rounds as are missing, on top
            of the booster so far. "whole": it does not, and one epoch is the whole training.
        parameter: The one that counts; None where there is none.
    """

    kind: Kind
    parameter: str | None = None

    @property
    def name(self) -> str | None:
        """What the user calls it."""
        return PARTIAL_FIT if self.kind == "passes" else self.parameter


WHOLE = Growth("whole")


def growth_of(model: Any, resource: str | None, searched: Collection[str]) -> Growth:
    """How an estimator is to be trained.

    Args:
        model: The estimator, or a pipeline's last step.
        resource: What the user asks for; "auto" for what ends where one `fit` would, None for whole
            trainings. Passes of `partial_fit` may end elsewhere, and are to be asked for by name.
        searched: The parameters that are searched, which therefore cannot count.

    Raises:
        BadInput: On a resource that the estimator does not have.
    """
    if resource is None:
        return WHOLE
    if resource != "auto":
        return _asked_for(model, resource, searched)
    found = _counting(model, searched)
    counts = found.parameter if found is not None else None
    if counts in searched:
        warnings.warn(
            f"{counts} is searched, so each config is trained whole. Leave it out of the space and give "
            f"max_resources= instead: configs then learn gradually, and most of them stop early.",
            stacklevel=4,
        )
        return WHOLE
    return WHOLE if found is None else found


def _asked_for(model: Any, resource: str, searched: Collection[str]) -> Growth:
    if resource == PARTIAL_FIT and hasattr(model, PARTIAL_FIT):
        return Growth("passes", _counted(model))
    continues = _can_continue(model, searched)
    names = [name for name in model.get_params() if name in _COUNTS and continues]
    ways = [*names, *([PARTIAL_FIT] if hasattr(model, PARTIAL_FIT) else []), "auto"]
    if resource not in model.get_params() or not continues:
        hinders = _hindrance(model, searched)
        why = "" if hinders is None else f" with {hinders}"
        rule = f"is nothing that {type(model).__name__} can be given more of{why}"
        raise BadInput(
            "resource", resource, rule, choices(ways, resource) + "; None trains each config whole"
        )
    if resource in searched:
        fix = "leave it out of the space; max_resources says how long to train at most"
        raise BadInput(f"space.{resource}", resource, "is the resource", fix)
    return _with(model, resource)


def _counting(model: Any, searched: Collection[str]) -> Growth | None:
    counted = _counted(model)
    return _with(model, counted) if counted is not None and _can_continue(model, searched) else None


def _with(model: Any, parameter: str) -> Growth:
    if _library(model) in _BOOSTERS:
        return Growth("booster", parameter)
    histogram = isinstance(model, HistGradientBoostingClassifier | HistGradientBoostingRegressor)
    return Growth("total" if histogram or parameter == "n_estimators" else "more", parameter)


def _counted(model: Any) -> str | None:
    params = model.get_params(deep=False)
    return next((name for name in _COUNTS if name in params), None)


def _can_continue(model: Any, searched: Collection[str]) -> bool:
    gradual = _library(model) in _BOOSTERS or "warm_start" in model.get_params(deep=False)
    return gradual and _hindrance(model, searched) is None


def _hindrance(model: Any, searched: Collection[str]) -> str | None:
    """What is set, or may be in some config, and goes with no training in parts."""
    name = next((name for kinds, name in _HINDRANCES if isinstance(model, kinds)), None)
    if _library(model) in _BOOSTERS:
        name = "early_stopping_rounds"  # which looks at data of its own
    active = name is not None and (bool(model.get_params(deep=False).get(name)) or name in searched)
    return name if active else None


def _library(model: Any) -> str:
    return type(model).__module__.partition(".")[0]


def grow(
    model: Any, growth: Growth, X: Any, y: Any, start: int, stop: int, fit_params: Mapping[str, Any]
) -> bool:
    """Train an estimator that has learned for `start` epochs until it has for `stop`.

    Args:
        model: The estimator. Of a pipeline in parts, the last step learns.
        growth: How.
        X, y: The rows; of a pipeline in parts, what `by_earlier_steps` made of them when it began.
        start, stop: In epochs.
        fit_params: What else `fit` is given.

    Returns:
        Whether it ended before by a rule of its own, so that there is nothing left to train.
    """
    if growth.kind == "whole":
        model.fit(*_data(X, y), **fit_params)
        return False
    learner = model[-1] if is_plain_pipeline(model) else model
    ways = {"total": _to_total, "more": _some_more, "passes": _passes, "booster": _on_booster}
    return ways[growth.kind](learner, growth, _data(X, y), start, stop, fit_params)


def is_plain_pipeline(model: Any) -> bool:
    """Whether its steps may be fitted one by one. A subclass may do more than that."""
    return type(model) is Pipeline


def by_earlier_steps(model: Any, growth: Growth, X: Any, y: Any) -> Any:
    """What an estimator that has not begun learns from, in all of its parts: of most, X.

    The earlier steps of a pipeline in parts are fitted here, once. Their `transform` need not give the same
    again: that of a `TargetEncoder`, say, knows the rows' own targets.
    """
    if growth.kind == "whole" or not is_plain_pipeline(model) or len(model.steps) == 1:
        return X
    earlier = model[:-1]
    given = earlier.fit_transform(*_data(X, y))
    model.steps[:-1] = earlier.steps  # other objects where the pipeline has a memory
    return given


def _data(X: Any, y: Any) -> tuple[Any, ...]:
    return (X,) if y is None else (X, y)


def _to_total(
    model: Any, growth: Growth, data: Any, start: int, stop: int, fit_params: Mapping[str, Any]
) -> bool:
    model.set_params(warm_start=True, **{str(growth.parameter): stop})
    with warnings.catch_warnings():
        # These are the same rows as before, so that the weights of the classes are the same, too.
        warnings.filterwarnings("ignore", "class_weight presets", UserWarning)
        model.fit(*data, **fit_params)
    reached = getattr(model, "n_iter_", getattr(model, "n_estimators_", None))
    return reached is not None and bool(np.max(reached) < stop)


def _some_more(
    model: Any, growth: Growth, data: Any, start: int, stop: int, fit_params: Mapping[str, Any]
) -> bool:
    anew = getattr(model, "solver", None) == "liblinear"  # which starts at the beginning whatever one says
    count = stop if anew else stop - start
    model.set_params(warm_start=True, **{str(growth.parameter): count})
    model.fit(*data, **fit_params)
    reached = getattr(model, "n_iter_", None)
    return reached is not None and bool(np.max(reached) < count)


def _passes(
    model: Any, growth: Growth, data: Any, start: int, stop: int, fit_params: Mapping[str, Any]
) -> bool:
    classes = {"classes": unique_labels(data[1])} if start == 0 and is_classifier(model) else {}
    for epoch in range(start, stop):
        model.partial_fit(*data, **(classes if epoch == 0 else {}), **fit_params)
    return False


def _on_booster(
    model: Any, growth: Growth, data: Any, start: int, stop: int, fit_params: Mapping[str, Any]
) -> bool:
    keyword, attribute = _BOOSTERS[_library(model)]
    model.set_params(**{str(growth.parameter): stop - start})
    if start == 0:
        model.fit(*data, **fit_params)
        return False
    so_far = getattr(model, attribute)
    model.fit(*data, **fit_params, **{keyword: so_far() if callable(so_far) else so_far})
    return False


def quietly() -> AbstractContextManager[Any]:
    """While inside, a solver that has not converged says nothing: it is to go on later."""
    return warnings.catch_warnings(action="ignore", category=ConvergenceWarning)
