"""What is trained, in which parts and how far: found out before anything starts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from numbers import Integral
from typing import Any, NamedTuple

from sklearn import get_config
from sklearn.base import clone
from sklearn.metrics._scorer import _BaseScorer, _MultimetricScorer, _PassthroughScorer

from sweeps.errors import BadInput
from sweeps.sklearn.folds import Given, Judge, Rows, prepare
from sweeps.sklearn.growth import PARTIAL_FIT, WHOLE, Growth, growth_of, is_plain_pipeline
from sweeps.sklearn.trials import Folds, Trial, make_model
from sweeps.sklearn.workers import Workers

_ROUNDS = 100  # of XGBoost, where its estimator says nothing


class Plan(NamedTuple):
    """How the configs of a search are trained.

    Attributes:
        base: The estimator that each config is set on.
        growth, epochs: How it learns, and for how long at most.
        best: Whether the best number of epochs is looked for, too.
        shared: Whether a pipeline's earlier steps are the same for all configs.
        counted: The resource's parameter, where its best number is looked for.
        fit_params: For `growth`.
    """

    base: Any
    growth: Growth
    epochs: int
    best: bool = False
    shared: bool = False
    counted: str | None = None
    fit_params: Mapping[str, Any] = {}

    def params(self, trial: Trial) -> dict[str, Any]:
        """A config as `cv_results_` has it: what gives such a model."""
        return trial.params if self.counted is None else {**trial.params, self.counted: trial.kept}


def plan_of(
    estimator: Any,
    searched: Collection[str],
    resource: str | None,
    max_resources: int | str,
    fit_params: Mapping[str, Any],
) -> Plan:
    """Raises `BadInput` on a resource that the estimator does not have."""
    last, prefix = _last_step(estimator)
    own = {name.removeprefix(prefix): value for name, value in fit_params.items() if name.startswith(prefix)}
    foreign = bool(prefix) and _is_foreign(estimator, fit_params, own)
    if foreign or not hasattr(last, "get_params") or prefix.removesuffix("__") in searched:
        return Plan(clone(estimator), WHOLE, 1, fit_params=fit_params)
    explicit = max_resources != "auto"
    if isinstance(resource, str):
        resource = resource.removeprefix(prefix)
    inner = [name.removeprefix(prefix) for name in searched if name.startswith(prefix)]
    growth = growth_of(last, resource, inner)
    asked, (growth, epochs) = growth, _how_long(last, growth, max_resources)
    if resource not in (None, "auto") and growth != asked:
        rule = f"says nothing of how much {asked.name} there is: the estimator does not, either"
        raise BadInput("max_resources", max_resources, rule, "write a number, such as max_resources=27")
    named = f"{prefix}{growth.parameter}" if explicit and growth.kind != "passes" else None
    shared = bool(prefix) and len(inner) == len(searched)
    return Plan(clone(estimator), growth, epochs, explicit, shared, named, own)


def _last_step(estimator: Any) -> tuple[Any, str]:
    """What learns, and how its parameters' names begin."""
    if not is_plain_pipeline(estimator):
        return estimator, ""
    name, last = estimator.steps[-1]
    return last, f"{name}__"


def _is_foreign(estimator: Any, fit_params: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether `fit` is given more than the pipeline's last step alone may have."""
    routed = bool(fit_params) and get_config().get("enable_metadata_routing", False)
    transforms = estimator.get_params(deep=False).get("transform_input") is not None
    return routed or transforms or len(own) < len(fit_params)


def _how_long(last: Any, growth: Growth, max_resources: int | str) -> tuple[Growth, int]:
    if max_resources != "auto":
        whole = isinstance(max_resources, Integral) and not isinstance(max_resources, bool)
        if not whole or int(max_resources) < 1:
            raise BadInput("max_resources", max_resources, 'must be a whole number from 1 on, or "auto"')
        if growth == WHOLE:
            rule = f"is given, and each config of {type(last).__name__} is trained whole here"
            asks = (
                f', or write resource="{PARTIAL_FIT}"' if hasattr(last, PARTIAL_FIT) else ", or see resource"
            )
            raise BadInput("max_resources", max_resources, rule, f"leave it out{asks}")
        return growth, int(max_resources)
    count = getattr(last, str(growth.parameter), None)
    if count is None and growth.kind == "booster":
        return growth, _ROUNDS
    counts = isinstance(count, Integral) and not isinstance(count, bool) and int(count) >= 1
    return (growth, int(count)) if counts and count is not None else (WHOLE, 1)


def folds_of(
    plan: Plan,
    rows: Sequence[Rows],
    given: Sequence[Given],
    judge: Judge,
    metric: str | None,
    workers: Workers,
) -> Folds:
    """What trials are trained on; where a pipeline's earlier steps are shared, what these make of it."""
    make = partial(make_model, plan.base)
    folds = Folds(make, rows, given, plan.growth, plan.epochs, plan.best, judge, metric)
    if not (plan.shared and len(plan.base.steps) > 1 and _sees_last_step_alone(judge.scorer)):
        return folds
    earlier = [(clone(plan.base)[:-1], each, judge.return_train_score) for each in rows]
    prepared = [each for each in workers.map(prepare, earlier) if each is not None]
    if len(prepared) < len(rows):
        return folds
    return folds._replace(make=partial(_make_last_step, plan.base), rows=prepared)


def _make_last_step(base: Any, params: dict[str, Any]) -> Any:
    return make_model(base, params)[-1]


def _sees_last_step_alone(scorer: Any) -> bool:
    """Whether a pipeline's score is that of its last step; a user's function may look at the others, too."""
    scorers = scorer._scorers.values() if isinstance(scorer, _MultimetricScorer) else [scorer]
    return all(isinstance(each, _BaseScorer | _PassthroughScorer) for each in scorers)
