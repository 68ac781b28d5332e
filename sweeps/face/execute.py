"""Runs a checked sweep: brings up its executor, its folder and its loop, and takes them down again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sweeps.errors import BadInput, Interrupted
from sweeps.execution import Executor, SerialExecutor
from sweeps.face.resolve import check_not_shadowed
from sweeps.face.workers import most_workers, wanted_workers, worker_hints
from sweeps.interrupt import StopFlag, stop_on_signal
from sweeps.results import SweepResult, load
from sweeps.spec import spec_text
from sweeps.store import RunDirectory, claimed
from sweeps.sweep.checks import check_device
from sweeps.sweep.ledger import Ledger
from sweeps.sweep.loop import SweepLoop
from sweeps.sweep.plan import Plan
from sweeps.sweep.progress import Guarded, Observer, Silent
from sweeps.sweep.retention import Retention


def execute(
    plan: Plan,
    *,
    out: str | Path | None = None,
    address: str | None = None,
    serial: bool = False,
    observer: Observer | None = None,
) -> SweepResult:
    """Run a checked sweep to its end. Raises what `run` raises."""
    observer = Guarded(observer or Silent())
    if address is None:
        check_device(plan.train, plan.spec.device)  # a cluster elsewhere has devices of its own
    for hint in (*plan.hints, *worker_hints(plan.spec, address, serial)):
        observer.hint(hint)
    with claimed(out, plan.spec.name) as path:
        observer.starting("in this process" if serial else f"on Ray at {address}" if address else "on Ray")
        with stop_on_signal() as stop, _executor(plan, address, serial) as executor:
            if stop:
                raise Interrupted("interrupted before the first trial; nothing was written")
            return _sweep(plan, executor, path, observer, stop)


def _sweep(plan: Plan, executor: Executor, path: Path, observer: Observer, stop: StopFlag) -> SweepResult:
    spec = plan.spec
    directory = RunDirectory(path, spec_text(spec), plan.space, plan.metrics)
    ledger = Ledger(directory, spec.metric, spec.mode, spec.epochs, spec.objective)
    retention = Retention(directory.checkpoints, spec.mode, spec.finalists.top)
    observer.started(executor.description, str(path))
    try:
        SweepLoop(
            plan.scheduler,
            executor,
            directory,
            ledger,
            observer,
            retention,
            trials=spec.trials,
            epochs=spec.epochs,
            stop=stop,
        ).run()
    except BadInput:
        if not ledger.best:
            directory.discard()
        raise
    result = load(path)
    if directory.checkpoints.any and (trial := result.model_trial) is not None:  # else no table is read yet
        retention.crown(ledger.rows[trial])
        directory.checkpoints.flush()
    return result


@contextmanager
def _executor(plan: Plan, address: str | None, serial: bool) -> Iterator[Executor]:
    if serial:
        with closing(SerialExecutor(plan.workload)) as executor:
            yield executor
        return
    check_not_shadowed("cluster")
    from cluster import RayExecutor, ray_session

    wanted = wanted_workers(plan.spec)
    with ray_session(address, wanted) as session:
        workers = wanted or min(session.cpus, most_workers(plan.spec))
        with closing(RayExecutor(plan.workload, session, workers)) as pool:
            yield pool
