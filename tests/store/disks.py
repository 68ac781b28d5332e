"""Disks that fail: each puts itself in the place of `sweeps.store.files`, and works on real files."""

import errno
import os

from sweeps.store import files

OPERATIONS = ("create", "append", "truncate", "sync", "replace", "remove", "make_folder", "sync_folder")


class Died(BaseException):
    """The process is gone: nothing that it would do on its way out reaches the disk."""


class DiskOfADyingProcess:
    """Lets so many operations happen; the next one, and all after it, never do.

    With `power`, the machine dies too: of each file, what was appended since its last sync is gone, but for a
    part of it.
    """

    def __init__(self, monkeypatch, operations, power=False):
        self._left, self._power = operations, power
        self._paths, self._synced, self._size = {}, {}, {}
        self.done = []
        for name in OPERATIONS:
            monkeypatch.setattr(files, name, self._wrapped(name, getattr(files, name)))

    def _wrapped(self, name, real):
        def operation(*arguments):
            if self._left <= 0:
                self._left = 0
                raise Died(name)
            self._left -= 1
            self.done.append(name)
            result = real(*arguments)
            self._note(name, arguments, result)
            return result

        return operation

    def _note(self, name, arguments, result):
        if name == "create":
            self._paths[result] = arguments[0]
            self._synced[arguments[0]] = 0
        elif name == "sync" and arguments[0] in self._paths:
            self._synced[self._paths[arguments[0]]] = os.fstat(arguments[0]).st_size
        elif name == "replace":
            to, by = arguments
            self._synced[to] = self._synced.pop(by)

    def cut_power(self, keep=0.5):
        """Lose what was not synced."""
        for path, synced in self._synced.items():
            if path.exists():
                os.truncate(path, synced + int((path.stat().st_size - synced) * keep))


class FullDisk:
    """Has room for so many bytes more; `free` gives it room again."""

    def __init__(self, monkeypatch, room):
        self.room = room
        real = files.append

        def append(descriptor, content):
            taken = min(len(content), self.room)
            if not taken:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.room -= taken
            return real(descriptor, content[:taken])

        monkeypatch.setattr(files, "append", append)


def failing_once(monkeypatch, name, error=errno.EIO, at=1):
    """The `at`-th call of an operation fails; the others work."""
    real, calls = getattr(files, name), []

    def operation(*arguments):
        calls.append(arguments)
        if len(calls) == at:
            raise OSError(error, os.strerror(error))
        return real(*arguments)

    monkeypatch.setattr(files, name, operation)
    return calls
