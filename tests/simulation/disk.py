"""A disk in place of `sweeps.store.files` that fails as a seed says; what is written lies in real files."""

import errno
import os
from pathlib import Path

from sweeps.store import files
from tests.store.disks import OPERATIONS, Died

_MAY_FAIL = ("create", "append", "sync", "replace", "sync_folder")


class Disk:
    """Fails now and then, is full for a while, and ends with the process or the machine.

    Args:
        monkeypatch: Puts it in its place.
        rng: Decides; a `random.Random`.
        faulty: The probability that an operation fails.
        dies_at: After so many operations the process is gone; None for never.

    Attributes:
        full: Whether there is no room.
        logged: Whether all that the log was given last has been taken.
        on_sync: Called when the log has been synced.
    """

    def __init__(self, monkeypatch, rng, faulty=0.0, dies_at=None):
        self._rng, self._faulty, self._left = rng, faulty, dies_at
        self.full, self.dead, self.logged = False, False, True
        self.on_sync = lambda: None
        self._paths, self._synced = {}, {}  # of descriptors; bytes that a power cut leaves, of files
        self._replaced = {}  # what was there before, of names that are not durable yet
        for name in OPERATIONS:
            monkeypatch.setattr(files, name, self._wrapped(name, getattr(files, name)))

    def _wrapped(self, name, real):
        def operation(*arguments):
            self._live_on(name)
            if name == "append":
                return self._append(real, *arguments)
            self._fail(name, arguments[0])
            if name == "replace":
                self._note_replaced(*arguments)
            # A real sync is slow, and no power is cut here.
            result = None if name in ("sync", "sync_folder") else real(*arguments)
            self._note(name, arguments, result)
            return result

        return operation

    def _live_on(self, name):
        if self._left is not None:
            self._left -= 1
            self.dead = self.dead or self._left < 0
        if self.dead:
            raise Died(name)

    def _fail(self, name, place=None):
        """Raise if the operation fails."""
        error = None
        if name in _MAY_FAIL and self._rng.random() < self._faulty:
            error = errno.EIO
        elif self.full and name in ("create", "append"):
            error = errno.ENOSPC
        if error is not None:
            if isinstance(place, Path) and "log" in place.parts[-2:]:  # no segment can be begun
                self.logged = False
            raise OSError(error, os.strerror(error))

    def _append(self, real, descriptor, content):
        is_log = self._is_log(descriptor)
        self.logged = self.logged and not is_log
        self._fail("append")
        if len(content) > 1 and self._rng.random() < 10 * self._faulty:
            content = content[: self._rng.randrange(1, len(content))]  # a part of it is taken
            return real(descriptor, content)
        taken = real(descriptor, content)
        self.logged = self.logged or is_log
        return taken

    def _is_log(self, descriptor):
        return self._paths[descriptor].name.startswith("segment-")

    def _note_replaced(self, path, by):
        if path not in self._replaced:
            before = path.read_bytes()[: self._synced.get(path)] if path.exists() else None
            self._replaced[path] = before

    def _note(self, name, arguments, result):
        if name == "create":
            self._paths[result] = arguments[0]
            self._synced[arguments[0]] = 0
            self._replaced.setdefault(arguments[0], None)
        elif name == "sync" and arguments[0] in self._paths:
            path = self._paths[arguments[0]]
            self._synced[path] = path.stat().st_size if path.exists() else 0
            if self._is_log(arguments[0]):
                self.on_sync()
        elif name == "truncate":
            path = self._paths[arguments[0]]
            self._synced[path] = min(self._synced[path], arguments[1])
        elif name == "replace":
            to, by = arguments
            self._synced[to] = self._synced.pop(by)
            self._replaced.pop(by, None)
        elif name == "sync_folder":
            for path in [path for path in self._replaced if path.parent == arguments[0]]:
                del self._replaced[path]

    def cut_power(self):
        """Lose what was not synced: the ends of files, and names that no folder has for certain."""
        for path, synced in self._synced.items():
            if path.exists():
                left = path.stat().st_size - synced
                os.truncate(path, synced + self._rng.randint(0, max(left, 0)))
        for path, before in self._replaced.items():
            if self._rng.random() < 0.5 and path.exists():
                if before is None:
                    path.unlink()
                else:
                    path.write_bytes(before)
