"""`sweeps.reproduce`: trains one trial of a sweep again, and compares."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from sweeps.errors import BadInput
from sweeps.execution import SerialExecutor, Trainable, Workload
from sweeps.face.past import check_same, plan_of_past, read_past
from sweeps.results.reproduction import Reproduction, Training
from sweeps.spec import overridden
from sweeps.store import SPEC_FILE
from sweeps.sweep.planning.checks import check_device
from sweeps.sweep.recorded import Recorded, recorded
from sweeps.sweep.replay import in_own_values
from sweeps.trial import Job, Outcome

_POLL_SECONDS = 0.2
_AGAIN = "sweeps.reproduce(directory, trial, data=…)"

Watch: TypeAlias = Callable[[int, int, int], None]
"""Called with the trial, its epochs so far, and how many there were then."""


def reproduce(
    directory: str | Path,
    trial: int,
    *,
    train: Trainable | None = None,
    data: Any = None,
    changed_code: bool = False,
    progress: bool = True,
) -> Reproduction:
    """Train one trial of a sweep again, in this process, and compare all its metrics with those recorded.

    It begins at epoch 0 and is trained in one go, with the config and the seed that it had. The sweep may be
    running; its folder is only read. A trial that went on from checkpoints comes out the same where the
    trainable restores all that it saves, and does not look at `run.epochs`.

    Args:
        directory: The sweep's folder.
        trial: The trial's number; a repeat of a finalist has one, too.
        train: The trainable, where it cannot be imported: a lambda, or a function of a script.
        data: The data, where the sweep was given some in memory; in any form that `run` takes.
        changed_code: Whether a trainable or data that differ from those of the trial are right all the same.
        progress: Show progress on the error stream.

    Returns:
        Both trainings, and whether they are equal.

    Raises:
        BadInput: There is no such sweep or trial, the trial has no epochs, or code or data have changed and
            nobody has said that this is right.

    Example:
        After ``sweeps.run(train, space=space, out="runs/mine")``::

            found = sweeps.reproduce("runs/mine", trial=17)
            print(found.verdict, found.difference)
    """
    if isinstance(trial, bool) or not isinstance(trial, int) or trial < 0:
        raise BadInput("trial", trial, "is no trial's number", "give a whole number from 0 on")
    past = read_past(Path(directory).absolute())
    then = recorded(past.reader, trial)
    plan = plan_of_past(overridden(past.search.spec, SPEC_FILE), past.process, train, data, _AGAIN)
    check_same(plan, then.processes, changed_code)
    check_device(plan.train, plan.spec.device)
    job = replace(then.job, config=in_own_values(then.job.config, plan.space), start=0, stop=then.stop)
    now = _trained(plan.workload, job, then, epoch_watch() if progress else lambda *_: None)
    return Reproduction(
        trial=trial,
        config=job.config,
        seed=job.seed,
        repeats=job.repeats,
        then=Training(then.rows, then.outcome, then.error),
        now=now,
        restarts=tuple(then.restarts),
    )


def _trained(workload: Workload, job: Job, then: Recorded, watch: Watch) -> Training:
    """The trial up to its last epoch then, or to its own end."""
    known = len(then.rows)
    with closing(SerialExecutor(workload)) as executor:
        executor.submit(job)
        while True:
            (report,) = executor.poll(_POLL_SECONDS)
            watch(job.trial, report.epochs, known)
            is_over = report.outcome is not Outcome.RUNNING
            if is_over or (then.stop == known and report.epochs >= known):
                break
    rows = report.rows if then.stop > known else report.rows[:known]
    return Training(rows, report.outcome, report.error)


def epoch_watch() -> Watch:
    """Who shows how far a training is."""
    from sweeps.screen.reproduction import EpochWatcher

    return EpochWatcher()
