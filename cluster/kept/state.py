"""The note of the cluster that `caviar cluster start` has started: where it is, and its processes."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cluster.kept.processes import Process
from sweeps.execution.trainables.modules import is_private
from sweeps.store.atomic import write_bytes

_LONGEST = 1 << 16  # bytes


@dataclass(frozen=True)
class KeptCluster:
    """A cluster on this machine that outlives sweeps.

    Attributes:
        address: Where it is joined.
        dashboard: Where a browser finds it, "" without one.
        cpus: How many workers it has room for.
        head: The process that started all others, and ends them when it is told to.
        processes: Those others.
        ray, python: The versions it runs.
        prefix: Where its Python has its packages.
        since: When it was started, in seconds since 1970.
    """

    address: str
    dashboard: str
    cpus: int
    head: Process
    processes: Sequence[Process]
    ray: str
    python: str
    prefix: str
    since: float = field(default_factory=time.time)


def find_kept() -> KeptCluster | None:
    """The cluster that runs, as far as its process tells; None where there is none."""
    kept = read_kept()
    return kept if kept is not None and kept.head.runs else None


def read_kept() -> KeptCluster | None:
    """The cluster that was noted last, which may have ended; None where nothing, or nonsense, is noted."""
    try:
        if not is_private(state_folder()):
            return None
        with note().open("rb") as file:
            form = json.loads(file.read(_LONGEST))
        head, processes = Process(**form.pop("head")), [Process(**each) for each in form.pop("processes")]
        return KeptCluster(**form, head=head, processes=processes)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError):  # the last: no home
        return None


def write_kept(kept: KeptCluster) -> None:
    """Note it, for this user's eyes only where the umask says so."""
    write_bytes(note(), json.dumps(asdict(kept), indent=2).encode())


def forget(kept: KeptCluster) -> None:
    """Remove the note, unless another cluster has been noted since."""
    if read_kept() == kept:
        with suppress(OSError):
            note().unlink()


def note() -> Path:
    """The note's file. Several machines may share the folder."""
    return state_folder() / f"cluster-{socket.gethostname()}.json"


def state_folder() -> Path:
    """This user's folder for what outlives a process; it may not be there yet."""
    given = os.environ.get("XDG_STATE_HOME", "")
    parent = Path(given) if given.startswith("/") else Path("~/.local/state").expanduser()
    return parent / "caviar"
