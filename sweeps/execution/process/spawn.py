"""Starts a Python process that talks to this one over a pipe."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from multiprocessing.connection import Connection

_PROGRAM = "import sys; sys.path[:] = {path!r}; from {module} import main; main()"


def spawn(
    module: str, *arguments: str, threads: int | None = None
) -> tuple[subprocess.Popen[bytes], Connection]:
    """Run a module's `main` in a fresh process; returns that, and our end of the pipe.

    The number of its own end is the program's first argument. The process is in a session of its own, so that
    a Ctrl-C reaches the sweep alone; when the sweep is gone its pipe closes, and it is to end, too.

    Args:
        module: Where `main` is.
        arguments: Of the program.
        threads: How many libraries that are built with OpenMP may use; None for their own choice.
    """
    ours, theirs = socket.socketpair()
    program = _PROGRAM.format(path=sys.path, module=module)
    few = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    with theirs:
        process = subprocess.Popen(  # noqa: S603  # this very Python, with a program of our own
            [sys.executable, "-c", program, str(theirs.fileno()), *arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**few, **os.environ},
            start_new_session=True,
        )
    return process, Connection(ours.detach())
