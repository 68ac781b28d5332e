"""What a person has decided counts once, whatever comes between: changes, crashes, a branch that is lost."""

import os
import signal

import pytest

import sweeps
from sweeps.events import Noticed, Nudged
from sweeps.nudges import FORK, ROLL_BACK, Asked
from sweeps.store import LogReader
from sweeps.store.requests import REQUESTS, request_nudge
from tests.nudging.pandas_by_hand import babysat
from tests.nudging.test_asking import halved

RATE = {"rate": 0.1}


def events(folder, kind):
    return list(LogReader(folder / "log").every(kind))


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def by_hand(folder, person, epochs=6, train=halved, **keys):
    """A panda until it is over, or the person has interrupted it."""
    try:
        sweeps.panda(train, space=RATE, epochs=epochs, out=folder, progress=False, callbacks=[person], **keys)
    except KeyboardInterrupt:
        return


def resumed(folder, train=halved, **keys):
    return sweeps.resume(folder, train=train, progress=False, serial=True, **keys)


def rates(result, trial=0):
    """By which the weight became smaller, epoch by epoch."""
    values = result.metrics[result.metrics["trial"] == trial]["val_loss"].tolist()
    return [round(1 - after / before, 6) for before, after in zip([8.0, *values], values, strict=False)]


def test_what_was_set_while_it_was_paused_counts_after_a_resume_with_changes(tmp_path):
    folder = tmp_path / "p"

    def person(event):
        if event.kind == "reported" and event.epochs == 3:
            request_nudge(folder, Asked("pause"))
            request_nudge(folder, Asked(values={"rate": 0.5}, author="ann", reason="slow"))
        if event.kind == "nudge" and event.nudge.what == "set":
            interrupt()

    by_hand(folder, person)
    asks = [lambda event: event.kind == "process" and sweeps.nudge(folder, go_on=True)]
    result = resumed(folder, epochs=8, callbacks=asks)
    assert rates(result) == [0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert result.changes[["epoch", "author", "reason"]].to_numpy().tolist() == [[3, "ann", "slow"]]
    assert resumed(folder, epochs=9).trials["epochs"].tolist() == [9]
    assert sweeps.replay(folder, train=halved, progress=False).equal


def test_a_fork_that_has_not_begun_is_there_after_a_resume_with_changes(tmp_path):
    """And so is what was left for another branch."""
    folder = tmp_path / "p"

    def person(event):
        if event.kind == "reported" and event.epochs == 3 and event.trial == 0:
            sweeps.nudge(folder, fork=True, rate=0.5, author="ann")
        if event.kind == "nudge":
            interrupt()

    by_hand(folder, person)
    result = resumed(folder, epochs=5)
    assert rates(result) == [0.1] * 5
    assert result.trials["parent_epoch"].tolist()[1:] == [3]
    assert result.metrics[result.metrics["trial"] == 1]["epoch"].tolist() == [4, 5]
    assert resumed(folder, epochs=6).trials["epochs"].tolist() == [6, 6]
    assert sweeps.replay(folder, train=halved, progress=False).equal


def test_a_run_whose_later_fork_began_first_can_be_resumed(tmp_path):
    """The one with fewer epochs goes first; the trials are then 0 and 2."""
    folder = tmp_path / "p"

    def person(event):
        if event.kind == "reported" and event.epochs == 4 and event.trial == 0:
            sweeps.nudge(folder, fork=True, rate=0.5)
            sweeps.nudge(folder, fork=True, epoch=2, branch=0, rate=0.3)
        if event.kind == "reported" and event.trial == 2:
            interrupt()

    by_hand(folder, person)
    assert [event.nudge.config["rate"] for event in events(folder, Nudged)] == [0.5, 0.3]
    assert resumed(folder).trials["epochs"].tolist() == [6, 6, 6]
    assert sweeps.load(folder).trials["parent_epoch"].tolist()[1:] == [4, 2]


def test_a_branch_that_has_not_begun_is_nudged_and_rolled_back(tmp_path):
    folder = tmp_path / "p"

    def ask():
        request_nudge(folder, Asked(FORK, values={"rate": 0.5}))
        request_nudge(folder, Asked(branch=1, values={"rate": "*1.5"}))
        request_nudge(folder, Asked(ROLL_BACK, branch=1, epoch=2, values={"rate": 0.3}))

    result = babysat(folder, {}, 5, RATE, train=halved, data=None, end=(3, ask))
    assert not [event for event in events(folder, Noticed) if event.refused]
    assert [event.nudge.config["rate"] for event in events(folder, Nudged)] == [0.5, 0.75, 0.3]
    assert rates(result)[:3] == [0.1] * 3
    assert result.trials["parent_epoch"].tolist()[1:] == [2]


def brittle(config, run):
    """Interrupts itself the first time in epoch 4, so that its job stays open; the second time, it fails."""
    weight = run.restore() or 8.0
    for epoch in range(run.start, run.epochs):
        if epoch == 4 and config["rate"] == 0.1:
            if not FATE:
                FATE.append("interrupted")
                raise KeyboardInterrupt
            if FATE[0] == "interrupted":
                raise ValueError("it does not go on like this")
        weight *= 1 - config["rate"]
        run.save(weight)
        yield {"val_loss": weight}


FATE = []


@pytest.fixture
def open_job(tmp_path):
    """A panda whose job of epochs 3 to 6 was in training when its process ended."""
    FATE.clear()
    by_hand(tmp_path / "p", lambda event: None, epochs=6, train=brittle, every=3)
    return tmp_path / "p"


def test_a_fork_that_waits_in_a_job_that_fails_begins_at_the_last_checkpoint(open_job):
    request_nudge(open_job, Asked(FORK, values={"rate": 0.5}, author="ann"))
    result = resumed(open_job, train=brittle, epochs=7)
    texts = [event.text for event in events(open_job, Noticed)]
    assert "branch 0 was lost, and the fork of ann begins at epoch 4, its last checkpoint" in texts
    assert result.trials["status"].tolist() == ["failed", "completed"]
    assert result.trials["parent_epoch"].tolist()[1:] == [4]
    assert sweeps.replay(open_job, train=brittle, progress=False).equal


def test_what_could_begin_at_the_last_epoch_only_is_refused(open_job):
    request_nudge(open_job, Asked(FORK, values={"rate": 0.5}, author="ann"))
    request_nudge(open_job, Asked(values={"rate": 0.5}, author="eve"))
    request_nudge(open_job, Asked(FORK, epoch=3, values={"rate": 0.4}, author="bob"))
    result = resumed(open_job, train=brittle)
    texts = [event.text for event in events(open_job, Noticed)]
    assert sum("epoch: 6 is the last: nothing would be trained from there" in text for text in texts) == 2
    assert result.trials["parent_epoch"].tolist()[1:] == [3]


def test_what_was_refused_stays_refused_though_it_could_be_by_now(tmp_path):
    """As if the process had been killed between the event and the removal of the request."""
    folder, kept = tmp_path / "p", {}

    def person(event):
        if event.kind == "reported" and event.epochs == 2:
            request_nudge(folder, Asked(values={"rate": 0.9}, author="eve"))
        if event.kind == "notice":
            kept.update((path.name, path.read_bytes()) for path in (folder / REQUESTS).iterdir())

    narrow, wide = ({"rate": {"log": [0.01, most]}} for most in (0.5, 1.0))
    sweeps.panda(halved, space=narrow, config=RATE, epochs=4, out=folder, progress=False, callbacks=[person])
    (folder / REQUESTS).mkdir()
    for name, data in kept.items():
        (folder / REQUESTS / name).write_bytes(data)
    result = resumed(folder, epochs=6, space=wide)
    assert kept
    assert result.changes.empty
    refused = [event.text for event in events(folder, Noticed) if event.refused]
    assert [text.partition(":")[0] for text in refused] == ["the nudge of eve was refused"]
    assert not (folder / REQUESTS).exists()


def test_a_fork_of_a_branch_that_diverged_begins_before_it_did(tmp_path):
    """Its last checkpoint is of the weights that are no numbers."""

    def ask(folder):
        request_nudge(folder, Asked(FORK, values={"rate": 0.5}, author="ann"))

    def diverges(config, run):
        weight = run.restore() or 8.0
        for epoch in range(run.start, run.epochs):
            if epoch == 4 and config["rate"] == 0.1:
                ask(tmp_path / "p")
                weight = float("nan")
            weight *= 1 - config["rate"]
            run.save(weight)
            yield {"val_loss": weight}

    by_hand(tmp_path / "p", end_with(1), epochs=7, train=diverges, every=5)
    result = sweeps.load(tmp_path / "p")
    assert result.trials["status"].tolist() == ["infeasible", "completed"]
    assert result.trials["parent_epoch"].tolist()[1:] == [4]


def end_with(trial):
    """A person who ends the run when this branch is complete."""

    def person(event):
        if (
            event.kind == "reported"
            and event.trial == trial
            and event.outcome == "done"
            and event.epochs == 7
        ):
            interrupt()

    return person
