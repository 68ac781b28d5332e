"""`sweeps.run`: a sweep from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from sweeps.execution import Trainable, import_path
from sweeps.face.execute import execute
from sweeps.face.library import with_library
from sweeps.face.resolve import find_trainable, is_form, loaded, watcher_if, with_absolute_files
from sweeps.results import SweepResult
from sweeps.schedulers import Scheduler
from sweeps.space import Space
from sweeps.spec import DEFAULTS, Finalists, Limits, ObjectiveRule, Resources, as_name, as_spec
from sweeps.sweep.planning.plan import Plan, make_plan
from sweeps.sweep.progress import Callback
from sweeps.trial import Mode

Earlier: TypeAlias = str | Path | Mapping[str, Any]  # an earlier sweep


def run(
    train: Trainable | str | Mapping[str, str],
    *,
    space: Space | Mapping[str, Any] | str,
    metric: str = DEFAULTS.metric,
    mode: Mode = DEFAULTS.mode,
    objective: str | Mapping[str, int] | ObjectiveRule = DEFAULTS.objective,
    trials: int = DEFAULTS.trials,
    epochs: int = DEFAULTS.epochs,
    finalists: bool | int | Mapping[str, int] | Finalists = DEFAULTS.finalists,
    start_with: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
    learn_from: str
    | Path
    | Mapping[str, Any]
    | Sequence[str | Path | Mapping[str, Any]]
    | bool
    | None = None,
    limits: Mapping[str, Any] | Limits = DEFAULTS.limits,
    retries: int = DEFAULTS.retries,
    seed: int = DEFAULTS.seed,
    data: Any = None,
    out: str | Path | None = None,
    name: str | None = None,
    scheduler: str | Scheduler = DEFAULTS.scheduler,
    extend: bool = DEFAULTS.extend,
    deterministic: bool = DEFAULTS.deterministic,
    workers: int | None = DEFAULTS.workers,
    resources: Mapping[str, Any] | Resources = DEFAULTS.resources,
    device: str = DEFAULTS.device,
    address: str | None = None,
    serial: bool = False,
    progress: bool = True,
    callbacks: Sequence[Callback] = (),
) -> SweepResult:
    """Run a sweep.

    Args:
        train: A generator function ``train(config, run)`` that yields metrics once per epoch, a plain
            function that returns them once or calls ``run.report`` once per epoch; the name of one: "mlp",
            "cnn", "module:function"; or a command line, {"command": "python train.py --rate {rate}"}.
        space: Hyperparameter → distribution; or "mlp" or "cnn", ready ones for the built-in networks.
        metric: What to compare trials by, one of the names that the trainable reports.
        mode: Whether less of it is better ("min") or more ("max").
        objective: How a trial's epochs make its objective: "best", the best value of the metric so far;
            "last", the last epoch's; or {"mean_of_last": 3}, a mean that one lucky epoch does not win. The
            checkpoint that is kept of a trial is that of the objective's epoch.
        trials: How many configs to try.
        epochs: How long the best train; 1 for a plain function.
        finalists: How many of the best configs are trained again in the end, each on three fresh seeds, so
            that `best` is not the luckiest; {"top": 5, "seeds": 10} says both, False is none.
        start_with: Configs to try first, such as one that is known to be good; or {"from": "runs/old",
            "top": 5} for the best of an earlier sweep, or a CSV with a column per hyperparameter. Where you
            know a config's objective, {"config": {"rate": 0.1}, "value": 0.93, "epochs": 27} says it: the
            search knows of it, it is not trained again, and it is none of the `trials`. "values": True takes
            over those of an earlier sweep; in a CSV, they are the column with the metric's name.
        learn_from: Folders of earlier sweeps: ["runs/old", {"from": "runs/older", "with": {"rate": 0.1}}].
            Their results tell the search where to look, however their data, metrics and ranges differ; it
            learns how much each has to say. "with" gives values of hyperparameters that they did not know.
            None takes those of the library that fit (`caviar library add`), and False begins from nothing.
        limits: What ends the sweep, a trial or an epoch early: {"time": "2h", "trial": "20m", "epoch": "5m",
            "epochs": 5000, "at": 0.99, "no_better": 200}, each of them or none; durations are seconds, or
            text.
        retries: How often a trial that has failed, hung or lost its worker again and again is trained again,
            from its last checkpoint.
        seed: Of all that is random in the sweep.
        data: Handed to the trainable as `run.data`, loaded once per worker; the name of a data set, "digits",
            is loaded. For "mlp" it is what a spec has, such as {"path": "sales.csv", "target": "sold"}, or
            {"table": frame, "target": "sold"} (see `trainer.load_data`).
        out: The folder to write, which must not hold a sweep yet; by default runs/NAME, numbered on.
        name: What the sweep is called, by default as the trainable is.
        scheduler: "coarse_to_fine", "random", "sobol", "asha", "pbt", "optuna" or "optuna:" and a sampler's
            name; or a `Scheduler` object made for the same space, trials, epochs, mode and seed.
        extend: Whether a range grows where the best lean on one of its ends, as far as the trainable's own
            `check(config, data)` allows; coarse to fine alone can do so.
        deterministic: Whether decisions are made wave by wave, so that a seed gives the same tables on any
            number of workers; some workers then wait at the end of each wave.
        workers: How many train at once, by default as many as have room.
        resources: What each worker gets, by default a CPU: {"cpus": 2, "gpus": 0.25, "memory": "4GiB",
            "custom": {"name": 1}}, each of them or none. It has as many BLAS threads as CPUs; memory is set
            aside, and custom is what your Ray cluster has names for.
        device: Where each trains, told to the trainable as `run.device`; with "cuda" each worker gets its
            share of the GPUs.
        address: Of a Ray cluster to join; by default Ray is started here, or used if this process is
            connected already.
        serial: Train in this process instead.
        progress: Show progress on the error stream.
        callbacks: Each is called with every event of the sweep (`sweeps.events`), in order; what one raises
            is reported once, and the sweep goes on.

    Returns:
        The sweep's tables, as `sweeps.load` gives them.

    Raises:
        BadInput: Something in the arguments is wrong; nothing has started then.
        AllTrialsFailed: Each of the first trials has raised.
        WorkersLost: No worker is left.
        LogLost: The sweep's folder cannot be written any more.
        Interrupted: On Ctrl-C, when what has finished is on disk.
    """
    plan = plan_in_python(
        train,
        space=space,
        data=data,
        scheduler=scheduler,
        name=name,
        start_with=start_with,
        learn_from=learn_from,
        metric=metric,
        mode=mode,
        objective=objective,
        trials=trials,
        epochs=epochs,
        finalists=finalists,
        limits=limits,
        retries=retries,
        seed=seed,
        deterministic=deterministic,
        extend=extend,
        workers=workers,
        resources=resources,
        device=device,
    )
    return execute(
        plan, out=out, address=address, serial=serial, observer=watcher_if(progress), callbacks=callbacks
    )


def plan_in_python(
    train: Trainable | str | Mapping[str, str],
    *,
    space: Space | Mapping[str, Any] | str,
    data: Any = None,
    scheduler: str | Scheduler = DEFAULTS.scheduler,
    name: str | None = None,
    start_with: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
    learn_from: str
    | Path
    | Mapping[str, Any]
    | Sequence[str | Path | Mapping[str, Any]]
    | bool
    | None = None,
    **keys: Any,
) -> Plan:
    """The checked plan of what `run` was given; keys: the others of a spec. Raises `BadInput`."""
    named = isinstance(train, str | Mapping)
    function = find_trainable(train) if isinstance(train, str | Mapping) else train
    form = {
        "name": name or as_name(getattr(function, "__name__", "")),
        "trainable": train if named else import_path(function),
        "data": _kept_form(data) if is_form(data, train) else None,
        "start_with": list(start_with) if isinstance(start_with, list | tuple) else start_with,
        "learn_from": _kept_folders(learn_from),
        "scheduler": scheduler if isinstance(scheduler, str) else type(scheduler).__name__,
        "space": _form_of(space),
    }
    spec = as_spec({**keys, **form})
    data = loaded(data, train, spec)
    if not isinstance(scheduler, str):
        return make_plan(spec, function, data, scheduler=scheduler)
    spec, earlier = with_library(spec)
    return make_plan(spec, function, data, earlier=earlier)


def _form_of(space: Space | Mapping[str, Any] | str) -> Any:
    if isinstance(space, str):
        return space
    return (space if isinstance(space, Space) else Space(space)).distributions


def _kept_folders(form: Any) -> Any:
    """What spec.yaml keeps of earlier sweeps' folders."""
    if isinstance(form, Mapping):
        return {key: _kept_folders(value) if key == "from" else value for key, value in form.items()}
    if isinstance(form, list | tuple):
        return [_kept_folders(each) for each in form]
    return str(form) if isinstance(form, Path) else form


def _kept_form(data: str | Mapping[str, Any]) -> str | dict[str, Any] | None:
    """What spec.yaml keeps of the data; nothing of a table in memory."""
    if isinstance(data, str):
        return data
    return None if data.get("table") is not None else with_absolute_files(data, Path())
