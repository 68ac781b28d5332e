"""The config of a best epoch: what was trained at that epoch, whatever was changed after it."""

import io
import json

import pytest

import sweeps
from sweeps.results.configs import config_of
from sweeps.results.look import top_trials, trial_record
from sweeps.results.summary import summarize
from sweeps.screen.console import Screen
from sweeps.screen.live import Follower
from sweeps.screen.summary import print_best
from tests.nudging.pandas_by_hand import SPACE, babysat
from tests.reports import Page

ASKS = {2: {"learning_rate": "/2"}, 4: {"learning_rate": 0.7, "keep_probability": 0.5}}
NOW = {"learning_rate": 0.7, "keep_probability": 0.5}


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """Best at its third or fourth epoch, after the first nudge; the second one spoils it."""
    result = babysat(tmp_path_factory.mktemp("spoilt") / "p", ASKS, epochs=6)
    assert result.best.epoch in (3, 4)
    assert config_of(result.tables.row(0)).items() >= NOW.items()
    return result


def is_best(config):
    return config["learning_rate"] == 0.005 and "keep_probability" not in config


def test_it_is_shown_wherever_the_best_is(spoilt, tmp_path):
    assert is_best(spoilt.best.config)
    assert is_best(top_trials(spoilt, 1)[0].config)
    assert is_best(trial_record(spoilt, 0).summary.config)
    out = io.StringIO()
    print_best(summarize(spoilt), Screen(file=out, width=120))
    assert "0.005" in out.getvalue()
    assert "0.7" not in out.getvalue()
    follower = Follower(spoilt.path)
    follower.read()
    assert is_best(follower.state.progress(0.0).best.config)
    page = Page(sweeps.report(spoilt.path, tmp_path / "report.html").read_text())
    assert "0.005" in page.texts["best"]
    assert "keep_probability" not in page.texts["best"]


def test_the_winner_has_it_with_the_schedule_up_to_there(spoilt):
    known = json.loads((spoilt.path / "best" / "winner.json").read_text())
    assert is_best(known["config"])
    assert [each["epoch"] for each in known["schedule"]] == [0, 2]
    assert known["config"] == known["schedule"][-1]["config"]


def test_it_is_trained_anew_up_to_the_best_epoch(spoilt):
    """On the own seed, the same metrics."""
    found = sweeps.replay_schedule(spoilt.path, seed=0, progress=False)
    assert [each.epoch for each in found.schedule] == [0, 2]
    assert found.now == found.then
    assert len(found.rows) == spoilt.best.epoch


def test_refit_takes_it(spoilt):
    found = sweeps.refit(spoilt.path, progress=False)
    assert [each.epoch for each in found.schedule] == [0, 2]
    assert found.config["learning_rate"] == 0.005
    assert "keep_probability" not in found.config
    known = json.loads((spoilt.path / "refit" / "winner.json").read_text())
    assert known["config"]["learning_rate"] == 0.005


def test_a_sweep_begins_with_it(spoilt, tmp_path):
    keys = {"trials": 2, "epochs": 1, "serial": True, "progress": False, "finalists": False}
    space = {**SPACE, "learning_rate": sweeps.LogUniform(1e-3, 1)}
    first = {"from": str(spoilt.path), "top": 1}
    result = sweeps.run("mlp", data="digits", space=space, out=tmp_path / "s", start_with=first, **keys)
    assert config_of(result.tables.row(0))["learning_rate"] == 0.005


def test_a_change_after_the_best_epoch_alone_makes_no_schedule(tmp_path):
    result = babysat(tmp_path / "p", {4: ASKS[4]}, epochs=6)
    assert result.best.epoch in (3, 4)
    assert result.best.config == SPACE
    assert not summarize(result).by_schedule
    assert "schedule" not in json.loads((result.path / "best" / "winner.json").read_text())
