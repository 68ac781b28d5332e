"""The typed summary of a sweep: what it counts, and what it is as JSON."""

import io
import json
import math

import pytest

from sweeps.results import load, summarize
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_raised
from sweeps.screen.summary import print_summary
from sweeps.space import Space
from sweeps.spec import as_spec, spec_text
from sweeps.store import RunDirectory, TrialRow
from sweeps.trial import Region, Round, Status
from tests.store import counted

KINDS = {"kind": {"choice": ["a", "b"]}, "depth": {"int": [1, 2], "when": {"kind": "a"}}}
CONFIGS = [{"kind": "a", "depth": 1}, {"kind": "a", "depth": 2}, {"kind": "b"}]  # all there are


@pytest.fixture
def written(tmp_path):
    """Writes a sweep of these configs, each with the objective 0.5, and summarizes it."""

    def write(configs, space=KINDS, status=Status.COMPLETED, objective=0.5, rule="best", epoch=1, **spec):
        form = as_spec(
            {"name": "test", "metric": "val_loss", "trials": 9, "space": space, "objective": rule, **spec}
        )
        directory = RunDirectory(tmp_path / "run", spec_text(form), Space(space), ["val_loss"])
        for trial, config in enumerate(configs):
            best_epoch = None if objective is None else epoch
            row = TrialRow(
                trial, 0, config, objective=objective, best_epoch=best_epoch, epochs=2, status=status
            )
            directory.trials.put(row)
            directory.metrics.append(
                trial, 1, *counted([{"val_loss": math.nan if objective is None else objective}] * 2)
            )
        regions = (
            Region("kind", None, None, 0, "the whole range"),
            Region("depth", 1.0, 2.0, 0, "the whole range"),
        )
        directory.commit([Round(0, regions)])
        return summarize(load(directory.path))

    return write


def shown(summary, capsys):
    print_summary(summary, every_round=False)
    return capsys.readouterr().out


def test_json_has_the_keys_that_programs_read(written, tmp_path):
    plain = json.loads(json.dumps(written(CONFIGS).to_json(), allow_nan=False))
    assert (
        plain.items()
        >= {
            "directory": str(tmp_path / "run"),
            "name": "test",
            "metric": "val_loss",
            "mode": "min",
            "objective": "best",
            "trials": 9,
            "status": {"completed": 3},
            "epochs": {"search": 6, "finalists": 0},
            "repeats": 0,
            "first_error": None,
            "finalists": [],
        }.items()
    )
    assert plain["best"] == plain["best_of_search"]
    assert plain["best"] == {
        "trial": 0,
        "config": {"kind": "a", "depth": 1},
        "objective": 0.5,
        "epoch": 1,
        "metrics": {"val_loss": 0.5},
        "seeds": 0,
        "spreads": {},
    }
    assert plain["rounds"][1] == {
        "round": 0,
        "hyperparameter": "depth",
        "scale": "linear",
        "low": 1.0,
        "high": 2.0,
        "elites": 0,
        "reason": "the whole range",
    }


def test_a_space_of_which_every_config_was_tried_is_said_to_be_exhausted(written, capsys):
    summary = written(CONFIGS)
    assert (summary.configs, summary.configs_tried, summary.exhausted) == (3, 3, True)
    assert "all 3 configs of the space were tried\n" in shown(summary, capsys)


@pytest.mark.parametrize(
    "configs", [CONFIGS[:2], [CONFIGS[0]] * 5, []], ids=["two of three", "one five times", "none"]
)
def test_a_space_with_configs_left_is_not(written, capsys, configs):
    summary = written(configs)
    assert not summary.exhausted
    assert "of the space" not in shown(summary, capsys)


def test_nor_is_a_continuous_space(written):
    assert written([{"x": 0.5}] * 9, space={"x": {"uniform": [0, 1]}}).configs is None


def test_nor_is_one_whose_ranges_may_grow(written):
    assert not written(CONFIGS, extend=True).exhausted


def test_a_space_of_one_config(written, capsys):
    summary = written([{"x": 1}], space={"x": 1})
    assert "the only config of the space was tried" in shown(summary, capsys)


def test_why_there_is_no_best(written, capsys):
    summary = written(CONFIGS, status=Status.INFEASIBLE, objective=None)
    assert (summary.best, summary.best_of_search) == (None, None)
    assert json.dumps(summary.to_json(), allow_nan=False)
    assert "no trial has an objective, and 3 of 3 are infeasible; a trial is" in shown(summary, capsys)


@pytest.mark.parametrize("k", [2, 99])
def test_a_mean_of_epochs_is_said_to_be_one_over_as_many_as_there_are(written, capsys, k):
    summary = written(CONFIGS, rule={"mean_of_last": k}, epoch=2)
    assert summary.to_json()["objective"] == {"mean_of_last": k}
    assert "val_loss 0.5, the mean of 2 epochs, at epoch 2" in shown(summary, capsys)


@pytest.mark.parametrize("width", [40, 80, 160])
def test_it_fits_any_screen(written, width):
    summary = written([{"x" * 50: "v" * 100}], space={"x" * 50: "v" * 100})
    out = io.StringIO()
    print_summary(summary, every_round=False, screen=Screen(file=out, width=width))
    assert all(len(line) <= width for line in out.getvalue().splitlines())
    assert "".join(out.getvalue().split()).count("v" * 20) >= 1


WORKER = "its worker died 3 times while training it; the last time: killed"
TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nValueError: one\ntwo'
LONG = "the node has too little memory; " * 50


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (f"{WORKER}\n\nRay's advice\nand more of it\n", WORKER),
        (TRACEBACK, "ValueError: one two"),
        ("ValueError", "ValueError"),
        ("\n", ""),
        (LONG, LONG[:199] + "…"),
    ],
)
def test_of_the_first_error_the_reason_is_shown_in_a_line_or_two(error, says):
    assert show_raised(error) == says
