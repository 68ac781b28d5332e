"""The face: the only module of `sweeps` that reaches the other two packages, and only when it must."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.execution import Executor, SerialExecutor, Trainable, import_path, import_trainable
from sweeps.interrupt import StopFlag, stop_on_signal
from sweeps.ledger import Ledger
from sweeps.legality import as_bad_input, check_device
from sweeps.loop import SweepLoop
from sweeps.plan import Plan, make_plan
from sweeps.progress import Observer, Silent
from sweeps.schedulers import Scheduler
from sweeps.space import Space
from sweeps.spec import SweepSpec, as_name, as_spec, spec_text
from sweeps.tables import RunDirectory, SweepResult, claimed, load
from sweeps.trial import Mode

BUILT_IN = {"mlp": "trainer:mlp"}


def run(
    train: Trainable | str,
    *,
    space: Space | Mapping[str, Any],
    metric: str = "val_loss",
    mode: Mode = "min",
    trials: int = 64,
    epochs: int = 27,
    finalists: bool | int | Mapping[str, int] = 3,
    seed: int = 0,
    data: Any = None,
    out: str | Path | None = None,
    name: str | None = None,
    scheduler: str | Scheduler = "coarse_to_fine",
    extend: bool = False,
    deterministic: bool = False,
    workers: int | None = None,
    device: str = "cpu",
    address: str | None = None,
    serial: bool = False,
    progress: bool = True,
) -> SweepResult:
    """Run a sweep and return its tables, as `sweeps.load` does.

    train: a generator function ``train(config, run)`` that yields metrics once per epoch, a plain
        function that returns them once, or the name of one: "mlp", "module:function".
    space: hyperparameter → distribution. metric, mode: what to compare trials by.
    trials: how many configs to try. epochs: how long the best train; 1 for a plain function.
    finalists: how many of the best configs are trained again in the end, each on three fresh seeds, so that
        `best` is not the luckiest; {"top": 5, "seeds": 10} says both, False is none.
    data: handed to the trainable as `run.data`, loaded once per worker; the name of a data set, "digits",
        is loaded (for a file of your own: `trainer.load_data`).
    out: the folder to write, which must not hold a sweep yet; by default runs/<name>, numbered on.
    scheduler: "coarse_to_fine", "random", "sobol", "asha", "optuna" or "optuna:<sampler>"; or a `Scheduler`
        object made for the same space, trials, epochs, mode and seed.
    extend: whether a range grows where the best lean on one of its ends, as far as the trainable's own
        `check(config, data)` allows; coarse to fine alone can do so.
    deterministic: whether decisions are made wave by wave, so that a seed gives the same tables on any number
        of workers; some workers then wait at the end of each wave.
    workers: how many train at once, by default one per CPU. device: where each trains, told to the
        trainable as `run.device`; with "cuda" each worker gets its share of the GPUs.
    address: of a Ray cluster to join; by default Ray is started here, or used if this process is connected
        already.
    serial: train in this process instead. progress: show progress on the error stream.

    Raises `BadInput` before anything has started, `AllTrialsFailed`, `WorkersLost`, and `Interrupted`
    on Ctrl-C, when what has finished is on disk.
    """
    function = find_trainable(train) if isinstance(train, str) else train
    form = {
        "name": name or as_name(getattr(function, "__name__", "")),
        "trainable": train if isinstance(train, str) else import_path(function),
        "data": data if isinstance(data, str) else None,
        "metric": metric,
        "mode": mode,
        "trials": trials,
        "epochs": epochs,
        "finalists": finalists,
        "seed": seed,
        "deterministic": deterministic,
        "scheduler": scheduler if isinstance(scheduler, str) else type(scheduler).__name__,
        "extend": extend,
        "workers": workers,
        "device": device,
        "space": (space if isinstance(space, Space) else Space(space)).to_yaml(),
    }
    plan = make_plan(
        spec := as_spec(form),
        function,
        load_data(data, spec.seed, Path()) if isinstance(data, str) else data,
        scheduler=None if isinstance(scheduler, str) else scheduler,
    )
    return execute(plan, out=out, address=address, serial=serial, observer=_observer(progress))


def plan_from_spec(spec: SweepSpec, base: Path) -> Plan:
    """Find and check everything a spec names; its relative paths start at the folder `base`."""
    search = (base.resolve(), Path.cwd())
    train = find_trainable(spec.trainable, search)
    data = None if spec.data is None else load_data(spec.data, spec.seed, base)
    if isinstance(spec.data, dict) and "path" in spec.data:
        # The spec that is kept beside the tables shall find the file from there.
        path = str((base / Path(spec.data["path"]).expanduser()).resolve())
        spec = spec.model_copy(update={"data": {**spec.data, "path": path}})
    return make_plan(spec, train, data)


def execute(
    plan: Plan,
    *,
    out: str | Path | None = None,
    address: str | None = None,
    serial: bool = False,
    observer: Observer | None = None,
) -> SweepResult:
    """Run a checked sweep to its end. Raises what `run` raises."""
    observer = observer or Silent()
    if address is None:
        check_device(plan.train, plan.spec.device)  # a cluster elsewhere has devices of its own
    for hint in plan.hints:
        observer.hint(hint)
    with claimed(out, plan.spec.name) as path:
        observer.starting("in this process" if serial else f"on Ray at {address}" if address else "on Ray")
        with stop_on_signal() as stop, _executor(plan, address, serial) as executor:
            stop.listen()  # again: Ray takes over SIGTERM when it starts
            _sweep(plan, executor, path, observer, stop)
    return load(path)


def _sweep(plan: Plan, executor: Executor, path: Path, observer: Observer, stop: StopFlag) -> None:
    directory = RunDirectory(path, spec_text(plan.spec), plan.space, plan.metrics)
    ledger = Ledger(directory, plan.spec.metric, plan.spec.mode, plan.spec.epochs)
    observer.started(executor.description, str(path))
    try:
        SweepLoop(
            plan.scheduler,
            executor,
            directory,
            ledger,
            observer,
            trials=plan.spec.trials,
            epochs=plan.spec.epochs,
            stop=stop,
        ).run()
    except BadInput:
        if not ledger.trained_epochs:
            directory.discard()
        raise


def find_trainable(name: str, search: Sequence[Path] = ()) -> Trainable:
    """A trainable by its built-in name or import path. Raises `BadInput`."""
    if ":" not in name and name not in BUILT_IN:
        fix = f"write {', '.join(BUILT_IN)}, or the import path of your own, module:function"
        raise BadInput("trainable", name, "is neither built in nor an import path", fix)
    if name in BUILT_IN:
        _check_not_shadowed("trainer")
    return import_trainable(BUILT_IN.get(name, name), search)


def load_data(form: str | Mapping[str, Any], seed: int, base: Path) -> Any:
    """Load and split what a spec's `data` names. Raises `BadInput`."""
    _check_not_shadowed("trainer")
    from trainer.data import load_data as load_form

    try:
        return load_form(form, seed=seed, base=base)
    except ValueError as error:
        raise as_bad_input(error, "data") from error


def _check_not_shadowed(package: str) -> None:
    """Raise `BadInput` where a file of the user's own has the name of a package that is needed."""
    found = sys.modules.get(package) or importlib.util.find_spec(package)
    origin = getattr(found, "__file__", None) or getattr(found, "origin", None)
    if origin and Path(origin).resolve().parent != Path(__file__).resolve().parent.parent / package:
        raise BadInput("import", origin, f"has the name of Caviar's own package {package!r}", "rename it")


@contextmanager
def _executor(plan: Plan, address: str | None, serial: bool) -> Iterator[Executor]:
    if serial:
        with closing(SerialExecutor(plan.workload)) as executor:
            yield executor
        return
    _check_not_shadowed("cluster")
    from cluster import RayExecutor, ray_session

    with (
        ray_session(address, plan.spec.workers) as session,
        closing(RayExecutor(plan.workload, session, plan.spec.workers or session.cpus)) as pool,
    ):
        yield pool


def _observer(progress: bool) -> Observer:
    if not progress:
        return Silent()
    from sweeps.command.watch import watcher

    return watcher()
