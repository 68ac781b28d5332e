"""A sweep's folder with all that an export must cope with, and what it is to be found as."""

import math

import pytest

from sweeps.results import load
from sweeps.space import Space
from sweeps.spec import as_spec, spec_text
from sweeps.store import RunDirectory, TrialRow
from sweeps.store.tables.jobs import JobRow
from sweeps.trial import Region, Round, Status
from tests.store import counted

BEGAN = 1_700_000_000.25  # of trial 0, in seconds since 1970; trial n begins 100 n later and takes 8
ODD = 'odd, "name"\n/x'  # of a metric
TEXT = 'a, "b"\r\nc'
SPACE = {
    "rate": {"log": [1e-4, 1]},
    "share": {"uniform": [0, 0.5], "step": 0.1},
    "beta": {"reverse_log": [0.9, 0.999]},
    "units": {"log_int": [4, 64], "step": 4},
    "kind": {"choice": ["a", "b"]},
    "depth": {"int": [1, 9], "step": 2, "when": {"kind": "a"}},
    "mix": {"choice": [1, 1.0, True, None, TEXT, [1, 2], math.inf]},
    "opt": {"choice": ["adam", 1, None]},
    "flag": {"choice": [True, False]},
    "width": {"choice": [16, 32], "ordered": True},
    "fixed": 7,
}
STATUSES = [
    Status.COMPLETED,
    Status.STOPPED,
    Status.PAUSED,
    Status.INFEASIBLE,
    Status.FAILED,
    Status.MEASURED,
    Status.RUNNING,
    Status.COMPLETED,  # repeats trial 0
]
MIXED = [1, 1.0, True, None, TEXT, [1, 2], math.inf, 1]
REPEAT = len(STATUSES) - 1
LOSSES = {  # by trial, of each epoch; None where it was not reported
    0: [3.5, None, 0.1 + 0.2],
    1: [2.5, 2.25],
    2: [1.5],
    3: [5.0, math.nan],
    4: [4.0, math.inf],
    5: [],
    6: [9.0],
    7: [3.25, 1e-300, 0.75],
}
OBJECTIVES = [0.1 + 0.2, 2.25, 1.5, None, None, 0.125, 9.0, 1e-300]
ENDED = [trial for trial in LOSSES if STATUSES[trial] not in (Status.MEASURED, Status.RUNNING)]


def config_of(trial):
    kind = "ab"[trial % 2]
    numbers = {
        "rate": 10.0 ** -(trial % 5),
        "share": [0.0, 0.1, 0.3, 0.5][trial % 4],
        "beta": 0.9 + trial / 100,
    }
    options = {"mix": MIXED[trial], "opt": ["adam", 1, None][trial % 3], "flag": trial % 3 == 0}
    depth = {"depth": 1 + trial % 5 // 2 * 2} if kind == "a" else {}
    more = {"units": 4 + 4 * trial, "kind": kind, **depth, "width": 16 * (1 + trial % 2), "fixed": 7}
    return numbers | options | more


def began(trial):
    return BEGAN + 100 * trial


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Of a sweep that runs, or whose process is gone."""
    space = Space(SPACE)
    form = as_spec({"name": "sweep", "metric": "loss", "trials": 9, "space": SPACE, "epochs": 3})
    directory = RunDirectory(
        tmp_path_factory.mktemp("it's 100% a #? place") / "run", spec_text(form), space, ["loss"]
    )
    for trial, losses in LOSSES.items():
        put(directory, trial, losses)
    directory.commit([Round(0, (Region("rate", 1e-4, 1.0, 0, TEXT),))])
    return directory.path


def put(directory, trial, losses):
    objective, status = OBJECTIVES[trial], STATUSES[trial]
    row = TrialRow(
        trial, 0, config_of(trial), seed=trial, status=status, objective=objective, epochs=len(losses)
    )
    if objective is not None and losses:
        row.best_epoch = losses.index(objective) + 1
    if trial == REPEAT:
        row.repeats = 0
    if status is Status.FAILED:
        row.error = f"Traceback:\nValueError: {TEXT}"
    directory.trials.put(row)
    rows = [{"loss": loss, ODD: epoch} for epoch, loss in enumerate(losses, start=1)]
    directory.metrics.append(
        trial, 1, *counted([{k: v for k, v in row.items() if v is not None} for row in rows])
    )
    if trial in ENDED:
        start = began(trial)
        directory.jobs.append(
            JobRow(trial, 0, len(losses), start - 1, start, start + 8, 1.0, "serial", "done")
        )


@pytest.fixture
def result(folder):
    return load(folder)
