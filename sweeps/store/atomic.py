"""Files that are whole or absent, whatever dies when, and whoever else may write in their folder."""

from __future__ import annotations

import io
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from sweeps.store import files


def write_atomically(path: Path, write: Callable[[BinaryIO], None], durable: bool = True) -> None:
    """Write a file that readers see whole or not at all, in place of the one at `path` if there is one.

    The bytes go to a new file beside it whose name cannot be guessed and starts with a dot, so readers of
    tables skip it; then it is moved into place. A symbolic link at `path` is replaced, never followed.
    The file gets the permissions that the umask leaves, as if it had been opened in the usual way.

    Args:
        path: the file. Its folder must exist.
        write: writes the contents to the open file that it is given, from front to back.
        durable: whether the file must survive a power cut once this returns.

    Raises:
        OSError: the file cannot be written; what was at `path` is unchanged, and nothing is left beside it.
            An exception of `write` has the same effect.

    Example:
        A table's part, durable once it returns::

            write_atomically(folder / "part-00000.parquet", lambda file: pq.write_table(table, file))
    """
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(16)}.tmp")
    descriptor = files.create(temporary)
    try:
        try:
            with io.BufferedWriter(_Appended(descriptor)) as file:
                write(cast(BinaryIO, file))
            if durable:
                files.sync(descriptor)
        finally:
            files.close(descriptor)
        files.replace(path, temporary)
    except BaseException:
        with suppress(OSError):
            files.remove(temporary)
        raise
    if durable:
        files.sync_folder(path.parent)


def write_bytes(path: Path, content: bytes, durable: bool = True) -> None:
    """`write_atomically` of a content that is at hand."""

    def write(file: BinaryIO) -> None:
        file.write(content)

    write_atomically(path, write, durable)


def write_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Write a folder that readers see whole or not at all, in place of the one at `path` if there is one.

    Args:
        path: The folder. The one above it must exist.
        fill: Writes what is in it to the empty folder that it is given.

    Raises:
        OSError: It cannot be written; what was at `path` is unchanged, and nothing is left beside it. An
            exception of `fill` has the same effect.
    """
    new = path.with_name(f".{path.name[:100]}.{secrets.token_hex(16)}.tmp")
    old = new.with_suffix(".old")
    files.make_folder(new)
    try:
        fill(new)
        if path.exists():
            files.replace(old, path)
        files.replace(path, new)
    finally:
        if old.exists() and not path.exists():
            files.replace(path, old)
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)


class _Appended(io.RawIOBase):
    """An open file that can only grow."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        return files.append(self._descriptor, bytes(content))
