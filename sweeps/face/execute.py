"""Runs a checked sweep: brings up its executor, its folder and its loop, and takes them down again."""

from __future__ import annotations

import os
import shlex
import socket
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sweeps.errors import BadInput, Interrupted
from sweeps.events import Event, ProcessBegun, SearchBegun
from sweeps.execution import Executor, SerialExecutor
from sweeps.face.models.winner import BEST, ENSEMBLE, write_best
from sweeps.face.resolve import check_not_shadowed
from sweeps.face.workers import most_workers, wanted_workers, worker_hints
from sweeps.interrupt import StopFlag, stop_on_signal
from sweeps.knowledge import overlap
from sweeps.nudging import AlarmWatch, Deciding, Rules, Taking
from sweeps.results import SweepResult, load
from sweeps.retuning import RETUNE_FILE, conclude, write_retuned
from sweeps.spec import spec_text
from sweeps.store import (
    LOG,
    Lease,
    LogReader,
    RunDirectory,
    claimed,
    first_line,
    write_described,
    write_earlier,
)
from sweeps.sweep.ledger import Ledger
from sweeps.sweep.limits import Limiter
from sweeps.sweep.loop import SweepLoop
from sweeps.sweep.planning.checks import check_device
from sweeps.sweep.planning.fingerprint import fingerprint_of_code, fingerprint_of_data
from sweeps.sweep.planning.plan import Plan
from sweeps.sweep.progress import Callback, Guarded, Observer, Silent, guarded
from sweeps.sweep.retention import ENSEMBLE_CANDIDATES, RECENT_EPOCHS, Retention
from sweeps.trial import Job, Round


def execute(
    plan: Plan,
    *,
    out: str | Path | None = None,
    address: str | None = None,
    serial: bool = False,
    observer: Observer | None = None,
    folder: Path | None = None,
    callbacks: Sequence[Callback] = (),
    prints: bool = False,
    autopilot: bool = False,
) -> SweepResult:
    """Run a checked sweep to its end. Raises what `run` raises.

    Args:
        plan: The sweep.
        out, address, serial: As in `run`.
        observer: Watches.
        folder: Where a spec's trainable was looked for, so that `resume` finds it again.
        callbacks: Each is called with every event; what one raises is reported once.
        prints: Whether the observer shows what trials print, so that they need not.
        autopilot: Whether a model that a person babysits follows its alarms.
    """
    observer = Guarded(observer or Silent())
    first = plan.first()
    described = plan.described
    observer.described(described.lines)
    check_before(plan, address, serial, observer)
    with (
        claimed(out, plan.spec.name) as path,
        running_executor(plan, path, address, serial, observer, prints) as (executor, stop),
        closing_lease(path) as lease,
    ):
        text = spec_text(plan.spec, plan.versions)
        directory = RunDirectory(path, text, plan.space, plan.metrics)
        if described:
            write_described(path, described)
        write_earlier(path, plan.earlier)
        search = SearchBegun(time=time.time(), spec=text, observed=tuple(first))
        if first:
            plan.scheduler.observe(first)
        opening = [process_begun(plan, folder), search]
        ledger = new_ledger(plan, directory)
        for seen in first:
            if seen.measured:
                ledger.know(seen)
        retention = new_retention(plan, directory)
        parts = (plan, executor, directory, ledger, retention, observer, stop, lease, opening, callbacks)
        return sweep(*parts, autopilot=autopilot)


def sweep(
    plan: Plan,
    executor: Executor,
    directory: RunDirectory,
    ledger: Ledger,
    retention: Retention,
    observer: Observer,
    stop: StopFlag,
    lease: Lease,
    opening: Sequence[Event],
    callbacks: Sequence[Callback],
    unfinished: Sequence[Job] = (),
    rounds: Sequence[Round] = (),
    first_round: int = 0,
    used: float = 0.0,
    retried: Mapping[int, int] | None = None,
    unwanted: Collection[int] = (),
    nudged: Collection[str] = (),
    autopilot: bool = False,
) -> SweepResult:
    """Run the loop over its parts; in the end, name the winner's checkpoint and write `best/`."""
    observer.started(executor.description, str(directory.path))
    loop = SweepLoop(
        plan.scheduler,
        executor,
        directory,
        ledger,
        observer,
        retention,
        trials=plan.spec.trials,
        epochs=plan.spec.epochs,
        limiter=Limiter(plan.spec.limits, ledger, plan.spec.epochs, used),
        stop=stop,
        lease=lease,
        opening=opening,
        callbacks=[guarded(callback, directory.path) for callback in callbacks],
        retries=plan.spec.retries,
        retried=Counter(retried),
        unwanted=unwanted,
        unfinished=unfinished,
        rounds=list(rounds),
        first_round=first_round,
        nudges=_nudges(plan, directory, ledger, nudged, autopilot),
    )
    try:
        loop.run()
    except BadInput:
        if not ledger.best:
            directory.discard()
        raise
    except Interrupted:
        _write_best(plan, directory, observer)
        observer.notice(f"to go on: caviar resume {shlex.quote(str(directory.path))}")
        raise
    result = _ended(plan, directory.path, observer)
    if directory.checkpoints.any and (trial := result.model_trial) is not None:  # else no table is read yet
        retention.crown(ledger.rows[trial])
        directory.checkpoints.flush()
        _write_best(plan, directory, observer)
    return result


def _nudges(
    plan: Plan, directory: RunDirectory, ledger: Ledger, known: Collection[str], autopilot: bool
) -> Taking | None:
    """Where a person's decisions come from, if it is a person who decides; known: those taken in before."""
    scheduler = plan.scheduler.babysat
    if scheduler is None:
        return None
    rules = Rules(plan.space, plan.train, plan.data)
    spec, names = plan.spec, getattr(plan.train, "hyperparameters", ())
    watch = AlarmWatch(spec.metric, spec.mode, names, spec.epochs, spec.limits.epochs)
    for event in LogReader(directory.path / LOG):  # of earlier processes, whose alarms were told
        watch.take(event)
    watch.alarms()
    deciding = Deciding(scheduler, ledger, directory.checkpoints, rules)
    return Taking(deciding, directory, watch, set(known), autopilot)


def _ended(plan: Plan, path: Path, observer: Observer) -> SweepResult:
    """What has been written; of a retune, after what it has found, which says what is best."""
    if plan.spec.retune is not None:
        try:
            write_retuned(conclude(load(path), plan.spec.retune))
        except Exception as error:
            observer.notice(f"{RETUNE_FILE} was not written: {first_line(error)}")
    return load(path)


def _write_best(plan: Plan, directory: RunDirectory, observer: Observer) -> None:
    """The winner, ready to use. The sweep is sound without: what keeps it from being written is said."""
    if not directory.checkpoints.any:
        return
    try:
        failed = write_best(load(directory.path), plan.train, plan.data)
        if failed is not None:
            observer.notice(f"{BEST}/{ENSEMBLE}/ was not written: {first_line(failed)}")
    except Exception as error:
        observer.notice(f"{BEST}/ was not written: {first_line(error)}")


def new_ledger(plan: Plan, directory: RunDirectory) -> Ledger:
    """Where a sweep's trials are kept; it knows none yet."""
    spec = plan.spec
    return Ledger(directory, spec.metric, spec.mode, spec.epochs, spec.objective)


def new_retention(plan: Plan, directory: RunDirectory) -> Retention:
    """What says which of a sweep's checkpoints are kept."""
    spec = plan.spec
    candidates = ENSEMBLE_CANDIDATES if hasattr(plan.train, "members") else 0
    recent = 0 if plan.scheduler.babysat is None else RECENT_EPOCHS
    population, store = plan.scheduler.population, directory.checkpoints
    wanted = None if population is None else population.kept
    return Retention(store, spec.mode, spec.finalists.top, spec.objective, candidates, recent, wanted)


def check_before(plan: Plan, address: str | None, serial: bool, observer: Observer) -> None:
    """What can be said before anything is started. Raises `BadInput`."""
    if address is None:
        check_device(plan.train, plan.spec.device)  # a cluster elsewhere has devices of its own
    if plan.earlier:
        known = "; ".join(overlap(each, plan.space).words for each in plan.earlier)
        observer.notice(f"learns from {known}. learn_from: false begins from nothing")
    for hint in (*plan.hints, *worker_hints(plan.spec, address, serial)):
        observer.hint(hint)
    awaits = getattr(plan.train, "awaits", None)
    if awaits is not None and address is None and (what := awaits(plan.spec.device)):
        observer.notice(what)


def process_begun(plan: Plan, folder: Path | None) -> ProcessBegun:
    """Who works on the sweep from here on, and with what."""
    return ProcessBegun(
        time=time.time(),
        host=socket.gethostname(),
        pid=os.getpid(),
        versions=plan.versions,
        code=fingerprint_of_code(plan.train),
        data=fingerprint_of_data(plan.data),
        folder=str((folder or Path()).absolute()),
    )


@contextmanager
def closing_lease(path: Path) -> Iterator[Lease]:
    """The run directory for this process alone."""
    lease = Lease(path / LOG)
    try:
        yield lease
    finally:
        lease.release()


@contextmanager
def running_executor(
    plan: Plan, path: Path, address: str | None, serial: bool, observer: Guarded, prints: bool = False
) -> Iterator[tuple[Executor, StopFlag]]:
    """An executor for the plan, and the flag that signals set from here on."""
    observer.starting("in this process" if serial else f"on Ray at {address}" if address else "on Ray")
    with stop_on_signal() as stop, _executor(plan, path, address, serial, observer, prints) as executor:
        if stop:
            raise Interrupted("interrupted before the first trial; nothing was written")
        yield executor, stop


@contextmanager
def _executor(
    plan: Plan, path: Path, address: str | None, serial: bool, observer: Guarded, prints: bool
) -> Iterator[Executor]:
    if serial:
        with closing(SerialExecutor(plan.workload, echo=not prints)) as executor:
            yield executor
        return
    check_not_shadowed("cluster")
    from cluster import LOAD_SECONDS, RayExecutor, SweepMetrics, arriving, ray_session

    wanted, most = wanted_workers(plan.spec), most_workers(plan.spec)
    load_seconds = max(LOAD_SECONDS, plan.spec.limits.epoch or 0.0)
    told = {"sweep": plan.spec.name, "folder": str(path.absolute()), "metric": plan.spec.metric}
    on_its_way = arriving(plan.workload, address, wanted, plan.spec.limits.time, told)
    session = ray_session(address, wanted, plan.spec.resources, told)
    with (
        session if on_its_way is None else closing(on_its_way) as ray,
        closing(RayExecutor(plan.workload, ray, wanted, most, load_seconds)) as pool,
    ):
        observer.add(SweepMetrics(plan.spec.name, pool.states, lambda: pool.workers_lost))
        yield pool
