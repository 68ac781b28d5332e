"""`caviar report` as its user meets it."""

import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from sweeps.command import main


@pytest.fixture
def caviar(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["caviar", "report", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, *capsys.readouterr()

    return run


def test_it_writes_the_file_and_says_where(caviar, swept, tmp_path):
    code, out, error = caviar(swept, "--out", tmp_path / "r.html")
    assert (code, error) == (0, "")
    assert out.strip() == f"wrote {tmp_path / 'r.html'}"
    assert (tmp_path / "r.html").stat().st_size < 15e6


def test_mistakes_have_exit_code_two_and_no_traceback(caviar, swept, tmp_path):
    for given, says in (
        ([tmp_path], "holds no sweep"),
        ([swept, "--port", 80], "--serve alone"),
        ([swept, "--serve", "--out", tmp_path / "r.html"], "not written with --serve"),
    ):
        code, _, error = caviar(*given)
        assert code == 2
        assert says in error
        assert "Traceback" not in error


@pytest.fixture
def interruptible():
    """What is started from here hears of SIGINT, also where these tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_interrupted(swept, interruptible, sent):
    command = [sys.executable, "-m", "sweeps", "report", str(swept), "--serve"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            url = re.search(r"http://\S+", process.stdout.readline())[0]
            with urllib.request.urlopen(url) as answer:  # noqa: S310  # it begins with http:
                assert b"<section" in answer.read()
            process.send_signal(sent)
            assert process.wait(60) == 0
        finally:
            process.kill()
