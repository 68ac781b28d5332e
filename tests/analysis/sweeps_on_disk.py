"""Sweeps written as their tables are, without training anything: what the analysis is asked about."""

import numpy as np

from sweeps.results import load
from sweeps.space import Space
from sweeps.spec import as_spec, spec_text
from sweeps.store import RunDirectory, TrialRow
from sweeps.store.tables.jobs import JobRow
from sweeps.trial import Region, Round, Status
from tests.store import counted

SPACE = {"rate": {"log": [1e-4, 1]}, "units": {"int": [8, 64]}}


def write(
    path,
    curves,
    configs=None,
    *,
    space=SPACE,
    status=None,
    finals=(),
    train=None,
    rounds=(),
    jobs=True,
    **spec,
):
    """A sweep whose trial i has the curve curves[i], a list with one value of the metric per epoch.

    configs: drawn at random by default. status: of each trial; by default completed where its curve is as
    long as the sweep's epochs, else stopped. finals: (trial, objectives of its repeats). train: curves of
    train_loss.
    """
    epochs = spec.pop("epochs", max([1, *map(len, curves)]))
    form = as_spec(
        {
            "name": "test",
            "metric": "val_loss",
            "trials": max(len(curves), 1),
            "epochs": epochs,
            "space": space,
            "finalists": {"top": len(finals), "seeds": len(finals[0][1])} if finals else False,
            **spec,
        }
    )
    parsed, best = Space(space), min if form.mode == "min" else max
    rng = np.random.default_rng(1)
    configs = configs or [parsed.config(rng.random(len(parsed.searched))) for _ in curves]
    names = [form.metric, *(["train_loss"] if train else [])]
    directory = RunDirectory(path, spec_text(form), parsed, names)
    clock = 1e9
    for trial, (curve, config) in enumerate(zip(curves, configs, strict=True)):
        state = status[trial] if status else Status.COMPLETED if len(curve) == epochs else Status.STOPPED
        lost = state in (Status.INFEASIBLE, Status.FAILED) or not curve
        value = None if lost else best(curve)
        epoch = None if lost else curve.index(value) + 1
        row = TrialRow(trial, 0, config, objective=value, best_epoch=epoch, epochs=len(curve), status=state)
        directory.trials.put(row)
        rows = [
            {form.metric: v, **({"train_loss": train[trial][i]} if train else {})}
            for i, v in enumerate(curve)
        ]
        directory.metrics.append(trial, 1, *counted(rows))
        if jobs and curve:
            clock += 10
            ended = (clock - 10, clock - 9, clock, 9.0)
            directory.jobs.append(
                JobRow(trial, 0, len(curve), *ended, "worker-0", "infeasible" if lost else "done")
            )
    number = len(curves)
    for trial, objectives in finals:
        for seed, objective in enumerate(objectives):
            row = TrialRow(
                number, 0, configs[trial], seed + 1, trial, Status.COMPLETED, objective, epochs, epochs
            )
            directory.trials.put(row)
            directory.metrics.append(number, 1, *counted([{form.metric: objective}] * epochs))
            number += 1
    whole = tuple(Region(name, None, None, 0, "the whole range") for name in parsed.searched)
    directory.commit([Round(0, whole), *rounds] if curves else [])
    return load(directory.path)


def of_function(path, function, n=200, space=SPACE, seed=0, **options):
    """A sweep of one epoch of n random trials, whose objective is a function of points in the unit cube."""
    parsed = Space(space)
    points = np.random.default_rng(seed).random((n, len(parsed.searched)))
    configs = [parsed.config(point) for point in points]
    return write(path, [[float(function(point))] for point in points], configs, space=space, **options)
