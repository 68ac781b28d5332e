"""Alarms, suggestions and the autopilot propose only what can be done."""

import pytest

import sweeps
from sweeps.command.panda import _suggestions
from sweeps.events import JobReported, Noticed, Nudged
from sweeps.nudges import PAUSE, Nudge
from sweeps.nudging.values import clipped
from sweeps.screen.live import LiveState
from sweeps.screen.live.branches import curves
from sweeps.space import Space
from sweeps.spec import overridden
from sweeps.store import LogReader
from sweeps.trial import Outcome, Status
from tests.nudging.pandas_by_hand import babysat


def leaping(config, run):
    """The training loss is least at epoch 6, the validation loss at epoch 30; from 41 on it climbs."""
    run.restore()
    for epoch in range(run.start, run.epochs):
        train = {5: 0.5}.get(epoch, 0.52) if epoch < 40 else 0.52 + 0.1 * (epoch - 39) ** 2
        run.save(epoch)
        yield {"train_loss": 1.0 if epoch < 5 else train, "val_loss": 1.0 + abs(epoch - 29) / 1000}


RATE = {"learning_rate": 0.1}


def told(folder):
    return [event.text for event in LogReader(folder / "log").every(Noticed)]


def leapt(folder, asks, space=RATE, epochs=48, **keys):
    return babysat(folder, asks, epochs, space, train=leaping, data=None, **keys)


@pytest.mark.parametrize(
    ("asks", "back"),
    [({}, ""), ({3: {"learning_rate": "*2"}}, "--rollback 3 ")],
    ids=["none is kept", "the nearest before"],
)
def test_a_roll_back_is_proposed_to_an_epoch_that_is_kept(tmp_path, asks, back):
    asked = []

    def ask():
        asked.extend(sweeps.suggest(tmp_path / "p"))

    leapt(tmp_path / "p", asks, end=(46, ask))
    (text,) = [text for text in told(tmp_path / "p") if "divergence" in text]
    assert "of epoch 6" in text
    assert text.endswith(f"proposed: {back}learning_rate=/3")
    (found,) = [each for each in asked if each.reason.startswith("divergence")]
    assert found.rollback == (3 if asks else None)


def test_what_is_suggested_in_training_is_not_refused(tmp_path):
    def ask():
        for each in [each for each in sweeps.suggest(tmp_path / "p") if each.values]:
            sweeps.nudge(tmp_path / "p", dict(each.values), branch=each.branch, rollback=each.rollback)

    result = leapt(tmp_path / "p", {}, end=(46, ask))
    assert not result.changes.empty


def test_a_branch_that_was_given_up_has_no_suggestion_and_a_complete_run_no_command(tmp_path):
    leapt(tmp_path / "p", {})
    said = _suggestions(tmp_path / "p")
    assert "divergence" in said
    assert "caviar nudge" not in said
    assert f"caviar resume {tmp_path / 'p'}" in said
    leapt(tmp_path / "q", {42: {"fork": True, "learning_rate": 0.2}, 43: {"keep": 1}}, epochs=44)
    assert {each.branch for each in sweeps.suggest(tmp_path / "q")} <= {1}


def test_autopilot_stays_within_the_bounds_and_proposes_nothing_at_them(tmp_path):
    space = {"learning_rate": {"log": [0.05, 1]}}
    result = leapt(
        tmp_path / "p",
        {},
        space,
        config={"learning_rate": 0.1},
        autopilot=True,
    )
    assert not result.changes.empty
    assert set(result.changes["after"]) == {"0.05"}
    leapt(tmp_path / "q", {}, space, config={"learning_rate": 0.05}, autopilot=True)
    texts = [*told(tmp_path / "p"), *told(tmp_path / "q")]
    assert not [text for text in texts if "refused" in text]
    assert not [text for text in told(tmp_path / "q") if "proposed" in text]


def test_beyond_a_bound_is_the_bound_and_what_changes_nothing_is_left_out():
    space = Space({"rate": {"log": [0.01, 1]}, "units": {"choice": [1, 2]}, "l2": 0.0})
    config = {"rate": 0.02, "units": 2, "l2": 0.0}
    assert clipped({"rate": "/3"}, config, space) == {"rate": 0.01}
    assert clipped({"rate": "/3"}, {**config, "rate": 0.01}, space) == {}
    assert clipped({"units": 3, "l2": "*2"}, config, space) == {}
    assert clipped({"rate": "*3", "l2": 0.1}, config, space) == {"rate": "*3", "l2": 0.1}


def test_only_what_a_person_paused_is_paused_and_what_keep_dropped_is_left(tmp_path):
    """Of the log alone, at several epochs; the loop's own counts agree."""
    said = {}

    def person(event):
        if event.kind != "reported" or event.outcome != "done":
            return
        if (event.trial, event.epochs) == (0, 2):
            sweeps.nudge(tmp_path / "p", fork=True, learning_rate=0.2)
        if (event.trial, event.epochs) == (1, 4):
            sweeps.nudge(tmp_path / "p", keep=0)

    sweeps.panda(
        leaping, space=RATE, epochs=8, out=tmp_path / "p", progress=False, callbacks=[person], data=None
    )
    state = LiveState(overridden((tmp_path / "p" / "spec.yaml").read_text(), "spec.yaml"))
    for event in LogReader(tmp_path / "p" / "log"):
        state.take(event)
        if isinstance(event, JobReported) and event.outcome is Outcome.DONE:
            said[event.trial, event.epochs] = state.progress(0.0).counts
    assert said[0, 1] == {Status.RUNNING: 1}
    assert said[0, 6] == {Status.RUNNING: 1, Status.STOPPED: 1}
    assert "left" in "\n".join(line.plain for line in curves(state, 40, 80))
    state.branches.take(Nudged(time=0.0, nudge=Nudge(PAUSE)))
    assert state.branches.status(0, Status.PAUSED) is Status.PAUSED
