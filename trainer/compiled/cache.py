"""Where machine code is kept between processes, and who compiles when several start at once.

numba keys its own cache by the file of the function that is called, and does not see that a function which
that one calls has changed. Here the folder's name has a hash of all kernels and versions, and of where the
files lie and since when, by which numba itself tells what it has compiled; it adds the CPU. What is kept are
pickles, so nobody but their owner may write there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

_KEPT = 90 * 24 * 3600  # seconds
_DEPENDS = ("numba", "llvmlite", "numpy", "scipy")


@cache
def cache_folder() -> Path | None:
    """A private folder for these kernels; None where there is no place for one."""
    parent = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "caviar"
    folder = parent / f"kernels-{_fingerprint()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = all(_only_ours(each) for each in (parent, folder))
    except OSError:
        return None
    return folder if own and os.access(folder, os.W_OK) else None


def is_compiled(kind: str) -> bool:
    """Whether the kernels for a kind of arrays are in the folder, or run as Python."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return True
    folder = cache_folder()
    return folder is not None and (folder / f"{kind}.ready").exists()


@contextmanager
def compiling(kind: str) -> Iterator[None]:
    """While the kernels for a kind of arrays are compiled or loaded: one process compiles, others wait."""
    folder = cache_folder()
    if folder is None or is_compiled(kind):
        yield
        return
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        with suppress(OSError):
            (folder / f"{kind}.ready").touch()
        _forget_old(folder.parent)


def _forget_old(parent: Path) -> None:
    """Remove what other versions compiled long ago; one that is still used compiles again."""
    for folder in parent.glob("kernels-*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _KEPT:
                shutil.rmtree(folder)


def _only_ours(folder: Path) -> bool:
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def _fingerprint() -> str:
    known = hashlib.sha256(repr((sys.version, [version(name) for name in _DEPENDS])).encode())
    for file in sorted(Path(__file__).resolve().parent.glob("*.py")):
        known.update(f"{file}{file.stat().st_mtime_ns}".encode() + file.read_bytes())
    return known.hexdigest()[:16]
