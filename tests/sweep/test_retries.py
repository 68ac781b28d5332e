"""Trials that fail and are trained again."""

import os
import signal
import time

import pytest

import sweeps
from sweeps.errors import AllTrialsFailed, BadInput
from sweeps.events import JobRetried
from sweeps.store import LOG, LogReader

X = {"x": sweeps.Uniform(0, 1)}


def fails(times, how):
    """A trainable that goes on from its checkpoint, and fails in its third epoch, so often per trial.

    run.data is the folder where it counts.
    """

    def train(config, run):
        saved = run.restore()
        w = 0.0 if saved is None else float(saved["w"])
        for epoch in range(run.start, run.epochs):
            mine = run.data / f"{config['x']}-{epoch}"
            mine.write_text(mine.read_text() + "." if mine.exists() else ".")
            if epoch == 2 and len(mine.read_text()) <= times:
                how()
            w += config["x"]
            run.save({"w": w})
            yield {"val_loss": w}

    return train


def raises():
    raise OSError("the file server is away")


def is_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def retried(result):
    return [event for event in LogReader(result.path / LOG) if isinstance(event, JobRetried)]


def test_a_trial_that_fails_once_is_trained_again_from_its_checkpoint(run, tmp_path):
    folder = tmp_path / "counts"
    folder.mkdir()
    result = run(fails(1, raises), space=X, trials=6, epochs=5, scheduler="random", retries=1, data=folder)
    assert result.trials["status"].eq("completed").all()
    assert result.trials["error"].isna().all()
    assert result.trials["epochs"].eq(5).all()
    for _, metrics in result.metrics.groupby("trial"):
        step = metrics["val_loss"].iloc[0]
        assert metrics["val_loss"].tolist() == pytest.approx([step * n for n in range(1, 6)])
    assert {path.read_text() for path in folder.glob("*-0")} == {"."}, "no epoch before it is trained twice"
    events = retried(result)
    assert sorted(event.trial for event in events) == list(range(6))
    assert {(event.why, event.attempt) for event in events} == {("OSError: the file server is away", 1)}


def test_one_that_fails_more_often_has_failed(serial, tmp_path):
    with pytest.raises(AllTrialsFailed, match="the file server is away"):
        serial(fails(3, raises), space=X, trials=2, epochs=5, scheduler="random", retries=2, data=tmp_path)
    result = sweeps.load(tmp_path / "run")
    assert result.trials["status"].eq("failed").all()
    assert result.trials["error"].str.contains("the file server is away").all()
    assert [event.attempt for event in retried(result)] == [1, 2, 1, 2]


def test_without_retries_a_failure_is_one(serial, tmp_path):
    with pytest.raises(AllTrialsFailed):
        serial(fails(1, raises), space=X, trials=2, epochs=5, scheduler="random", data=tmp_path)
    result = sweeps.load(tmp_path / "run")
    assert result.trials["status"].eq("failed").all()
    assert retried(result) == []


def test_a_dead_worker_is_no_failure_and_the_log_tells_of_it(ray_cluster, tmp_path):
    folder = tmp_path / "counts"
    folder.mkdir()
    result = sweeps.run(
        fails(1, is_killed),
        space=X,
        trials=2,
        epochs=5,
        scheduler="random",
        workers=2,
        finalists=False,
        progress=False,
        data=folder,
        out=tmp_path / "run",
    )
    assert result.trials["status"].eq("completed").all()
    assert {event.attempt for event in retried(result)} == {0}
    assert {event.trial for event in retried(result)} == {0, 1}


def test_a_hang_is_tried_again_too(ray_cluster, tmp_path):
    folder = tmp_path / "counts"
    folder.mkdir()
    result = sweeps.run(
        fails(1, lambda: time.sleep(600)),
        space=X,
        trials=1,
        epochs=5,
        scheduler="random",
        workers=1,
        finalists=False,
        progress=False,
        data=folder,
        out=tmp_path / "run",
        limits={"epoch": 2},
        retries=1,
    )
    assert result.trials["status"].tolist() == ["completed"]
    (event,) = retried(result)
    assert event.attempt == 1
    assert event.why.startswith("no new epoch for ")


@pytest.mark.parametrize("value", [-1, 1.5, "once", True])
def test_retries_are_a_whole_number(value):
    with pytest.raises(BadInput) as caught:
        sweeps.run(fails(0, raises), space=X, retries=value)
    assert caught.value.place == "retries"


def test_the_time_of_failed_attempts_is_the_trials_and_stays_so_after_a_resume(serial, tmp_path):
    folder = tmp_path / "counts"
    folder.mkdir()
    train = fails(2, raises)
    options = {"space": X, "trials": 2, "epochs": 4, "scheduler": "random", "retries": 2, "data": folder}
    result = serial(train, **options)
    attempts = [event.seconds for event in retried(result)]
    assert len(attempts) == 4
    assert min(attempts) > 0
    seconds = result.trials["seconds"]
    assert seconds.sum() == pytest.approx(result.jobs["seconds"].sum() + sum(attempts))
    again = sweeps.resume(
        result.path, train=train, data=folder, serial=True, progress=False, changed_code=True
    )
    assert again.trials["seconds"].tolist() == seconds.tolist()
