"""The operations on files that a sweep's durability rests on, each a plain function.

All writing of a run directory passes through here, so that a test can put another disk in place: one that
is full, that fails once, or that loses whatever was not synced.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

# O_EXCL opens nothing that is there, be it a file or a link that somebody laid in the way.
_EXCLUSIVE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def create(path: Path) -> int:
    """Make a file that is not there yet and open it for writing; with the permissions that the umask leaves.

    Returns:
        Its descriptor.

    Raises:
        FileExistsError: Something of that name is there.
    """
    return os.open(path, _EXCLUSIVE, 0o666)


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading. A pipe or a device, which may have no end, is refused without waiting.

    Raises:
        OSError: It cannot be read, or is no plain file.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("is not a plain file")
    return os.fdopen(descriptor, "rb")


def append_to(path: Path, content: bytes) -> None:
    """Write at the end of a file, which is made if it is not there; a link in its place is not followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    try:
        append_all(descriptor, content)
    finally:
        os.close(descriptor)


def append(descriptor: int, content: bytes) -> int:
    """Write at the end; returns how many bytes of the content were taken, which may be fewer."""
    return os.write(descriptor, content)


def truncate(descriptor: int, size: int) -> None:
    """Cut the file to this size and write on from there."""
    os.ftruncate(descriptor, size)
    os.lseek(descriptor, size, os.SEEK_SET)


def sync(descriptor: int) -> None:
    """Make what was written survive a power cut."""
    os.fsync(descriptor)


def close(descriptor: int) -> None:
    """Let go of an open file."""
    os.close(descriptor)


def replace(path: Path, by: Path) -> None:
    """Put the file `by` in the place of `path`, whole, at once."""
    by.replace(path)


def remove(path: Path) -> None:
    """Remove a file; no error where there is none."""
    path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it.

    Raises:
        FileExistsError: Something of that name is there.
    """
    path.mkdir(parents=True)


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append_all(descriptor: int, content: bytes) -> None:
    """`append` until all is written.

    Raises:
        OSError: There is no room, or the disk fails; a part may have been written.
    """
    written = append(descriptor, content)
    while written < len(content):
        written += append(descriptor, content[written:])
