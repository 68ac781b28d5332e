"""Files that are whole or absent, whatever dies when, and whoever else may write in their folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

# O_EXCL opens nothing that is there, be it a file or a link that somebody laid in the way.
_EXCLUSIVE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def write_atomically(path: Path, write: Callable[[BinaryIO], None], durable: bool = True) -> None:
    """Write a file that readers see whole or not at all, in place of the one at `path` if there is one.

    The bytes go to a new file beside it whose name cannot be guessed and starts with a dot, so readers of
    tables skip it; then it is moved into place. A symbolic link at `path` is replaced, never followed.
    The file gets the permissions that the umask leaves, as if it had been opened in the usual way.

    Args:
        path: the file. Its folder must exist.
        write: writes the contents to the open file that it is given. It may seek, and need not close it.
        durable: whether the file must survive a power cut once this returns.

    Raises:
        OSError: the file cannot be written; what was at `path` is unchanged, and nothing is left beside it.
            An exception of `write` has the same effect.

    Example:
        A table's part, durable once it returns::

            write_atomically(folder / "part-00000.parquet", lambda file: pq.write_table(table, file))
    """
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(16)}.tmp")
    descriptor = os.open(temporary, _EXCLUSIVE, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
