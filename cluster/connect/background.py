"""Ray in a process of its own, so that a sweep need not wait for its start, nor for its end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

import ray

from cluster.connect.ray_here import keep_here
from sweeps.execution import traceback_text
from sweeps.execution.process import spawn

_leaving: list[subprocess.Popen[bytes]] = []  # that are ending; nobody waits for them


class Head:
    """Starts Ray on this machine; the process ends, and Ray with it, when `close` is called or this one ends.

    Args:
        cpus: That it has for workers.
    """

    def __init__(self, cpus: int) -> None:
        self._process, self._connection = spawn("cluster.connect.background", str(cpus))

    def address(self) -> str | None:
        """Where it is; None while it starts.

        Raises:
            RuntimeError: It cannot be started, or has died.
        """
        if not self._connection.poll():
            return None
        try:
            address, error = self._connection.recv()
        except (EOFError, OSError):
            address, error = "", "its process has ended"
        if error:
            raise RuntimeError(f"Ray could not be started: {error}")
        return str(address)

    def close(self) -> None:
        """Have it end."""
        self._connection.close()
        _leaving[:] = [each for each in (*_leaving, self._process) if each.poll() is None]


def serve(connection: Connection, start: Callable[[], str]) -> None:
    """Say over the pipe where Ray is, or why not, and wait until it closes."""
    try:
        address, error = start(), ""
    except BaseException as raised:
        address, error = "", traceback_text(raised)
    with suppress(EOFError, OSError):
        connection.send((address, error))
        connection.recv()


def main() -> None:
    """The program of that process: its arguments are the number of its pipe, and that of CPUs."""

    def start() -> str:
        keep_here(int(sys.argv[2]))
        return str(ray.get_runtime_context().gcs_address)

    try:
        serve(Connection(int(sys.argv[1])), start)
    finally:
        ray.shutdown()
