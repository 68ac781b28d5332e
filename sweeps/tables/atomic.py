"""Files that are whole or absent, whatever dies when."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: Path, write: Callable[[Path], None], durable: bool = True) -> None:
    """Let `write` fill a temporary dot-file (readers of tables skip those), then move it into place.

    durable: whether the file must survive a power cut once this returns.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    write(temporary)
    if durable:
        _sync(temporary)
    temporary.replace(path)
    if durable:
        _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
