"""Configs that are tried first."""

import json
import shutil

import pandas as pd
import pytest

import sweeps

SPACE = {
    "rate": {"log": [1e-3, 1]},
    "kind": {"choice": ["a", 1, 1.0]},
    "depth": {"int": [1, 4], "when": {"kind": "a"}},
    "size": 3,
}
MINE = [{"rate": 0.01, "kind": "a", "depth": 2}, {"rate": 0.5, "kind": 1, "size": 3}]


def train(config, run):
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": abs(config["rate"] - 0.01) + 1 / (epoch + 1)}


@pytest.mark.parametrize("scheduler", ["coarse_to_fine", "asha", "random", "sobol", "optuna:tpe"])
def test_they_are_the_first_trials_and_count_as_such(serial, scheduler):
    result = serial(train, space=SPACE, trials=10, epochs=9, start_with=MINE, scheduler=scheduler)
    assert len(result.trials) == 10
    assert result.trials.config.is_unique
    first = [json.loads(config) for config in result.trials.config[:2]]
    assert first == [{**MINE[0], "size": 3}, MINE[1]]
    assert isinstance(first[1]["kind"], int)
    assert (result.trials.epochs[:2] > 0).all()
    assert result.best.config == {**MINE[0], "size": 3}


def test_the_best_of_an_earlier_sweep(serial, tmp_path):
    old = serial(train, space=SPACE, trials=12, epochs=9, seed=1)
    best = old.trials.sort_values("objective").config[:3].tolist()
    again = sweeps.run(
        train,
        space=SPACE,
        trials=4,
        epochs=9,
        start_with={"from": str(old.path), "top": 3},
        out=tmp_path / "new",
        serial=True,
        progress=False,
        finalists=False,
    )
    assert set(again.trials.config[:3]) == set(best)


def test_a_csv(serial, tmp_path):
    pd.DataFrame({"config.rate": [0.02, 0.3], "kind": ["a", "a"], "depth": [1, 4]}).to_csv(
        tmp_path / "known.csv", index=False
    )
    result = serial(train, space=SPACE, trials=3, epochs=3, start_with={"from": str(tmp_path / "known.csv")})
    assert [json.loads(config)["rate"] for config in result.trials.config[:2]] == [0.02, 0.3]


@pytest.mark.parametrize(
    ("given", "place", "says"),
    [
        ([{"rate": 5.0, "kind": "a", "depth": 1}], "start_with[0].rate", "is not a value of"),
        ([MINE[0], {"rate": 0.1}], "start_with[1].kind", "is missing"),
        ([{**MINE[0], "speed": 1}], "start_with[0].speed", "is not a hyperparameter"),
        ([1], "start_with", "should be a valid dictionary"),
        ({"from": "nowhere"}, "start_with.from", "is neither a sweep's folder nor a CSV file"),
        ({"from": ".", "best": 1}, "start_with.best", "is an unknown option"),
        ({"from": ".", "top": 0}, "start_with.top", "must be a whole number"),
        ({"rate": 0.1}, "start_with", "is neither a list"),
    ],
)
def test_what_cannot_be_tried_is_said(serial, given, place, says):
    with pytest.raises(sweeps.BadInput, match=says) as caught:
        serial(train, space=SPACE, trials=3, epochs=3, start_with=given)
    assert caught.value.place.startswith(place)


def test_they_survive_a_resume_with_changes(tmp_path):
    def interrupted(config, run):
        yield from train(config, run)
        raise KeyboardInterrupt

    many = [{"rate": 0.1 / n, "kind": "a", "depth": 1} for n in range(1, 6)]
    options = {"space": SPACE, "trials": 8, "epochs": 3, "start_with": many, "finalists": False}
    with pytest.raises(KeyboardInterrupt):
        sweeps.run(interrupted, **options, out=tmp_path / "run", serial=True, progress=False)
    result = sweeps.resume(
        tmp_path / "run", train=train, changed_code=True, trials=9, serial=True, progress=False
    )
    rates = [json.loads(config)["rate"] for config in result.trials.config]
    assert rates[:5] == [config["rate"] for config in many]
    assert len(rates) == 9


def test_a_resume_does_without_the_sweep_that_they_came_from(serial, tmp_path):
    old = serial(train, space=SPACE, trials=6, epochs=3, seed=1)
    options = {"serial": True, "progress": False}
    new = sweeps.run(
        train,
        space=SPACE,
        trials=4,
        epochs=3,
        start_with={"from": str(old.path), "top": 2},
        out=tmp_path / "new",
        **options,
    )
    first = new.trials.config[:2].tolist()
    shutil.rmtree(old.path)
    assert (
        sweeps.resume(tmp_path / "new", train=train, trials=5, **options).trials.config[:2].tolist() == first
    )
