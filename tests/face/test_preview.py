"""`sweeps.plan`: what a sweep would be, before anything of it is started."""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.sweep.planning.probe import Measured
from tests.trainables import decay, parabola, raises

SPACE = {"rate": sweeps.LogUniform(1e-3, 1), "kind": sweeps.Choice(["a", "b"])}
SWEEP = {"space": SPACE, "trials": 20, "epochs": 9, "seed": 5}


def plan(train, **options):
    return sweeps.plan(train, **{"progress": False, "serial": True, **options})


@pytest.mark.parametrize("scheduler", ["coarse_to_fine", "random", "sobol", "asha"])
@pytest.mark.parametrize("deterministic", [False, True])
def test_the_first_configs_are_those_that_the_sweep_begins_with(serial, scheduler, deterministic):
    options = {**SWEEP, "scheduler": scheduler, "deterministic": deterministic}
    found = plan(decay, **options)
    first = {job.trial: job.config for job in found.foreseen.first}
    trials = serial(decay, **options).trials.set_index("trial")
    assert len(first) == 8
    for trial, config in first.items():
        assert config == {name: trials.loc[trial, f"config.{name}"] for name in config}


def test_configs_to_start_with_come_first():
    given = {"rate": 0.5, "kind": "b"}
    assert plan(decay, **SWEEP, start_with=[given]).foreseen.first[0].config == given


def test_nothing_is_written_and_the_sweep_can_be_run_then(in_folder):
    plan(decay, **SWEEP)
    plan(decay, **SWEEP, out="runs/mine")
    assert not list(in_folder.iterdir())


@pytest.mark.parametrize("scheduler", ["coarse_to_fine", "random", "asha"])
def test_the_epochs_are_about_those_of_the_sweep(serial, scheduler):
    options = {**SWEEP, "trials": 40, "epochs": 27, "scheduler": scheduler, "finalists": 2}
    found = plan(decay, **options).foreseen
    trials = serial(decay, **options).trials
    epochs = trials.groupby(trials.repeats.isna()).epochs.sum()
    assert found.seen == 1
    assert found.trials == 40
    assert found.final_epochs == epochs[False] == 2 * 3 * 27
    assert found.search_epochs == pytest.approx(epochs[True], rel=0.3)


def test_what_is_looked_at_in_part_is_extrapolated(monkeypatch):
    monkeypatch.setattr("sweeps.sweep.planning.preview._SCHEDULER_SECONDS", 0.0)
    found = plan(decay, **SWEEP, scheduler="random").foreseen
    assert found.seen == pytest.approx(8 / 20)
    assert (found.trials, found.search_epochs, found.final_epochs) == (20, 20 * 9, 81)
    assert plan(decay, **SWEEP).foreseen.search_epochs == pytest.approx(
        sweeps.CoarseToFine(sweeps.Space(SPACE), trials=20, epochs=9, mode="min", seed=5).planned_epochs,
        abs=1,
    )


def test_checkpoints_rows_and_data_are_counted():
    found = plan(decay, **SWEEP, data=np.zeros(10**6))
    assert found.measured.checkpoint == 8
    assert found.measured.metrics == ("val_loss", "weight")
    assert 8 * 10**6 < found.data_bytes < 9 * 10**6
    assert found.data == "ndarray of 1,000,000"
    assert 0 < found.checkpoints < 2 * 20 + 30
    assert plan(parabola, space={"x": sweeps.Uniform(0, 1)}, trials=4).checkpoints == 0


def test_an_epoch_that_takes_long_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("sweeps.sweep.planning.preview._TRAINING_SECONDS", 0.2)
    closed = []

    def train(config, run):
        try:
            while True:
                time.sleep(0.01)
        finally:
            closed.append(config)
        yield 0.0

    found = plan(train, **SWEEP)
    assert len(closed) == 1
    assert found.seconds is None
    assert found.measured.more_than > 0.15


def test_a_first_config_that_fails_is_said():
    found = plan(raises, space={"x": 1}, trials=2)
    assert found.seconds is None
    assert "no such luck" in found.measured.error


def test_limits_bound_the_estimates():
    found = plan(decay, **SWEEP, scheduler="random", limits={"time": 1e-9, "epochs": 30})
    assert found.seconds == 1e-9
    assert found.foreseen.search_epochs < 20 * 9


def test_a_scheduler_object_is_not_used_up(serial):
    space = sweeps.Space(SPACE)
    scheduler = sweeps.RandomSearch(space, trials=4, epochs=2)
    options = {"space": space, "trials": 4, "epochs": 2, "scheduler": scheduler}
    first = plan(decay, **options).foreseen.first
    result = serial(decay, **options)
    assert [job.config["rate"] for job in first] == result.trials["config.rate"].tolist()


@pytest.mark.parametrize(
    "options",
    [
        {"trials": 0},
        {"metricc": "x"},
        {"mode": "more"},
        {"space": {"rate": {"log": [1, 0]}}},
    ],
)
def test_bad_input_is_that_of_a_run(options, in_folder):
    errors = []
    for call in (sweeps.plan, sweeps.run):
        if "metricc" in options and call is sweeps.run:
            continue  # Python itself refuses it there
        with pytest.raises(BadInput) as caught:
            call(decay, **{**SWEEP, "progress": False, **options})
        errors.append(str(caught.value))
    assert len(set(errors)) == 1


def test_a_folder_that_holds_a_sweep_is_refused(serial):
    path = serial(decay, **SWEEP).path
    before = pd.Series({file: file.read_bytes() for file in path.rglob("*") if file.is_file()})
    with pytest.raises(BadInput, match="already holds a sweep"):
        plan(decay, **SWEEP, out=path)
    with pytest.raises(BadInput, match="cannot be made"):
        plan(decay, **SWEEP, out=path / "spec.yaml" / "below")
    assert before.equals(pd.Series({file: file.read_bytes() for file in before.index}))


def test_the_time_is_that_of_all_jobs_and_of_deciding():
    found = plan(parabola, space={"x": sweeps.Uniform(0, 1)}, trials=4)
    measured = Measured(pace=2.0, setup=0.5, _paces=[1.0, 3.0, 1.0, 3.0])
    foreseen = replace(found.foreseen, length=100.0, jobs=10, chosen=0.5, deciding=8.0)
    found = replace(found, measured=measured, foreseen=foreseen, workers=2, parallel=2)
    assert found.seconds == 100 * 2.0 + 10 / 2 * 0.5 + 8.0 / 2
    assert found.slow_seconds == 100 * (2.0 + 3.0) / 2 + 10 / 2 * 0.5 + 8.0 / 2
    assert replace(found, spare=True).seconds == found.seconds - 4.0
    assert replace(found, workers=4).slow_seconds == (4 * 250.0 + 10 * 0.5 + 8.0) / 2


def test_what_a_search_has_chosen_is_known():
    """None of a random search, half of a sweep whose finals train as long, most of one that narrows."""

    def chosen(**options):
        return plan(decay, **{**SWEEP, "finalists": False, **options}).foreseen.chosen

    assert chosen(scheduler="random") == 0
    assert chosen(scheduler="random", finalists={"top": 5, "seeds": 4}) == 0.5
    assert chosen(scheduler="asha") > 0.2
    assert chosen(trials=60) > 0.5


def test_epochs_are_measured_beyond_the_first_rung():
    """Jobs that begin with one epoch say nothing of how long later ones take."""
    found = plan(decay, **SWEEP, scheduler="asha")
    assert {job.stop for job in found.foreseen.first} == {1}
    assert found.measured.epochs == 9 * found.measured.configs
