"""Checkpoints on disk: by trial and epoch, kept for a reason, and lost without harm."""

import json
import re

import numpy as np
import pytest

from sweeps.store.checkpoints import Checkpoints
from sweeps.trial import Checkpoint

STATE = {"W1": np.arange(6.0).reshape(2, 3), "file": np.array("adam"), "epoch": np.array(1)}


@pytest.fixture
def store(tmp_path):
    return Checkpoints(tmp_path / "checkpoints")


def names(store):
    return sorted(path.name for path in store._folder.iterdir())


def save(store, trial, *epochs):
    for epoch in epochs:
        store.save(trial, Checkpoint(epoch, STATE), "a test")


def test_a_checkpoint_comes_back_as_it_was(store):
    save(store, 3, 7)
    back = store.load(3, 7)
    assert back.epoch == 7
    assert back.state.keys() == STATE.keys()
    assert all(np.array_equal(back.state[name], STATE[name]) for name in STATE)
    assert store.load(3, 6) is None
    assert store.load(4, 7) is None


def test_the_last_one_that_can_be_read_is_gone_on_from(store):
    save(store, 3, 2, 5, 9)
    assert store.load(3, 9).epoch == 9
    assert store.load(3, 8).epoch == 5
    (store._folder / "trial-000003-epoch-000009.npz").write_bytes(b"PK torn")
    assert store.load(3, 9).epoch == 5


def test_what_has_no_reason_left_goes(store):
    save(store, 3, 2, 5, 9)
    store.keep(3, {9: "the trial may go on from here", 5: "best", 7: "was never there"})
    store.flush()
    assert names(store) == ["manifest.json", "trial-000003-epoch-000005.npz", "trial-000003-epoch-000009.npz"]
    told = json.loads((store._folder / "manifest.json").read_text())
    assert told == {
        "trial-000003-epoch-000005.npz": {"trial": 3, "epoch": 5, "kept": "best"},
        "trial-000003-epoch-000009.npz": {"trial": 3, "epoch": 9, "kept": "the trial may go on from here"},
    }
    store.keep(3, {})
    store.flush()
    assert names(store) == ["manifest.json"]
    assert json.loads((store._folder / "manifest.json").read_text()) == {}


def test_what_is_pinned_by_hand_stays(store):
    save(store, 3, 2)
    (store._folder / "trial-000003-epoch-000002.pin").touch()
    store.keep(3, {})
    assert "trial-000003-epoch-000002.npz" in names(store)


def test_one_that_cannot_be_written_is_only_missed(store):
    store._folder.write_text("a file where the folder should be")
    save(store, 3, 7)
    assert store.load(3, 7) is None
    assert isinstance(store.problem, OSError)
    store.keep(3, {})
    store.flush()


def test_pickled_objects_are_not_loaded(store, tmp_path):
    save(store, 3, 7)
    np.savez(store._folder / "trial-000003-epoch-000007.npz", w=np.array([re.compile("x")], dtype=object))
    assert store.load(3, 7) is None
