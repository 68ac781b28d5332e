"""A sweep that is resumed with changes: what there is counts, and the change is on record."""

import json
import shutil
from contextlib import suppress

import pytest

import sweeps
from sweeps.events import JobReported, ProcessBegun, SearchBegun
from sweeps.store.log import LogReader
from tests import trainables
from tests.store.disks import Died, DiskOfADyingProcess
from tests.sweep.test_resume import SWEEP, decay, resume


@pytest.fixture
def done(tmp_path):
    """A sweep that has ended."""
    return sweeps.run(decay, **SWEEP, out=tmp_path / "run", serial=True, progress=False).path


def searched(result):
    return result.trials[result.trials.repeats.isna()]


def trained_before(path):
    return {
        (event.trial, event.epochs - i)
        for event in LogReader(path / "log")
        if isinstance(event, JobReported)
        for i in range(event.count)
    }


def assert_sound(result):
    """Each trial once, each epoch once, no config tried twice, and the tables agree."""
    trials, metrics = result.trials, result.metrics
    assert trials.trial.tolist() == list(range(len(trials)))
    assert searched(result).config.is_unique
    assert not metrics.duplicated(["trial", "epoch"]).any()
    counted = metrics.groupby("trial").epoch.max()
    assert (trials.set_index("trial").epochs.loc[counted.index] == counted).all()
    assert not set(trials.status) & {"running", "interrupted"}


def test_more_trials(done):
    before, epochs = sweeps.load(done).trials.set_index("trial"), trained_before(done)
    result = resume(done, trials=20)
    assert_sound(result)
    assert len(searched(result)) == 20
    after = result.trials.set_index("trial")
    assert (after.config.loc[before.index] == before.config).all()
    assert epochs <= set(zip(result.metrics.trial, result.metrics.epoch, strict=True))
    assert result.spec["trials"] == 20
    assert "trials: 12" in (done / "history" / "spec-001.yaml").read_text()
    events = list(LogReader(done / "log").every(SearchBegun))
    assert [event.why for event in events] == ["start", "changed: trials"]


def test_more_epochs(done):
    result = resume(done, epochs=8)
    assert_sound(result)
    assert len(searched(result)) == 12
    assert result.trials.epochs.max() == 8
    assert searched(result).epochs.max() == 8
    best = result.trials.set_index("trial").loc[result.best.trial]
    assert best.status == "completed"


@pytest.mark.parametrize(
    "space",
    [
        {"rate": {"log": [1e-5, 10]}, "kind": {"choice": [1, 1.0, None, "a"]}},
        {"rate": {"log": [0.01, 0.5]}, "kind": {"choice": ["a", "b"]}},
        {"rate": {"uniform": [0, 1]}, "kind": "a"},
        {"rate": {"log": [1e-3, 1]}, "kind": {"choice": [1, 1.0, None, "a"]}, "new": {"int": [1, 3]}},
    ],
    ids=["wider", "narrower", "fixed", "one more"],
)
def test_another_space(done, space):
    result = resume(done, trials=24, space=space)
    assert_sound(result)
    new = result.trials[result.trials.trial > 15]
    searched_space = sweeps.Space(space)
    for config in new[new.repeats.isna()].config.map(json.loads):
        assert set(config) == set(space)
        assert all(value in searched_space.distributions[name] for name, value in config.items())
    assert str(result.trials.dtypes["config.rate"]) == "float64"


@pytest.mark.parametrize("scheduler", ["random", "sobol", "asha", "optuna:tpe", "coarse_to_fine"])
def test_another_scheduler(done, scheduler):
    result = resume(done, trials=18, scheduler=scheduler, seed=4)
    assert_sound(result)
    assert len(searched(result)) == 18


def test_another_metric_that_was_reported_all_along(done):
    result = resume(done, metric="weight", mode="max")
    assert_sound(result)
    for trial in result.trials[result.trials.status != "infeasible"].itertuples():
        rows = result.metrics[result.metrics.trial == trial.trial]
        assert trial.status == "failed" or trial.objective == rows.weight.max()


def test_failed_trials_are_trained_again(done):
    failed = sweeps.load(done).trials.query("status == 'failed'")
    assert len(failed)

    def mended(config, run):
        for epoch in range(run.start, run.epochs):
            yield {"val_loss": config["rate"] + 1 / (epoch + 1)}

    with pytest.raises(sweeps.BadInput, match="has changed"):
        resume(done, retry="failed", train=mended)
    result = resume(done, retry="failed", train=mended, changed_code=True)
    assert_sound(result)
    assert not set(result.trials.status) & {"failed"}
    assert result.trials.set_index("trial").error.loc[failed.trial].isna().all()


def test_a_change_survives_death(tmp_path):
    whole = sweeps.run(decay, **SWEEP, out=tmp_path / "whole", serial=True, progress=False)
    whole = resume(whole.path, trials=20)
    path = sweeps.run(decay, **SWEEP, out=tmp_path / "run", serial=True, progress=False).path
    with pytest.MonkeyPatch.context() as patch, suppress(Died):
        DiskOfADyingProcess(patch, 45)
        resume(path, trials=20)
    result = resume(path)
    assert_sound(result)
    assert result.spec["trials"] == 20
    columns = ["trial", "config", "status", "objective", "epochs"]
    assert result.trials[columns].equals(whole.trials[columns])


def test_a_search_that_comes_out_otherwise_goes_on_from_all_results(tmp_path, monkeypatch, capsys):
    """As with another version of a library, whose rounding differs."""
    interrupted = trainables.interrupted_at(decay, 15)
    with pytest.raises(KeyboardInterrupt):
        sweeps.run(interrupted, **SWEEP, out=tmp_path / "run", serial=True, progress=False)
    monkeypatch.setattr("sweeps.sweep.replay._same_jobs", lambda now, then: then[0].trial != 5)
    result = resume(tmp_path / "run", progress=True, changed_code=True)
    assert "does not come out as before" in capsys.readouterr().err
    assert_sound(result)
    assert len(searched(result)) == 12


def test_what_cannot_be_resumed_is_said_and_nothing_is_harmed(done, tmp_path):
    before = {file: file.read_bytes() for file in done.rglob("*") if file.is_file()}
    wrong = {
        "trials": {"trials": 0},
        "no_such_key": {"no_such_key": 1},
        "retry": {"retry": "bad luck"},
        "scheduler": {"scheduler": "magic"},
        "metric": {"metric": "trial"},
    }
    for place, changes in wrong.items():
        with pytest.raises(sweeps.BadInput) as caught:
            resume(done, **changes)
        assert caught.value.place == place
    with pytest.raises(sweeps.BadInput, match="holds no sweep"):
        resume(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    after = {file: file.read_bytes() for file in done.rglob("*") if file.is_file()}
    after.pop(done / "log" / "lease.json"), before.pop(done / "log" / "lease.json")
    assert after == before


def test_a_sweep_of_an_earlier_version_says_that_it_has_no_log(done):
    shutil.rmtree(done / "log")
    with pytest.raises(sweeps.BadInput, match="has no log"):
        resume(done)
    assert len(sweeps.load(done).trials) > 12


def test_configs_to_begin_with_come_too_late_and_nothing_is_harmed(done):
    before = {path: path.read_bytes() for path in done.rglob("*") if path.is_file()}
    with pytest.raises(sweeps.BadInput, match="comes too late") as caught:
        resume(done, start_with=[{"rate": 0.5}], trials=20)
    assert (caught.value.place, caught.value.value) == ("start_with", [{"rate": 0.5}])
    assert "start a new sweep" in caught.value.fix
    assert {path: path.read_bytes() for path in done.rglob("*") if path.is_file()} == before


def test_configs_that_a_sweep_began_with_may_be_said_again(tmp_path):
    given = {"start_with": [{"rate": 0.5, "kind": "a"}]}
    path = sweeps.run(decay, **SWEEP, **given, out=tmp_path / "run", serial=True, progress=False).path
    assert len(searched(resume(path, **given, trials=14))) == 14


def test_a_trainable_whose_results_depend_on_another_version_says_so_once(tmp_path, capsys):
    def train(config, run):
        yield from decay(config, run)

    told = "draws: version 2, and 1 when the sweep was last worked on"
    train.versions = {"draws": "1"}
    done = sweeps.run(train, **SWEEP, out=tmp_path / "run", serial=True, progress=False)
    assert done.spec["versions"].items() >= {"draws": "1"}.items()
    resume(done.path, train=train, progress=True)
    assert told not in capsys.readouterr().err
    train.versions = {"draws": 2, "weights": "1"}
    again = resume(done.path, train=train, progress=True, trials=14)
    assert told in capsys.readouterr().err.replace("\n", " ")
    assert again.spec["versions"].items() >= {"draws": "2", "weights": "1"}.items()
    processes = [event.versions["draws"] for event in LogReader(done.path / "log").every(ProcessBegun)]
    assert processes == ["1", "1", "2"]
    resume(done.path, train=train, progress=True)
    assert told not in capsys.readouterr().err
