"""A sweep that ended, however, goes on as if it had not."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.events import JobReported, JobsAsked, SearchBegun, SweepEnded
from sweeps.face import execute, resume_sweep
from sweeps.store.log import LogReader
from sweeps.sweep.planning.fingerprint import fingerprint_of_code
from sweeps.sweep.progress import Silent
from tests.store.disks import Died, DiskOfADyingProcess, FullDisk, failing_once
from tests.sweep.plans import plan_of

SPACE = {"rate": {"log": [1e-3, 1.5]}, "kind": {"choice": [1, 1.0, None, "a"]}}
SWEEP = {"space": SPACE, "trials": 12, "epochs": 4, "finalists": {"top": 2, "seeds": 2}, "seed": 3}
OURS = ["trial", "round", "seed", "repeats", "status", "objective", "best_epoch", "epochs", "error", "config"]


def decay(config, run):
    """Gradient descent on w², which diverges above 1; not with every kind."""
    saved = run.restore()
    w = 10.0 if saved is None else float(saved["w"])
    for _ in range(run.start, run.epochs):
        if config["kind"] is None and config["rate"] < 0.1:
            raise ValueError("not with this one")
        w -= 2 * config["rate"] * w
        run.save({"w": np.array(w)})
        yield {"val_loss": w * w + run.seed % 7, "weight": w}


class Notices(Silent):
    """Keeps what the user is told; `on_notice` hears of it, too."""

    def __init__(self, on_notice=lambda text: None):
        self.texts, self._on_notice = [], on_notice

    def notice(self, text):
        self.texts.append(text)
        self._on_notice(text)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The sweep that never died."""
    out = tmp_path_factory.mktemp("whole") / "run"
    return sweeps.run(decay, **SWEEP, out=out, serial=True, progress=False)


def resume(path, **options):
    return sweeps.resume(path, **{"train": decay, "serial": True, "progress": False, **options})


def assert_same_sweep(path, whole):
    result = sweeps.load(path)
    pd.testing.assert_frame_equal(compared(result), compared(whole))
    pd.testing.assert_frame_equal(result.metrics, whole.metrics)
    pd.testing.assert_frame_equal(result.rounds, whole.rounds)
    assert result.best == whole.best


def compared(result):
    """The trials without times and hosts, and of errors what was raised, not from where."""
    errors = result.trials.error.str.split("\n").str[-1]
    return result.trials[OURS].assign(error=errors)


def operations_of_a_sweep(folder):
    with pytest.MonkeyPatch.context() as patch:
        disk = DiskOfADyingProcess(patch, 10**6)
        sweeps.run(decay, **SWEEP, out=folder, serial=True, progress=False)
        return len(disk.done)


@pytest.fixture(scope="module")
def operations(tmp_path_factory):
    return operations_of_a_sweep(tmp_path_factory.mktemp("count") / "run")


@pytest.mark.parametrize(
    ("power", "apart"),
    [
        pytest.param(False, 71, id="process"),
        pytest.param(True, 73, id="machine"),
        pytest.param(False, 9, id="process, at more", marks=pytest.mark.slow),
        pytest.param(True, 13, id="machine, at more", marks=pytest.mark.slow),
    ],
)
def test_it_may_die_at_every_step_of_writing(tmp_path, uninterrupted, operations, power, apart, monkeypatch):
    """Of the process, or of the machine, which loses what was not synced."""
    monkeypatch.setattr("sweeps.store.run_directory._FLUSH_SECONDS", 0.0)  # more moments to die at
    monkeypatch.setattr("sweeps.store.log._SYNC_SECONDS", 0.0)
    for at in range(2 if power else 1, operations, apart):
        path = tmp_path / f"{at}"
        with pytest.MonkeyPatch.context() as patch:
            disk = DiskOfADyingProcess(patch, at)
            with suppress(Died):
                sweeps.run(decay, **SWEEP, out=path, serial=True, progress=False)
        if power:
            disk.cut_power(keep=(at % 10) / 10)
        if LogReader(path / "log").last(SearchBegun) is None:
            continue  # it had not begun
        resume(path)
        assert_same_sweep(path, uninterrupted)


def test_it_may_die_again_and_again(tmp_path, uninterrupted):
    path, at, deaths = tmp_path / "run", 60, 0
    while True:
        with pytest.MonkeyPatch.context() as patch:
            DiskOfADyingProcess(patch, at)
            try:
                if deaths:
                    resume(path)
                else:
                    sweeps.run(decay, **SWEEP, out=path, serial=True, progress=False)
                break
            except Died:
                deaths, at = deaths + 1, at + 10
    assert deaths > 1
    assert_same_sweep(path, uninterrupted)


def test_a_finished_sweep_stays_as_it_is(tmp_path, uninterrupted):
    before = {file: file.read_bytes() for file in uninterrupted.path.rglob("*.parquet")}
    result = resume(uninterrupted.path)
    assert result.best == uninterrupted.best
    assert {file: file.read_bytes() for file in uninterrupted.path.rglob("*.parquet")} == before


def test_the_tables_are_made_again_from_the_log(tmp_path, uninterrupted):
    path = tmp_path / "run"
    sweeps.run(decay, **SWEEP, out=path, serial=True, progress=False)
    for table in ("trials", "metrics", "rounds"):
        for part in (path / table).iterdir():
            part.unlink()
    resume(path)
    assert_same_sweep(path, uninterrupted)


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import sweeps
from tests.sweep.test_resume import SWEEP, decay

def train(config, run):
    for row in decay(config, run):
        yield row
        count = int(open("count").read()) + 1
        open("count", "w").write(str(count))
        if count == {at}:
            os.kill({whom}, signal.SIGKILL)

if __name__ == "__main__":
    sweeps.run(train, **SWEEP, out="run", progress=False, {how})
"""


@pytest.mark.parametrize("at", [7, *(pytest.param(at, marks=pytest.mark.slow) for at in (1, 23))])
def test_a_killed_process_loses_nothing_it_has_heard_of(tmp_path, at, uninterrupted):
    script = KILLED.format(tests=str(Path(__file__).parents[2]), at=at, whom="os.getpid()", how="serial=True")
    (tmp_path / "script.py").write_text(script)
    (tmp_path / "count").write_text("0")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL
    known = sum(
        event.count for event in LogReader(tmp_path / "run" / "log") if isinstance(event, JobReported)
    )
    assert known >= at - SWEEP["epochs"] - 1  # a job, and the epoch after it
    resume(tmp_path / "run", changed_code=True)
    assert_same_sweep(tmp_path / "run", uninterrupted)


def test_an_interrupted_sweep_goes_on(tmp_path, uninterrupted):
    epochs = []

    def pressed(config, run):
        for row in decay(config, run):
            epochs.append(row)
            if len(epochs) == 9:
                os.kill(os.getpid(), signal.SIGINT)
            yield row

    with pytest.raises(sweeps.Interrupted):
        sweeps.run(pressed, **SWEEP, out=tmp_path / "run", serial=True, progress=False)
    assert [e.how for e in LogReader(tmp_path / "run" / "log") if isinstance(e, SweepEnded)] == [
        "interrupted"
    ]
    with pytest.raises(sweeps.BadInput, match="has changed since"):
        resume(tmp_path / "run")
    resume(tmp_path / "run", changed_code=True)
    assert_same_sweep(tmp_path / "run", uninterrupted)


class _Totals(Silent):
    """Keeps how a sweep stands at the end."""

    def finished(self, progress):
        self.last = progress


def test_progress_after_a_resume_counts_the_time_of_all_processes(tmp_path):
    """Epochs of all processes over the seconds of one would be a pace that nothing trains at."""
    sweeps.run(decay, **SWEEP, out=tmp_path / "run", serial=True, progress=False)
    first = [event.time for event in LogReader(tmp_path / "run" / "log")]
    totals = _Totals()
    resume_sweep(tmp_path / "run", train=decay, serial=True, observer=totals, overrides=["trials=13"])
    second = [event.time for event in LogReader(tmp_path / "run" / "log")][len(first) :]
    both = first[-1] - first[0] + second[-1] - second[0]
    assert totals.last.seconds >= 0.9 * both  # clocks of two kinds, and what comes before an event's time


def test_a_long_replay_tells_how_far_it_is(tmp_path, monkeypatch, uninterrupted):
    monkeypatch.setattr(sys.modules["sweeps.face.resume"], "_SAY_SECONDS", 0.0)
    observer = Notices()
    shutil.copytree(uninterrupted.path, tmp_path / "run")
    resume_sweep(tmp_path / "run", train=decay, serial=True, observer=observer)
    assert any(text.startswith("read 12 events") for text in observer.texts)
    assert any("7 of" in text and "decisions" in text for text in observer.texts)


def test_what_has_ended_is_not_trained_again(tmp_path):
    trained = []

    def counts(config, run):
        start = 0 if run.restore() is None else run.start
        for epoch in range(start, run.epochs):
            trained.append((str(config), run.seed, epoch))
            if len(trained) == 20:
                raise KeyboardInterrupt
            run.save({"epoch": np.array(epoch)})
            yield {"val_loss": config["rate"] + 1 / (epoch + 1)}

    with pytest.raises(KeyboardInterrupt):
        sweeps.run(counts, **SWEEP, out=tmp_path / "run", serial=True, progress=False)
    resume(tmp_path / "run", train=counts)
    again = {each for each in trained if trained.count(each) > 1}
    assert again  # those of the job that was in training
    assert {each[:2] for each in again} == {trained[19][:2]}


def test_a_full_disk_is_waited_for(tmp_path, monkeypatch, uninterrupted):
    disk = FullDisk(monkeypatch, 40_000)

    def free(text):
        if "the log cannot be written" in text:
            disk.room = 10**9

    observer = Notices(free)
    execute(plan_of(decay, **SWEEP), out=tmp_path / "run", serial=True, observer=observer)
    assert any("No space left" in text for text in observer.texts)
    assert any("can be written again" in text for text in observer.texts)
    assert_same_sweep(tmp_path / "run", uninterrupted)


def test_a_disk_that_stays_full_ends_the_sweep_so_that_it_can_be_resumed(
    tmp_path, monkeypatch, uninterrupted
):
    with pytest.MonkeyPatch.context() as patch:
        FullDisk(patch, 40_000)
        patch.setattr("sweeps.sweep.disk_watch._WAIT_SECONDS", 0.0)
        with pytest.raises(sweeps.LogLost, match="caviar resume"):
            sweeps.run(decay, **SWEEP, out=tmp_path / "run", serial=True, progress=False)
    resume(tmp_path / "run")
    assert_same_sweep(tmp_path / "run", uninterrupted)


def test_a_run_directory_that_is_removed_ends_the_sweep_at_once(tmp_path):
    def train(config, run):
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        yield {"val_loss": config["rate"]}

    with pytest.raises(sweeps.LogLost, match="has been removed"):
        sweeps.run(train, **SWEEP, out=tmp_path / "run", serial=True, progress=False)


@pytest.mark.parametrize("operation", ["append", "sync", "replace", "sync_folder", "create"])
@pytest.mark.parametrize("at", [11, *(pytest.param(at, marks=pytest.mark.slow) for at in (6, 18))])
def test_an_error_of_the_disk_once_costs_nothing(tmp_path, monkeypatch, uninterrupted, operation, at):
    failing_once(monkeypatch, operation, at=at)
    sweeps.run(decay, **SWEEP, out=tmp_path / "run", serial=True, progress=False)
    monkeypatch.undo()
    assert_same_sweep(tmp_path / "run", uninterrupted)
    assert sum(isinstance(event, JobsAsked) for event in LogReader(tmp_path / "run" / "log")) > 9


def test_a_process_that_was_overtaken_writes_no_more(tmp_path, monkeypatch):
    """Such as one on a machine that slept for an hour."""
    monkeypatch.setattr("sweeps.store.lease._BEAT_SECONDS", 0.0)
    log = tmp_path / "run" / "log"
    found = []

    def train(config, run):
        if not found:
            (log / "lease.json").write_text('{"host": "elsewhere", "pid": 1, "since": 0}')
            found.append([path.read_bytes() for path in sorted(log.glob("segment-*"))])
        yield {"val_loss": config["rate"]}

    with pytest.raises(sweeps.LogLost, match="has taken the sweep over"):
        sweeps.run(train, **SWEEP, out=tmp_path / "run", serial=True, progress=False)
    assert not any(isinstance(event, SweepEnded) for event in LogReader(log))


def test_code_whose_file_is_another_by_now_can_still_be_told_apart(tmp_path):
    """As of a page, or a module that is being edited: what stands there is no Python."""
    (tmp_path / "page.md").write_text('It is "so":\n\n    text = """\n')
    found = []
    for loss in (1.0, 2.0):
        names: dict[str, object] = {}
        exec(compile(f"def train(config, run):\n    return {loss}\n", tmp_path / "page.md", "exec"), names)  # noqa: S102
        found.append(fingerprint_of_code(names["train"]))
    assert found[0] != found[1]
