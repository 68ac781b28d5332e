"""Signals: what stops a sweep, what it leaves behind, and what a trainable's own children make of them."""

import math
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import sweeps
from sweeps.interrupt import StopFlag, stop_on_signal

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1]
SPEC = """\
trainable: mine:train
trials: 500
epochs: 3
finalists: false
space: {x: {uniform: [0, 1]}}
"""
MINE = """\
import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

PARENT = %s


def train(config, run):
    for _ in range(run.start, run.epochs):
        yield {"val_loss": config["x"]}
        if config["x"] > 0.5:
            %s
"""
IMPORTS = """
import os, signal, sys

class PressesCtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, PressesCtrlC())
from sweeps.command import main
main()
"""


@contextmanager
def handled(number, handler):
    """A signal has this handler while inside."""
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.fixture(autouse=True)
def hangups_count():
    """As in a terminal: `nohup` has its children pass them over."""
    with handled(signal.SIGHUP, signal.SIG_DFL):
        yield


def python(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_sets_the_flag_and_the_second_ends_the_step(number):
    with stop_on_signal() as stop:
        os.kill(os.getpid(), number)
        assert stop
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        for _ in range(5):  # an impatient finger does not keep the tables from being closed
            os.kill(os.getpid(), number)


def test_signals_do_not_disturb_the_closing_of_tables():
    with stop_on_signal() as stop:
        stop.closing()
        for number in SIGNALS * 2:
            os.kill(os.getpid(), number)
        stop._closing_since -= 60
        with pytest.raises(KeyboardInterrupt):  # a closing that hangs can be ended all the same
            os.kill(os.getpid(), signal.SIGINT)


def test_a_hangup_that_is_ignored_stays_ignored():
    with handled(signal.SIGHUP, signal.SIG_IGN), stop_on_signal() as stop:
        os.kill(os.getpid(), signal.SIGHUP)
        assert not stop


def test_a_sigusr1_that_somebody_handles_stays_theirs():
    heard = []
    with handled(signal.SIGUSR1, lambda number, frame: heard.append(number)), stop_on_signal() as stop:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert not stop
    assert heard == [signal.SIGUSR1]


def test_outside_the_main_thread_no_handler_is_set():
    import threading

    flags = []
    thread = threading.Thread(target=lambda: flags.append(StopFlag().listen()))
    thread.start()
    thread.join()
    assert flags == [None]


def test_a_forked_child_has_the_handlers_from_before_the_sweep():
    # Ray's own is there, where another test has started it.
    with handled(signal.SIGTERM, signal.SIG_DFL), stop_on_signal() as stop:
        child = os.fork()
        if child == 0:
            try:
                signal.pause()
            finally:
                os._exit(0)
        os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGTERM
    assert not stop


def test_pools_in_a_trainable_end(run):
    """So many that a signal reaches a child at each moment of its start."""

    def train(config, run):
        for _ in range(10):
            with multiprocessing.get_context("fork").Pool(2) as pool:
                total = sum(pool.map(math.sqrt, [0, 0]))
        return config["x"] + total

    result = run(train, space={"x": sweeps.Uniform(0, 1)}, trials=3)
    assert result.trials["objective"].notna().all(), result.trials["error"].tolist()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("kind", ["--serial", "--workers=1"])
def test_a_signal_stops_the_command(tmp_path, kind, number):
    """Sent again and again; no trial is left in training, and no process of Ray."""
    if kind != "--serial" and number != signal.SIGTERM:
        pytest.skip("the others take the same way as SIGTERM, and Ray takes seconds to start")
    send = f"[os.kill(PARENT, {int(number)}) or time.sleep(0.02) for _ in range(9)]; time.sleep(60)"
    if kind == "--serial":
        send = f"[os.kill(PARENT, {int(number)}) for _ in range(2)]"
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "mine.py").write_text(MINE % ('int(Path("pid").read_text())', send))
    code = "import os; open('pid', 'w').write(str(os.getpid())); from sweeps.command import main; main()"
    done = python(tmp_path, "-c", code, "run", "spec.yaml", kind, "--out", "out")
    assert done.returncode == 128 + number, done.stderr
    assert "Traceback" not in done.stderr
    assert "caviar: interrupted" in done.stderr
    status = set(sweeps.load(tmp_path / "out").trials["status"])
    assert "interrupted" in status
    assert "running" not in status
    deadline = time.monotonic() + 60  # Ray's processes may need a moment to end
    while left := [path for path in Path("/proc").glob("[0-9]*/cwd") if _points_to(path, tmp_path)]:
        assert time.monotonic() < deadline, left


def _points_to(path, folder):
    try:
        return path.resolve() == folder.resolve()
    except OSError:
        return False


def test_ctrl_c_in_the_first_second_has_no_traceback(tmp_path):
    done = python(tmp_path, "-c", IMPORTS, "run", "spec.yaml")
    assert done.returncode == 130
    assert done.stderr == "caviar: interrupted\n"


def test_no_help_text_waits_for_what_plans_sweeps(tmp_path):
    heavy = {"pandas", "pyarrow", "scipy", "numba", "ray"}
    code = f"import sys, sweeps.command.app; print({heavy} & set(sys.modules))"
    assert python(tmp_path, "-c", code).stdout == "set()\n"


def test_the_package_is_light_until_it_is_used(tmp_path):
    code = "import sys, sweeps, sweeps.command; print({'pandas', 'typer', 'scipy'} & set(sys.modules))"
    assert python(tmp_path, "-c", code).stdout == "set()\n"
    assert "run" in dir(sweeps)
    with pytest.raises(AttributeError, match="no attribute 'rnu'"):
        _ = sweeps.rnu
