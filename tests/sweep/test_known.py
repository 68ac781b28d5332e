"""Configs whose values were measured elsewhere: not trained again, and known to the search."""

import io
import json
import math

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.events import JobsAsked
from sweeps.results import summarize
from sweeps.screen.console import Screen
from sweeps.screen.summary import print_summary
from sweeps.store import LOG, LogReader

SPACE = {"rate": {"log": [1e-3, 1]}, "kind": {"choice": ["a", "b"]}}
GOOD, POOR = {"rate": 0.01, "kind": "a"}, {"rate": 0.9, "kind": "b"}
KNOWN = [
    {"rate": 0.5, "kind": "a"},
    {"config": GOOD, "value": 0.02},
    {"config": POOR, "value": 5, "epochs": 3},
]
SWEEP = {"space": SPACE, "trials": 8, "epochs": 9}
FINALS = {"top": 2, "seeds": 2}
EVERY = pytest.mark.parametrize("scheduler", ["coarse_to_fine", "asha", "random", "sobol", "optuna:tpe"])


def train(config, run):
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": abs(math.log10(config["rate"] / 0.01)) + 1 / (epoch + 1) + 0.01 * (run.seed % 7)}


def resume(path, **options):
    return sweeps.resume(path, **{"train": train, "serial": True, "progress": False, **options})


def asked(result):
    return {job.trial for event in LogReader(result.path / LOG).every(JobsAsked) for job in event.jobs}


def searched(result):
    return result.trials[result.trials.repeats.isna()]


@EVERY
def test_they_are_not_trained_and_none_of_the_trials(serial, scheduler):
    result = serial(train, **SWEEP, start_with=KNOWN, scheduler=scheduler)
    trials = result.trials
    assert len(trials) == 2 + SWEEP["trials"]
    assert trials.config.is_unique
    assert [json.loads(config) for config in trials.config[:3]] == [GOOD, POOR, KNOWN[0]]
    assert trials.status[:2].tolist() == ["measured", "measured"]
    assert trials.objective[:2].tolist() == [0.02, 5]
    assert trials.epochs[:2].tolist() == [9, 3]
    assert asked(result) == set(range(2, 10))
    assert set(result.metrics.trial) == asked(result)
    assert result.best.trial == 0
    assert (result.best.config, result.best.objective, result.best.epoch) == (GOOD, 0.02, None)
    assert result.checkpoint() is None


@EVERY
def test_one_may_be_a_finalist_and_is_then_trained_as_all_are(serial, scheduler):
    result = serial(train, **SWEEP, start_with=KNOWN, scheduler=scheduler, finalists=FINALS)
    repeats = result.trials[(result.trials.repeats == 0).fillna(False)]
    assert repeats.status.tolist() == ["completed"] * 2
    assert repeats.config.map(json.loads).tolist() == [GOOD] * 2
    assert repeats.epochs.tolist() == [9] * 2
    finalist = result.finalists.set_index("trial").loc[0]
    assert finalist.objective == 0.02
    assert finalist["mean"] == repeats.objective.mean()
    assert 1 not in result.finalists.trial.tolist()


def test_the_search_learns_from_them(serial, tmp_path):
    """By made-up values the best rates lie at 0.3 to 1, where the trials themselves are poor."""
    configs = [
        {"rate": 10**-e, "kind": kind} for e in (0.0, 0.2, 0.3, 0.5, 1, 1.5, 2, 2.5, 3) for kind in "ab"
    ]
    told = [{"config": each, "value": -math.log10(each["rate"])} for each in configs]
    options = {**SWEEP, "trials": 6, "epochs": 1}
    with_them = serial(train, **options, start_with=told)
    without = serial(train, **options, out=tmp_path / "without")
    assert (with_them.trials["config.rate"][len(told) :] > 0.3).sum() >= 4
    assert (without.trials["config.rate"] > 0.3).sum() <= 2


def test_the_smallest_space_is_not_tried_twice(serial):
    space = {"kind": {"choice": ["a", "b", "c"]}, "rate": 0.1}
    result = serial(
        train, space=space, trials=9, epochs=2, start_with=[{"config": {"kind": "b"}, "value": 1.0}]
    )
    kinds = [json.loads(config)["kind"] for config in result.trials.config]
    assert sorted(kinds) == ["a", "b", "c"]
    assert summarize(result).exhausted


def test_what_is_counted_and_compared_is_what_was_trained_here(serial, capsys):
    limits = {"at": 0.05}  # as the measured value is, and no trial ever
    result = serial(
        train, **SWEEP, start_with=[{"config": GOOD, "value": 0.02}], limits=limits, progress=True
    )
    assert result.ended_by is None
    assert "8/8 trials begun" in capsys.readouterr().err
    summary = summarize(result)
    assert summary.begun == summary.trials == 8
    assert summary.epochs.search == len(result.metrics)
    assert summary.epochs.finalists == 0
    assert summary.to_json()["best"]["epoch"] is None
    page = io.StringIO()
    print_summary(summary, every_round=False, screen=Screen(file=page))
    assert "8 of 8 trials" in page.getvalue()
    assert "1 measured elsewhere" in page.getvalue()
    assert "best of the search: trial 0, val_loss 0.02, measured elsewhere" in page.getvalue()


def test_a_sweep_whose_every_trial_fails_fails_all_the_same(serial):
    def fails(config, run):
        raise ValueError("never")
        yield

    with pytest.raises(sweeps.AllTrialsFailed):
        serial(fails, **SWEEP, start_with=KNOWN[1:])


def test_a_sweep_whose_metric_is_misnamed_is_refused_all_the_same(serial, tmp_path):
    with pytest.raises(sweeps.BadInput, match="is not among the metrics"):
        serial(train, **SWEEP, start_with=KNOWN[1:], metric="val_los", scheduler="random")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("scheduler", ["coarse_to_fine", "random"])
def test_they_survive_an_interruption(tmp_path, scheduler):
    def interrupted(config, run):
        yield from train(config, run)
        raise KeyboardInterrupt

    options = {**SWEEP, "start_with": KNOWN, "scheduler": scheduler, "finalists": FINALS, "progress": False}
    whole = sweeps.run(train, **options, serial=True, out=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        sweeps.run(interrupted, **options, serial=True, out=tmp_path / "run")
    assert sweeps.load(tmp_path / "run").trials.status[:2].tolist() == ["measured", "measured"]
    result = resume(tmp_path / "run", changed_code=True)
    columns = ["trial", "config", "status", "objective", "epochs", "repeats", "seed"]
    assert result.trials[columns].equals(whole.trials[columns])


@EVERY
def test_they_survive_changes(serial, scheduler):
    result = serial(train, **SWEEP, start_with=KNOWN, scheduler=scheduler)
    more = resume(result.path, trials=12)
    assert len(more.trials) == 2 + 12
    assert more.trials.config.is_unique
    assert more.trials.iloc[:2].config.tolist() == result.trials.iloc[:2].config.tolist()
    longer = resume(result.path, epochs=18, finalists=FINALS)
    assert longer.trials.status[:2].tolist() == ["measured", "measured"]
    assert longer.trials.objective[:2].tolist() == [0.02, 5]
    assert not asked(longer) & {0, 1}
    assert 0 in longer.finalists.trial.tolist()


def test_their_values_are_of_the_metric_that_they_were_given_for(serial):
    def two(config, run):
        for row in train(config, run):
            yield {**row, "other": -row["val_loss"]}

    result = serial(two, **SWEEP, start_with=KNOWN)
    other = resume(result.path, train=two, metric="other", mode="max", trials=9)
    assert other.trials.objective[:2].isna().all()
    assert other.best.trial not in (0, 1)
    again = resume(result.path, train=two, metric="val_loss", mode="min")
    assert again.trials.objective[:2].tolist() == [0.02, 5]
    assert again.best.trial == 0


def test_failed_trials_are_trained_again_beside_them(serial):
    def fails(config, run):
        if config["kind"] == "b":
            raise ValueError("no b")
        yield from train(config, run)

    result = serial(fails, **SWEEP, start_with=KNOWN)
    assert "failed" in set(result.trials.status)
    mended = resume(result.path, retry="failed", changed_code=True)
    assert mended.trials.status[:2].tolist() == ["measured", "measured"]
    assert "failed" not in set(mended.trials.status)


def test_there_is_nothing_to_reproduce_or_to_stop(serial):
    result = serial(train, **SWEEP, start_with=KNOWN)
    with pytest.raises(sweeps.BadInput, match="was measured elsewhere"):
        sweeps.reproduce(result.path, 0, train=train, progress=False)
    assert sweeps.reproduce(result.path, 2, train=train, progress=False).verdict == "equal"


def test_a_plan_has_them(serial):
    found = sweeps.plan(train, **SWEEP, start_with=KNOWN, progress=False)
    assert found.foreseen.first[0].config == KNOWN[0]
    assert found.foreseen.trials == 8


def test_a_csv_with_values(serial, tmp_path):
    table = pd.DataFrame(
        {"rate": [0.02, 0.3, 0.4], "config.kind": "a", "val_loss": [0.4, 0.9, None], "epochs": [9, 3, None]}
    )
    table.to_csv(tmp_path / "known.csv", index=False)
    result = serial(train, **SWEEP, start_with={"from": str(tmp_path / "known.csv")})
    assert result.trials.status.tolist()[:2] == ["measured", "measured"]
    assert result.trials.status[2] != "measured"
    assert result.trials.objective[:2].tolist() == [0.4, 0.9]
    assert result.trials.epochs[:2].tolist() == [9, 3]
    assert json.loads(result.trials.config[2])["rate"] == 0.4


def test_an_earlier_sweep_with_its_values(serial, tmp_path):
    old = serial(train, **SWEEP, seed=1, data=[1, 2])
    best = old.trials.sort_values("objective").head(3)
    given = {"from": str(old.path), "top": 3, "values": True}
    new = serial(train, **SWEEP, data=[1, 2], start_with=given, out=tmp_path / "new")
    columns = ["config", "objective", "epochs"]
    assert new.trials.head(3)[columns].values.tolist() == best[columns].values.tolist()
    assert set(new.trials.status[:3]) == {"measured"}
    configs_alone = {**given, "values": False}
    assert "measured" not in set(
        serial(train, **SWEEP, data=[1], start_with=configs_alone, out=tmp_path / "alone").trials.status
    )


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"mode": "max"}, "mode: min"),
        ({"objective": "last"}, "objective: best"),
        ({"metric": "loss"}, "metric: val_loss"),
        ({"data": [3]}, "was not trained on the same data"),
    ],
)
def test_values_of_something_else_are_refused(serial, tmp_path, changed, says):
    old = serial(train, **SWEEP, data=[1, 2])
    given = {"from": str(old.path), "values": True}
    with pytest.raises(sweeps.BadInput, match=says) as caught:
        serial(train, **{**SWEEP, "data": [1, 2], **changed}, start_with=given, out=tmp_path / "new")
    assert caught.value.place == "start_with.values"
    assert "leave out values: true" in str(caught.value)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("given", "place", "says"),
    [
        ([{"config": GOOD, "value": "good"}], "start_with[0].value", "must be a finite number"),
        ([{"config": GOOD, "value": float("nan")}], "start_with[0].value", "must be a finite number"),
        ([{"config": GOOD, "value": True}], "start_with[0].value", "must be a finite number"),
        ([{"config": GOOD, "value": 1.0, "epochs": 0}], "start_with[0].epochs", "must be a whole number"),
        ([{"config": GOOD, "values": 1.0}], "start_with[0].values", "is unknown beside config"),
        ([{"config": {"rate": 3.0}, "value": 1.0}], "start_with[0].rate", "is not a value of"),
        ([{"config": GOOD, "value": v} for v in (1, 2)], "start_with[1].value", "is a second value"),
        ({"from": ".", "values": 1}, "start_with.values", "must be true or false"),
    ],
)
def test_what_cannot_be_is_said(serial, given, place, says):
    with pytest.raises(sweeps.BadInput, match=says) as caught:
        serial(train, **SWEEP, start_with=given)
    assert caught.value.place == place


def test_a_config_with_a_value_needs_no_training_however_often_it_is_given(serial):
    result = serial(train, **SWEEP, start_with=[GOOD, {"config": GOOD, "value": 0.02}, {"config": GOOD}])
    assert result.trials.status.tolist().count("measured") == 1
    assert result.trials.config.is_unique


def test_numpys_numbers_are_numbers(serial):
    given = {
        "config": {"rate": np.float64(0.01), "kind": "a"},
        "value": np.float32(0.5),
        "epochs": np.int64(3),
    }
    result = serial(train, **SWEEP, start_with=[given, {"rate": np.float32(0.5), "kind": "b"}])
    assert result.trials.head(1)[["status", "objective", "epochs"]].values.tolist() == [["measured", 0.5, 3]]
    assert resume(result.path, trials=9).trials.objective[0] == 0.5


def test_hyperparameters_may_be_named_as_the_keys_are(serial):
    space = {"config": {"choice": [1, 2]}, "value": {"uniform": [0, 1]}, "epochs": 3}

    def other(config, run):
        yield {"val_loss": config["value"]}

    plain = {"config": 1, "value": 0.5}
    result = serial(
        other, space=space, trials=3, start_with=[plain, {"config": {**plain, "config": 2}, "value": 7}]
    )
    assert result.trials.status.tolist()[:2] == ["measured", "completed"]
    assert json.loads(result.trials.config[1]) == {**plain, "epochs": 3}
