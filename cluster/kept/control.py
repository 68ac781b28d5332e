"""Starts, looks at and ends the cluster that is kept between sweeps: `caviar cluster`."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.connect.ray_here import usable_cpus
from cluster.kept.processes import end
from cluster.kept.state import KeptCluster, find_kept, forget, read_kept, state_folder
from cluster.kept.usage import Usage, usage_of
from sweeps.errors import BadInput, in_words, last_line
from sweeps.execution.trainables.modules import is_installed, is_private

_LOOK_SECONDS = 0.1
_END_SECONDS = 20.0  # so long Ray may take to end its processes


def start(cpus: int | None = None) -> tuple[KeptCluster, bool]:
    """Start a cluster that outlives this process, unless one runs.

    Args:
        cpus: How many workers it has room for; by default one for each CPU that this process may use.

    Returns:
        The cluster, and whether it was started just now.

    Raises:
        BadInput: Others can write to the folder of its note.
        ChildProcessError: Ray could not be started.
    """
    with _alone():
        _clear_up()
        if (kept := find_kept()) is not None:
            return kept, False
        return _started(cpus or usable_cpus()), True


def status() -> tuple[KeptCluster, Usage | BadInput] | None:
    """The cluster that runs, and who uses it, or why it does not say; None where none runs."""
    _clear_up()
    if (kept := find_kept()) is None:
        return None
    try:
        return kept, usage_of(kept)
    except BadInput as error:
        return kept, error


def stop(force: bool = False) -> KeptCluster | None:
    """End the cluster, and none but the processes that `start` has started.

    Args:
        force: Whether to end it under those who use it.

    Returns:
        The cluster that was ended; None where none ran.

    Raises:
        BadInput: A sweep, or another program, uses it.
    """
    found = status()
    if found is None:
        return None
    kept, usage = found
    if isinstance(usage, Usage) and usage.users and not force:
        raise _in_use(kept, usage)
    end([kept.head], _END_SECONDS)
    end(kept.processes, _END_SECONDS)
    forget(kept)
    return kept


def _clear_up() -> None:
    """Forget a cluster whose process has ended, however it has, and end what that may have left."""
    kept = read_kept()
    if kept is not None and not kept.head.runs:
        end(kept.processes, _END_SECONDS)
        forget(kept)


def _in_use(kept: KeptCluster, usage: Usage) -> BadInput:
    who = ", ".join(f"process {user.pid} ({in_words(user.command)})" for user in usage.users)
    fix = "wait until it has ended, or stop it (`caviar stop DIR`); --force ends the cluster under it"
    return BadInput("cluster", kept.address, f"is used by {who}", fix)


def _started(cpus: int) -> KeptCluster:
    log = state_folder() / "cluster.log"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(log, flags, 0o600), "wb") as output:
        head = subprocess.Popen(  # noqa: S603 - no text of others
            [sys.executable, "-P", "-m", "cluster.kept.head", str(cpus)],
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # neither Ctrl-C nor the terminal's end reaches it
        )
    return _ready(head, log)


def _environment() -> dict[str, str]:
    """This process's, without the modules of a single sweep; workers hear of those from each sweep."""
    kept = {**os.environ, "PYTHONPATH": ""}
    root = str(Path(__file__).absolute().parents[2])
    return kept if is_installed(root) else {**kept, "PYTHONPATH": root}


def _ready(head: subprocess.Popen[bytes], log: Path) -> KeptCluster:
    try:
        while (kept := find_kept()) is None or kept.head.pid != head.pid:
            if head.poll() is not None:
                why = last_line(log.read_text(errors="replace")) or f"it ended with code {head.returncode}"
                raise ChildProcessError(f"Ray could not be started: {why}\n  all it said is in {log}")
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        head.terminate()
        head.wait()
        raise
    return kept


@contextmanager
def _alone() -> Iterator[None]:
    """In the folder of the note, while no other process starts a cluster."""
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_private(folder):
        raise BadInput("folder", str(folder), "can be written to by others", f"chmod go-w {folder}")
    with (folder / "cluster.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
