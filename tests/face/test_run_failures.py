"""`sweeps.run` where trials fail, diverge or are interrupted."""

import os
import signal

import numpy as np
import pytest

import sweeps
from sweeps.errors import AllTrialsFailed, Interrupted
from tests import trainables

X = {"x": sweeps.Uniform(0, 1)}


def test_a_failing_trial_does_not_stop_the_sweep(run):
    result = run(trainables.raises_above_half, space=X, trials=20, epochs=2)
    failed = result.trials[result.trials["status"] == "failed"]
    assert (failed["config.x"] > 0.5).all()
    assert failed["error"].str.contains("ValueError: x is").all()
    assert failed["objective"].isna().all()
    assert result.best.config["x"] <= 0.5


def test_when_everything_fails_the_sweep_stops_early(run, tmp_path):
    with pytest.raises(AllTrialsFailed, match="no such luck"):
        run(trainables.raises, space=X, trials=500)
    trials = sweeps.load(tmp_path / "run").trials
    assert 16 <= len(trials) < 40
    assert trials["error"].str.contains("no such luck").sum() >= 16


def test_all_infeasible_is_a_result_without_a_best(serial):
    result = serial(lambda config, run: float("nan"), space=X, trials=20)
    assert result.best is None
    assert result.trials["status"].eq("infeasible").all()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_what_is_finished_on_disk(serial, tmp_path, number):
    def train(config, run):
        if config["x"] > 0.8:
            os.kill(os.getpid(), number)
        for _ in range(100):
            yield {"val_loss": config["x"]}

    before = signal.getsignal(number)
    with pytest.raises(Interrupted):
        serial(train, space=X, trials=500, epochs=3)
    assert signal.getsignal(number) is before
    result = sweeps.load(tmp_path / "run")
    assert 1 <= len(result.trials) < 500
    assert set(result.trials["status"]) <= {"paused", "interrupted", "completed"}
    assert len(result.metrics) == result.trials["epochs"].sum()


def test_serial_data_cannot_be_written_to_either(serial):
    data = np.zeros(3)

    def train(config, run):
        run.data[0] += 1
        return 1.0

    with pytest.raises(AllTrialsFailed, match="read-only"):
        serial(train, space=X, data=data, trials=16)
    assert data[0] == 0
