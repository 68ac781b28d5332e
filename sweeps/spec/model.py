"""A sweep as asked for: the keys of a spec file, their types and defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from sweeps.errors import BadInput, choices
from sweeps.space import Distribution, as_stored
from sweeps.spec.defaults import DEFAULTS
from sweeps.spec.finalists import Finalists, as_finalists
from sweeps.spec.limits import Limits, as_limits
from sweeps.spec.objective import ObjectiveRule, as_objective
from sweeps.spec.ready_spaces import ready_space
from sweeps.spec.resources import Resources, as_resources
from sweeps.spec.retuning import Retuning, as_retuning

Count = Annotated[int, Field(ge=1)]


class SweepSpec(BaseModel):
    """One sweep.

    name: of the sweep, and of its folder under runs/.
    trainable: ``mlp`` or ``cnn``, the built-in networks, the import path of your own, ``module:function``, or
        a command line: ``{command: "python train.py --rate {rate}"}``.
    data: ``digits``, ``{name: fashion-mnist, path: folder}`` or ``{path: table.csv, target: column}`` with
        options; None for a trainable without.
    metric, mode: what to compare trials by, and whether less ("min") or more ("max") is better.
    trials: how many configs to try; with `scheduler: pbt`, how many members the population has. epochs: how
        long the best of them train.
    finalists: how many of the best configs are trained again when the search has finished, and on how many
        fresh seeds each: ``{top: 3, seeds: 3}``, a number of configs, or false for none.
    objective: which epochs a trial is compared by: ``best``, ``last`` or ``{mean_of_last: k}``.
    start_with: configs to try first: a list of them, or ``{from: runs/old, top: 5}``, or a CSV's path there.
        One measured elsewhere, ``{config: {rate: 0.1}, value: 0.93, epochs: 27}``, is known and not trained;
        so are those of an earlier sweep with ``values: true``, and of a CSV with the metric's column.
    learn_from: folders of earlier sweeps, whose results tell the search where to look, with coarse_to_fine
        alone: ``[runs/old, {from: runs/older, with: {rate: 0.1}}]``; see
        `sweeps.sweep.planning.learn_from`. None for those of the library that fit, false for none.
    limits: when the sweep, a trial or an epoch ends early, see `Limits`:
        ``{time: 2h, trial: 20m, epoch: 5m, epochs: 5000, at: 0.99, no_better: 200}``, each of them or none.
    retries: how often a trial that has failed is trained again, from its last checkpoint.
    seed: of the search, the split of the data, and everything random in the training.
    scheduler: what decides; its names are in `sweeps.schedulers.NAMES`.
    extend: whether a range grows where the best lean on one of its ends, as far as is legal; with
        coarse_to_fine alone.
    deterministic: whether decisions wait for one another, so that a seed gives the same tables on any number
        of workers.
    workers: how many train at once; None for as many as have room. device: where each trains: "cpu", or
        "cuda" for a share of a GPU.
    resources: what each worker gets, see `Resources`:
        ``{cpus: 2, gpus: 0.25, memory: 4GiB, custom: {name: 1}}``, each of them or none; by default a CPU,
        and its share of the GPUs.
    space: hyperparameter → its values, see `Space`; or the name of a ready one, ``mlp`` or ``cnn``.
    retune: written by `caviar retune`: which sweep's winner is tried again here, see `Retuning`.
    versions: written by Caviar for the record, and ignored when read.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = DEFAULTS.name
    trainable: str | dict[str, str] = DEFAULTS.trainable
    data: str | dict[str, Any] | None = None
    metric: str = DEFAULTS.metric
    mode: Literal["min", "max"] = DEFAULTS.mode
    trials: Count = DEFAULTS.trials
    epochs: Count = DEFAULTS.epochs
    finalists: Annotated[
        Finalists, BeforeValidator(as_finalists), PlainSerializer(lambda finalists: finalists.to_yaml())
    ] = DEFAULTS.finalists
    objective: Annotated[
        ObjectiveRule, BeforeValidator(as_objective), PlainSerializer(lambda rule: rule.to_yaml())
    ] = DEFAULTS.objective
    start_with: Annotated[
        list[dict[str, Any]] | dict[str, Any] | None, PlainSerializer(lambda form: _stored_form(form))
    ] = None
    learn_from: str | list[str | dict[str, Any]] | dict[str, Any] | Literal[False] | None = None
    limits: Annotated[
        Limits, BeforeValidator(as_limits), PlainSerializer(lambda limits: limits.to_yaml())
    ] = DEFAULTS.limits
    retries: Annotated[int, Field(ge=0)] = DEFAULTS.retries
    seed: Annotated[int, Field(ge=0, lt=2**63)] = DEFAULTS.seed
    scheduler: str = DEFAULTS.scheduler
    extend: bool = DEFAULTS.extend
    deterministic: bool = DEFAULTS.deterministic
    workers: Count | None = DEFAULTS.workers
    resources: Annotated[
        Resources, BeforeValidator(as_resources), PlainSerializer(lambda resources: resources.to_yaml())
    ] = DEFAULTS.resources
    device: str = DEFAULTS.device
    space: Annotated[dict[str, Any], PlainSerializer(lambda space: _space_form(space))]
    retune: Annotated[
        Retuning | None,
        BeforeValidator(as_retuning),
        PlainSerializer(lambda rule: None if rule is None else rule.to_yaml()),
    ] = None
    versions: dict[str, str] = {}


def _stored_form(form: Any) -> Any:
    """What stands in a spec file for configs, in which a Python program may have given NumPy's numbers."""
    if isinstance(form, Mapping):
        return {name: _stored_form(value) for name, value in form.items()}
    return [_stored_form(each) for each in form] if isinstance(form, list) else as_stored(form)


def _space_form(space: dict[str, Any]) -> dict[str, Any]:
    """What stands in a spec file for a space, of which a Python program may have given distributions."""
    return {name: form.to_yaml() if isinstance(form, Distribution) else form for name, form in space.items()}


def as_name(text: str) -> str:
    """A name for a sweep made from a file's or a function's.

    >>> as_name("my sweep"), as_name("<lambda>"), as_name("_train")
    ('my-sweep', 'lambda', 'train')
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("_.-") or "sweep"


def as_spec(form: Any) -> SweepSpec:
    """Check a spec's form. Raises `BadInput` naming the first key that is wrong."""
    if form is None:
        raise BadInput(
            "spec", None, "is missing: the file is empty", "`caviar init` writes one to start from"
        )
    if not isinstance(form, Mapping):
        raise BadInput("spec", form, "must map keys to values", "`caviar init` writes one to start from")
    try:
        return SweepSpec.model_validate(_with_ready_space(dict(form)))
    except ValidationError as errors:
        # A mistyped key first: that another one is missing may only follow from it.
        first = sorted(errors.errors(), key=lambda error: error["type"] != "extra_forbidden")[0]
        raise _as_bad_input(first) from None


def _with_ready_space(form: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(form.get("space"), str):
        return form
    epochs = form.get("epochs", DEFAULTS.epochs)
    return {
        **form,
        "space": ready_space(form["space"], epochs if isinstance(epochs, int) else DEFAULTS.epochs),
    }


def _as_bad_input(error: Any) -> BadInput:
    raised = error.get("ctx", {}).get("error")
    if isinstance(raised, BadInput):
        return raised
    place = ".".join(str(part) for part in error["loc"] if not _is_union_branch(part))
    if error["type"] == "extra_forbidden":
        fix = choices(SweepSpec.model_fields, place)
        return BadInput(place, error["input"], "stands under a key that specs do not have", fix)
    if error["type"] == "missing":
        return BadInput(place, None, "is missing", f"add {place}:; `caviar init` writes a spec to start from")
    rule = str(error["msg"]).replace("Input should", "should").replace("String should", "should")
    return BadInput(place, error["input"], rule, _DETAILS.get(place, ""))


_DETAILS = {
    "start_with": "write start_with: [{learning_rate: 0.01, …}], or {from: runs/old, top: 5}",
    "learn_from": "write learn_from: [runs/old], the folders of earlier sweeps, or false",
    "data": "write data: digits, or data: {path: table.csv, target: column}",
    "trainable": "write mlp or cnn, or the import path of your own, module:function; or {command: …}",
    "metric": "write the name of a metric that is reported, such as metric: val_loss",
    "mode": "write mode: min or mode: max",
    "name": "use letters, digits, _, . and - only",
    "trials": f"write a whole number, such as trials: {DEFAULTS.trials}",
    "epochs": f"write a whole number, such as epochs: {DEFAULTS.epochs}",
    "retries": "write a whole number from 0 on",
    "seed": "write a whole number from 0 on",
    "extend": "write extend: true or extend: false",
    "scheduler": "write its name, such as scheduler: coarse_to_fine",
    "deterministic": "write deterministic: true or deterministic: false",
    "device": "write device: cpu or device: cuda",
    "versions": "leave it out: Caviar writes it for the record",
    "workers": "write a whole number, or leave it out for as many as have room",
    "space": "write space: {learning_rate: {log: [1e-5, 1]}}",
}


def _is_union_branch(part: Any) -> bool:
    """Pydantic puts the tried branch of ``str | dict`` into the place; a user never wrote it."""
    return isinstance(part, str) and (part in ("str", "int", "none") or part.startswith(("dict[", "list[")))
