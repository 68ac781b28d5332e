"""What tests of the command line have in common."""

import sys

import pytest

from sweeps.command import main


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs the command in this process; returns its exit code, standard output and error output."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["caviar", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, *capsys.readouterr()

    return run
