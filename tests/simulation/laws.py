"""What must be true of every sweep in the end, whatever has happened to it."""

import json
import math

from sweeps.results.look import top_trials
from sweeps.results.state import state_of
from sweeps.screen.live import Follower
from sweeps.store import LogReader
from tests.simulation.world import diverges, fails, last_epoch, loss

_ENDS = {"completed", "stopped", "failed", "infeasible", "measured"}


def check(result, world):
    """Raise `AssertionError` where the tables are not what the trials must have given."""
    trials = result.trials
    state = state_of(result.path)
    assert state.kind == ("failed" if world.hopeless else "complete"), state
    assert trials.trial.tolist() == list(range(len(trials))), "trials are missing or doubled"
    assert set(trials.status) <= _ENDS or world.hopeless
    _check_measured(trials, world)
    _check_rows(result, world)
    _check_rounds(result)
    _check_jobs(result)
    _check_checkpoints(result)
    _check_watched(result)
    searched = trials[trials.repeats.isna()]
    assert searched.config.is_unique, "a config was tried twice"
    if not world.hopeless and "limits" not in world.spec:
        begun = searched[searched.status != "measured"]
        assert len(begun) == world.spec["trials"], "not as many trials as were asked for"
    assert not list(result.path.rglob("*.tmp")) or world.lives, "a temporary file was left"


def _check_measured(trials, world):
    given = [(each["config"], each["value"], each["epochs"]) for each in world.spec.get("start_with", ())]
    measured = trials[trials.status == "measured"]
    have = zip(measured.config.map(json.loads), measured.objective, measured.epochs, strict=True)
    assert list(have) == given, "what was measured elsewhere is lost or changed"


def _check_rows(result, world):
    by_trial = dict(list(result.metrics.groupby("trial")))
    assert set(by_trial) <= set(result.trials.trial), "metrics of a trial that is not there"
    for trial in result.trials.itertuples():
        config, rows = json.loads(trial.config), by_trial.get(trial.trial)
        have = [] if rows is None else rows.epoch.tolist()
        epochs = 0 if trial.status == "measured" else trial.epochs
        assert have == list(range(1, epochs + 1)), f"trial {trial.trial} has the epochs {have}"
        for row in () if rows is None else rows.itertuples():
            value = loss(config["x"], config["kind"], trial.seed, row.epoch)
            assert row.val_loss == value or (diverges(config["x"]) and math.isnan(row.val_loss))
            assert math.isnan(row.every_other) if row.epoch % 2 == 0 else row.every_other == value
        _check_end(trial, config["x"], world.spec["epochs"])


def _check_end(trial, x, epochs):
    what = f"trial {trial.trial} with x = {x} is {trial.status} at epoch {trial.epochs}"
    if trial.status == "completed":
        assert trial.epochs >= last_epoch(x, min(epochs, trial.epochs)), what
        assert not diverges(x), what
        assert math.isfinite(trial.objective), what
    elif trial.status == "failed":
        assert (fails(x), trial.epochs) == (True, 1), what
    elif trial.status == "infeasible":
        assert (diverges(x), trial.epochs) == (True, 1), what


def _check_rounds(result):
    numbers = result.rounds["round"].drop_duplicates().tolist() if len(result.rounds) else []
    assert numbers == list(range(len(numbers))), f"the rounds are {numbers}"


def _check_jobs(result):
    jobs = result.jobs
    for trial, its in jobs.groupby("trial"):
        assert (its.stop > its.start).all(), f"a job of trial {trial} trains nothing"
        ends = its[its.outcome.isin(["failed", "infeasible"])]
        assert len(ends) <= 1 or set(ends.outcome) == {"failed"}, f"trial {trial} has ended twice"


def _check_checkpoints(result):
    folder = result.path / "checkpoints"
    trials = result.trials.set_index("trial")
    for path in folder.glob("*.npz"):
        _, trial, _, epoch = path.stem.split("-")
        assert int(trial) in trials.index, f"{path.name} is of no trial"
        assert int(epoch) <= trials.epochs[int(trial)], f"{path.name} is of no epoch"


def _check_watched(result):
    """Whoever watches the log, over all lives of the sweep, has seen what the tables say."""
    follower = Follower(result.path)
    follower.read()
    progress, trials = follower.state.progress(now=0.0), result.trials
    searched = trials[trials.repeats.isna()]
    assert +progress.counts == searched.status.value_counts().to_dict(), "other counts were watched"
    assert progress.repeats_begun == len(trials) - len(searched)
    assert progress.epochs == trials[trials.status != "measured"].epochs.sum()
    here = searched[searched.status != "measured"].trial
    tops = [each.trial for each in top_trials(result, len(trials)) if each.trial in set(here)]
    assert [row.trial for row in follower.state.top(len(trials))] == tops, "another best was watched"


def decisions(result):
    """What two lives of one sweep must have in common."""
    columns = ["trial", "round", "seed", "repeats", "status", "objective", "best_epoch", "epochs", "config"]
    return result.trials[columns]


def events_in_order(result):
    """Read the log, which raises where a record is missing."""
    return list(LogReader(result.path / "log"))
