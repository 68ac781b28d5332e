"""A sweep as a study of Optuna's: opened by Optuna, it has what the tables have."""

import math
from datetime import datetime

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

import sweeps
from sweeps.export import histories
from sweeps.space import Space
from sweeps.spec import as_spec, spec_text
from sweeps.store import RunDirectory, TrialRow
from sweeps.trial import Status
from tests import trainables
from tests.export.conftest import LOSSES, OBJECTIVES, REPEAT, STATUSES, TEXT, began, config_of
from tests.results.test_fixture import WRITTEN

STATES = ["COMPLETE", "PRUNED", "PRUNED", "FAIL", "FAIL", "COMPLETE", "RUNNING", "COMPLETE"]
MIXED = ["1", "1.0", "true", "null", TEXT, "[1, 2]", "Infinity", "1"]


def opened(path, name):
    return optuna.load_study(study_name=name, storage=f"sqlite:///{path}")


@pytest.fixture
def study(result, tmp_path):
    return opened(result.export("optuna", tmp_path / "study.db"), "sweep")


def test_each_trial_has_its_config_state_and_value(study):
    assert [trial.number for trial in study.trials] == list(LOSSES)
    assert [trial.state for trial in study.trials] == [TrialState[name] for name in STATES]
    for trial in study.trials:
        known = config_of(trial.number)
        expected = {**known, "mix": MIXED[trial.number]}
        del expected["fixed"]
        assert trial.params == expected
        assert {n: type(v) for n, v in trial.params.items()} == {n: type(v) for n, v in expected.items()}
        silent = trial.state in (TrialState.FAIL, TrialState.RUNNING)
        assert trial.value == (None if silent else OBJECTIVES[trial.number])


def test_intermediate_values_are_the_metric_by_epoch(study):
    for trial in study.trials:
        losses = enumerate(LOSSES[trial.number], start=1)
        expected = {epoch: loss for epoch, loss in losses if loss is not None}
        assert str(trial.intermediate_values) == str(expected)  # in which NaN is like NaN


def test_attributes_tell_status_seed_epochs_and_repeats(study):
    for trial, status in zip(study.trials, STATUSES, strict=True):
        known = trial.user_attrs
        assert (known["status"], known["seed"], known["epochs"]) == (
            status, trial.number, len(LOSSES[trial.number]),
        )  # fmt: skip
        assert known.get("repeats") == (0 if trial.number == REPEAT else None)
    assert study.user_attrs == {"metric": "loss", "mode": "min", "fixed": {"fixed": 7}, "best": 5}
    assert study.metric_names == ["loss"]


def test_times_are_those_of_the_jobs(study):
    first, running = study.trials[0], study.trials[6]
    assert first.datetime_start == datetime.fromtimestamp(began(0))
    assert first.duration.total_seconds() == 8
    assert running.datetime_complete is None


def test_distributions_are_those_of_the_space(study):
    assert study.trials[0].distributions == {
        "rate": FloatDistribution(1e-4, 1, log=True),
        "share": FloatDistribution(0, 0.5, step=0.1),
        "beta": FloatDistribution(0.9, 0.999),
        "units": IntDistribution(4, 64, log=True),  # Optuna has no step in a log scale
        "kind": CategoricalDistribution(["a", "b"]),
        "depth": IntDistribution(1, 9, step=2),
        "mix": CategoricalDistribution(list(dict.fromkeys(MIXED))),
        "opt": CategoricalDistribution(["adam", 1, None]),
        "flag": CategoricalDistribution([True, False]),
        "width": CategoricalDistribution([16, 32]),
    }
    assert "depth" not in study.trials[1].distributions


@pytest.mark.parametrize("mode", ["min", "max"])
def test_the_best_trial_of_a_real_sweep(tmp_path, mode):
    space = {"rate": {"uniform": [0.05, 0.9]}, "kind": {"choice": ["a", "b"]}}
    found = sweeps.run(
        trainables.decay, space=space, metric="val_loss", mode=mode, trials=12, epochs=4, scheduler="random",
        finalists={"top": 1, "seeds": 2}, out=tmp_path / "run", serial=True, progress=False,
    )  # fmt: skip
    study = opened(found.export("optuna", tmp_path / "study.db"), found.spec["name"])
    assert study.direction.name == ("MINIMIZE" if mode == "min" else "MAXIMIZE")
    assert study.best_trial.value == found.best_of_search.objective
    assert study.user_attrs["best"] == found.best.trial
    repeats = [trial for trial in study.trials if "repeats" in trial.user_attrs]
    assert {trial.user_attrs["repeats"] for trial in repeats} == {found.best.trial}
    assert len(repeats) == 2
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    importances = optuna.importance.get_param_importances(study, evaluator=evaluator)
    assert importances["rate"] > importances["kind"]
    study.optimize(lambda trial: trial.suggest_float("rate", 0.05, 0.9), n_trials=1)  # it goes on there


def test_values_outside_of_the_space_widen_it(tmp_path):
    """A sweep may have been resumed with another space."""
    before = Space(
        {
            "rate": {"log": [1e-4, 1]},
            "units": {"int": [1, 8]},
            "kind": {"choice": ["a"]},
            "gone": {"int": [1, 3]},
        }
    )
    after = {"rate": {"log": [1e-2, 1]}, "units": {"int": [4, 16], "step": 4}, "kind": {"choice": ["b", 2]}}
    form = as_spec({"name": "sweep", "metric": "loss", "trials": 9, "space": after})
    directory = RunDirectory(tmp_path / "run", spec_text(form), Space(after), ["loss"], earlier=[before])
    configs = [{"rate": 1e-4, "units": 1, "kind": "a", "gone": 2}, {"rate": 1.0, "units": 16, "kind": 2}]
    for trial, config in enumerate(configs):
        directory.trials.put(TrialRow(trial, 0, config, status=Status.MEASURED, objective=1.0))
    directory.commit([])
    study = opened(sweeps.load(tmp_path / "run").export("optuna", tmp_path / "study.db"), "sweep")
    assert [trial.params for trial in study.trials] == configs
    assert study.trials[0].distributions == {
        "rate": FloatDistribution(1e-4, 1, log=True),
        "units": IntDistribution(1, 16),
        "kind": CategoricalDistribution(["b", 2, "a"]),
        "gone": CategoricalDistribution([2]),
    }


def test_a_folder_of_an_earlier_version(tmp_path):
    known = sweeps.load(WRITTEN)
    study = opened(known.export("optuna", tmp_path / "study.db"), known.spec["name"])
    values = [trial.value for trial in study.trials]
    assert values == known.trials["objective"].tolist()
    assert not any(map(math.isnan, values))


def test_batches_change_nothing(result, study, tmp_path, monkeypatch):
    monkeypatch.setattr(histories, "_ROWS", 2)
    again = opened(result.export("optuna", tmp_path / "again.db"), "sweep")
    assert [(t.params, str(t.intermediate_values)) for t in again.trials] == [
        (t.params, str(t.intermediate_values)) for t in study.trials
    ]
