"""`sweeps.stop`: stops a sweep, or one of its trials, that another process works on."""

from __future__ import annotations

from pathlib import Path

from sweeps.errors import BadInput, choices
from sweeps.results import load
from sweeps.store import LOG, SPEC_FILE, moment, no_sweep, read_holder, request_stop
from sweeps.trial import Status

_OVER = (Status.COMPLETED, Status.STOPPED, Status.INFEASIBLE, Status.FAILED, Status.MEASURED)


def stop(directory: str | Path, trial: int | None = None) -> None:
    """Ask the process that works on a sweep to stop it; it does so within about a second.

    The whole sweep ends as by one Ctrl-C: it can be resumed. A single trial ends at its next epoch and keeps
    what it has; its status is "stopped", and the search goes on without it.

    Args:
        directory: The sweep's folder.
        trial: The number of the trial that is to end; None for the sweep.

    Raises:
        BadInput: Nobody works on the sweep, or there is no such trial in it, or the trial is over.

    Example:
        While ``caviar run`` works on it in another terminal::

            sweeps.stop("runs/digits", trial=17)
            sweeps.stop("runs/digits")
    """
    path = Path(directory)
    if not (path / SPEC_FILE).exists():
        raise no_sweep(path)
    check_runs(path)
    if trial is not None:
        _check_trial(path, trial)
    request_stop(path, trial)


def check_runs(path: Path) -> None:
    """Raise `BadInput` where nobody works on the sweep."""
    holder = read_holder(path / LOG)
    if holder is not None and holder.alive:
        return
    last = ""
    if holder is not None and holder.seen:
        when = moment(holder.seen)
        last = f"; process {holder.pid} on {holder.host} did until {when}"
    fix = f"to go on with it: caviar resume {path}"
    raise BadInput("run directory", str(path), f"is a sweep that nobody works on{last}", fix)


def _check_trial(path: Path, trial: int) -> None:
    trials = load(path).trials
    status = dict(zip(trials["trial"].tolist(), trials["status"], strict=True))
    if trial not in status:
        fix = choices([number for number, each in status.items() if each not in _OVER])
        raise BadInput("trial", trial, "is no trial that has begun", fix)
    if status[trial] in _OVER:
        raise BadInput("trial", trial, f"is over: {status[trial]}", "its rows are in the tables")
