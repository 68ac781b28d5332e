"""What a replay holds in memory: what a job to come begins from, and no more."""

import sweeps
from sweeps.face.babysitting.held import Held
from sweeps.trial import Checkpoint, Job
from tests.nudging.pandas_by_hand import SPACE, babysat


def saved(*epochs):
    return [Checkpoint(epoch, {}) for epoch in epochs]


def job(trial, start, stop, parent=None):
    return Job(trial, {}, stop=stop, start=start, parent=parent)


def test_of_a_trial_its_last_checkpoint_is_held_until_its_last_job_has_ended():
    held = Held({0: 2}, {})
    held.take(job(0, 0, 3), saved(2, 3))
    assert len(held) == 1
    assert held.before(job(0, 3, 6)).epoch == 3
    held.take(job(0, 3, 6), saved(6))
    assert len(held) == 0


def test_a_checkpoint_is_held_until_all_that_begin_from_it_have():
    held = Held({0: 1, 1: 1, 2: 1}, {0: None, 1: (0, 2), 2: (0, 2)})
    held.take(job(0, 0, 3), saved(2, 3))
    assert held.before(job(1, 2, 3, (0, 2))).epoch == 2
    held.take(job(1, 2, 3, (0, 2)), saved(3))
    assert len(held) == 1
    held.take(job(2, 2, 3, (0, 2)), [])
    assert len(held) == 0


def test_trials_that_nobody_trains_on_hold_nothing():
    held = Held(dict.fromkeys(range(100), 1), {})
    for trial in range(100):
        held.take(job(trial, 0, 3), saved(1, 3))
        assert len(held) == 0


def by_thirds(config, run):
    """Saves every third epoch alone."""
    weight = run.restore() or 8.0
    for epoch in range(run.start, run.epochs):
        weight *= 1 - config["rate"]
        if epoch % 3 == 2:
            run.save(weight)
        yield {"val_loss": weight}


def test_what_was_not_saved_each_epoch_is_replayed_from_where_it_was_saved(tmp_path):
    babysat(tmp_path / "p", {3: {"rate": 0.3}}, 8, {"rate": 0.1}, train=by_thirds, data=None)
    assert sweeps.replay(tmp_path / "p", train=by_thirds, progress=False).equal


def test_a_sweep_of_many_trials_is_replayed(tmp_path):
    space = {**SPACE, "learning_rate": {"log": [1e-3, 1e-1]}}
    keys = {"trials": 9, "epochs": 9, "finalists": False, "scheduler": "asha"}
    sweeps.run("mlp", data="digits", space=space, out=tmp_path / "s", serial=True, progress=False, **keys)
    found = sweeps.replay(tmp_path / "s", progress=False)
    assert found.equal
    assert len(found.branches) == 9
