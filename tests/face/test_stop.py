"""A sweep, or one of its trials, that is stopped from another process."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sweeps
from sweeps.errors import BadInput, Interrupted
from sweeps.store.requests import REQUESTS, request_stop

X = {"x": sweeps.Uniform(0, 1)}
CAVIAR = "from sweeps.command import main; main()"


def caviar(*arguments):
    """The command in another process."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", CAVIAR, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_sweep_is_stopped_as_by_ctrl_c_and_can_be_resumed(serial, tmp_path):
    asked = []

    def train(config, run):
        if len(list((tmp_path / "run" / "trials").glob("*"))) and not asked:
            asked.append(caviar("stop", tmp_path / "run"))
        while not (tmp_path / "resumed").exists():
            yield {"val_loss": config["x"]}
            time.sleep(0.01)
        yield {"val_loss": config["x"]}

    with pytest.raises(Interrupted, match="stopped from another process"):
        serial(train, space=X, trials=5, epochs=10**6, scheduler="random", limits={"trial": 2})
    assert asked[0].returncode == 0, asked[0].stderr
    assert asked[0].stdout == "asked to stop the sweep\n"
    assert not (tmp_path / "run" / REQUESTS).exists()
    (tmp_path / "resumed").touch()
    result = sweeps.resume(tmp_path / "run", train=train, changed_code=True, serial=True, progress=False)
    assert len(result.trials) == 5


def test_a_single_trial_is_stopped_and_the_others_go_on(run, tmp_path):
    """The trial that is asked for is endless, and nothing else ends it."""

    def train(config, run):
        while config["mine"]:
            yield {"val_loss": 2.0}
            time.sleep(0.01)
            if (tmp_path / "run" / "trials" / "part-00000.parquet").exists() and not (
                tmp_path / "asked"
            ).exists():
                (tmp_path / "asked").touch()
                request_stop(tmp_path / "run", trial=1)
        yield {"val_loss": 1.0}

    class SecondIsEndless(sweeps.RandomSearch):
        def _config(self, trial):
            return {"mine": trial == 1}

    space = sweeps.Space({"mine": sweeps.Choice([False, True])})
    scheduler = SecondIsEndless(space, trials=2, epochs=10**6)
    result = run(train, space=space, trials=2, epochs=10**6, scheduler=scheduler)
    assert result.trials["status"].tolist() == ["completed", "stopped"]
    assert result.trials["error"].tolist()[1] == "stopped by the user"
    assert result.trials["epochs"][1] > 0
    assert not (tmp_path / "run" / REQUESTS).exists()


def test_where_nobody_works_on_it_nothing_is_asked(serial, tmp_path):
    path = serial(lambda config, run: config["x"], space=X, trials=2).path
    done = caviar("stop", path)
    assert done.returncode == 2
    assert "nobody works on" in done.stderr
    assert f"caviar resume {path}" in done.stderr.replace("\n", "")
    assert not (path / REQUESTS).exists()
    with pytest.raises(BadInput, match="holds no sweep"):
        sweeps.stop(tmp_path)


def test_a_trial_that_is_over_or_has_not_begun_is_said(serial, tmp_path):
    """The second trial goes on until the tables have the end of the first."""
    said = []

    def train(config, run):
        yield {"val_loss": config["x"]}
        while (tmp_path / "second").exists() and not said:
            if sweeps.load(tmp_path / "run").trials["status"].eq("completed").any():
                for trial in (0, 99):
                    with pytest.raises(BadInput) as caught:
                        sweeps.stop(tmp_path / "run", trial=trial)
                    said.append(str(caught.value))
            yield {"val_loss": config["x"]}
        (tmp_path / "second").touch()

    serial(train, space=X, trials=2, epochs=10**9, scheduler="random")
    assert "is over: completed" in said[0]
    assert "is no trial that has begun" in said[1]
    assert not (tmp_path / "run" / REQUESTS).exists()


def test_a_request_to_a_process_that_is_gone_stops_no_other(serial, tmp_path):
    (tmp_path / "run").mkdir()
    path = serial(lambda config, run: config["x"], space=X, trials=2, scheduler="random").path
    request_stop(path)
    result = sweeps.resume(
        path, train=lambda config, run: config["x"], changed_code=True, serial=True, progress=False
    )
    assert result.trials["status"].eq("completed").all()
    assert not (path / REQUESTS).exists()


def test_a_trial_that_was_stopped_stays_so_in_the_process_that_resumes(serial, tmp_path, monkeypatch):
    """It had not begun when its process died, which had taken the request in."""
    monkeypatch.setattr("sweeps.store.requests._READ_SECONDS", 0.0)

    def dies(config, run):
        yield {"val_loss": 1.0}
        request_stop(tmp_path / "run", trial=1)
        while (tmp_path / "run" / REQUESTS).exists():
            yield {"val_loss": 1.0}
        raise KeyboardInterrupt

    def train(config, run):
        yield {"val_loss": config["x"]}

    with pytest.raises(KeyboardInterrupt):
        serial(dies, space=X, trials=3, epochs=10**6, scheduler="random")
    options = {"train": train, "changed_code": True, "serial": True, "progress": False}
    for trials in (3, 4):  # as it was, and changed
        result = sweeps.resume(tmp_path / "run", trials=trials, **options)
        assert result.trials["status"].tolist() == ["completed", "stopped", *["completed"] * (trials - 2)]
        assert result.trials["error"][1] == "stopped by the user"
        assert result.trials["epochs"][1] == 0
