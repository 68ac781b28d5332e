"""A clock that moves only when it is told to, in place of `time` in the modules of a sweep."""

import importlib

_MODULES = (
    "sweeps.face.execute",
    "sweeps.face.resume",
    "sweeps.interrupt",
    "sweeps.store.lease",
    "sweeps.store.log",
    "sweeps.store.requests",
    "sweeps.store.run_directory",
    "sweeps.sweep.disk_watch",
    "sweeps.sweep.endings",
    "sweeps.sweep.limits",
    "sweeps.sweep.loop",
    "sweeps.sweep.replay",
)


class Clock:
    """Stands for the module `time` there; what it does not have, no sweep may use.

    Attributes:
        on_sleep: Called when a sweep sleeps.
    """

    def __init__(self, monkeypatch):
        self._now, self._ahead = 1000.0, 1.7e9
        self.on_sleep = lambda: None
        for name in _MODULES:
            monkeypatch.setattr(importlib.import_module(name), "time", self)

    def monotonic(self):
        return self._now

    def time(self):
        return self._now + self._ahead

    def pass_by(self, seconds):
        self._now += seconds

    def sleep(self, seconds):
        self.pass_by(seconds)
        self.on_sleep()

    def jump(self, seconds):
        """Somebody sets the machine's clock."""
        self._ahead += seconds

    @staticmethod
    def strftime(form, when):
        return form

    @staticmethod
    def localtime(seconds):
        return seconds
