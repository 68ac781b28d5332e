"""Lines typed below the picture of a panda: keys, and the command in a real terminal."""

import json
import os
import pty
import re
import select
import signal
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

import sweeps
from sweeps.screen.prompt import Line

# Waits in its third epoch, and in its 401st, until it may go on, and is slow until it is nudged.
TRAIN = """
import time

def train(config, run):
    run.restore()
    for epoch in range(run.start, run.epochs):
        if epoch in (2, 400):
            open({gate!r}).read()
        time.sleep(0.02 if config["rate"] == 0.1 else 0)
        run.save(epoch)
        yield {{"val_loss": config["rate"] / (epoch + 1)}}
"""
_STYLES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
SECONDS = 120


@pytest.mark.parametrize(
    ("keys", "lines", "rest"),
    [
        ("l2=*2\r", ["l2=*2"], ""),
        ("l2=*2\nresume\nsug", ["l2=*2", "resume"], "sug"),
        ("ab\x7f\x7f\x7fc", [], "c"),
        ("learning_rate=1 l2=3\x17\x17x", [], "x"),
        ("l2=*2\x15pause\r", ["pause"], ""),
        ("a\x1b[Db\x1b[1;5Cc\x1bOPd\r", ["abcd"], ""),
        ("a\tb\x00\x04c", [], "abc"),
        ("\r\n  \r", [], ""),
        ("größe=2\r", ["größe=2"], ""),
    ],
)
def test_keys_make_lines(keys, lines, rest):
    line = Line()
    assert line.take(keys) == lines
    assert line.text == rest


def test_a_line_has_an_end():
    line = Line()
    line.take("x" * 100_000)
    assert len(line.text) == 1_000


class Terminal:
    """A process with a terminal of its own, and what it has written there so far."""

    def __init__(self, arguments, folder):
        self.text = ""
        self.pid, self.main = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ |= {"TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2])}
            program = arguments if arguments[0] == "-c" else ["-m", "sweeps", *arguments]
            os.execv(sys.executable, [sys.executable, *program])  # noqa: S606
        termios.tcsetwinsize(self.main, (40, 110))

    def until(self, met):
        """Reads on until this is so."""
        end = time.monotonic() + SECONDS
        while not met(_STYLES.sub("", self.text)):
            assert time.monotonic() < end, self.text[-3000:]
            if select.select([self.main], [], [], 0.2)[0]:
                self.text += os.read(self.main, 65536).decode(errors="replace")

    def type(self, keys):
        self.text = ""
        os.write(self.main, keys.encode())

    def ended(self):
        """The exit code."""
        try:
            self.until(lambda text: False)
        except OSError:  # Linux's way to say that the other side is closed
            return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        finally:
            os.close(self.main)


@pytest.fixture
def terminal(tmp_path, gate):
    found = Terminal(["panda", "p.yaml", "--out", "p"], tmp_path)
    yield found
    with suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGKILL)


@pytest.fixture
def gate(tmp_path):
    """What the trainable of p.yaml waits for in its third epoch."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    (tmp_path / "own.py").write_text(TRAIN.format(gate=str(gate)))
    spec = {"trainable": "own:train", "space": {"rate": 0.1}, "epochs": 400, "metric": "val_loss"}
    (tmp_path / "p.yaml").write_text(json.dumps(spec))
    return gate


def test_a_line_typed_below_the_picture_is_a_nudge(tmp_path, gate, terminal):
    terminal.until(lambda text: "nudge: learning_rate=/3" in text)
    assert not termios.tcgetattr(terminal.main)[3] & termios.ECHO
    terminal.type("rate=up\r")
    terminal.until(lambda text: "rate" in text and "fix" in text)
    terminal.type("keep\r")
    terminal.until(lambda text: "requires an argument" in text)
    terminal.type("rate=/3\x7f2 --reason 'by hand'\r")
    terminal.until(lambda text: "asked; it is taken in" in text or "goes on with rate 0.05" in text)
    gate.write_text("")
    assert terminal.ended() == 0
    (change,) = sweeps.load(tmp_path / "p").changes.to_dict("records")
    assert (change["before"], change["after"], change["reason"]) == ("0.1", "0.05", "by hand")
    resumed = Terminal(["resume", "p", "--set", "epochs=402"], tmp_path)
    resumed.until(lambda text: "nudge: learning_rate=/3" in text)
    gate.write_text("")
    assert resumed.ended() == 0


# A shell, as far as it matters: its job has the terminal, and loses it before it ends.
SHELL = """
import os, signal
from sweeps.screen.prompt import Prompt

signal.signal(signal.SIGTTOU, signal.SIG_IGN)
began, may_end = os.pipe(), os.pipe()
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    prompt = Prompt("nudge: ", "", str, lambda: None)
    prompt.start()
    os.write(began[1], b"x")
    os.read(may_end[0], 1)
    prompt.stop()
    os._exit(7)
os.read(began[0], 1)
os.tcsetpgrp(0, os.getpgrp())
os.write(may_end[1], b"x")
_, status = os.waitpid(job, os.WUNTRACED)
if os.WIFSTOPPED(status):
    os.kill(job, signal.SIGKILL)
os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)
"""


def test_in_the_background_it_ends_without_the_terminal(tmp_path):
    assert Terminal(["-c", SHELL], tmp_path).ended() == 7
