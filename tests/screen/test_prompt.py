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

# Waits in its third epoch until it may go on, and is slow until it is nudged.
TRAIN = """
import time

def train(config, run):
    run.restore()
    for epoch in range(run.start, run.epochs):
        if epoch == 2:
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
            os.execv(sys.executable, [sys.executable, "-m", "sweeps", *arguments])  # noqa: S606
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
    terminal.until(lambda text: "asked; it is taken in at the end of the epoch" in text)
    gate.write_text("")
    assert terminal.ended() == 0
    (change,) = sweeps.load(tmp_path / "p").changes.to_dict("records")
    assert (change["before"], change["after"], change["reason"]) == ("0.1", "0.05", "by hand")
