"""One sweep's life, drawn from a seed: what is asked for, what fails and dies, and how it goes on."""

import importlib
import random
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

import sweeps
from sweeps.events import JobReported, SearchBegun
from sweeps.face import execute, resume_sweep
from sweeps.results.state import state_of
from sweeps.store import LogReader, request_stop
from sweeps.sweep.progress import Silent
from tests.simulation.clock import Clock
from tests.simulation.disk import Disk
from tests.simulation.workers import Workers
from tests.store.disks import Died
from tests.sweep.plans import plan_of

_FACE = importlib.import_module("sweeps.face.execute")
_SECONDS_WITHOUT_SYNC = 1.0 + 2 * 1.0  # a second, and the longest step before and after
_MOST_LIVES = 12


def loss(x, kind, seed, epoch):
    """What a trial reports at an epoch."""
    return (x - 0.3) ** 2 * (2 if kind == "b" else 1) + 1 / epoch + seed % 5


def fails(x):
    return x < 0.06


def diverges(x):
    return x > 0.94


def last_epoch(x, epochs):
    """How long a trial that neither fails nor diverges trains."""
    return min(3, epochs) if 0.5 < x < 0.56 else epochs


def train(config, run):
    """Its metrics are a function of config, seed and epoch; it notices a wrong checkpoint."""
    x, saved = config["x"], run.restore()
    assert (0 if saved is None else int(saved["epoch"])) == run.start
    for epoch in range(run.start + 1, last_epoch(x, run.epochs) + 1):
        if fails(x) and epoch > 1:
            raise ValueError("this one fails")
        run.save({"epoch": np.array(epoch)})
        value = loss(x, config["kind"], run.seed, epoch)
        row = {"val_loss": float("nan") if diverges(x) else value}
        yield row | ({"every_other": value} if epoch % 2 else {})


@dataclass
class World:
    """What happens to one sweep.

    Args:
        seed: Decides all of it.
        calm: Whether nothing fails or dies, and nothing is changed: for comparison.

    Attributes:
        changed: Whether the sweep was asked for something else in its life.
        lives: How many processes have worked on it.
        hopeless: Whether it was given up since all trials failed.
    """

    seed: int
    calm: bool = False
    lives: int = 0
    hopeless: bool = False
    changed: bool = False
    heard: int = 0  # epochs of which an event has told
    _synced: int = 0  # of these, those in the log when it was synced last
    _asked: dict[str, object] = field(default_factory=dict)

    def __post_init__(self):
        rng = random.Random(self.seed)
        self.spec = {
            "space": {"x": {"uniform": [0, 1]}, "kind": {"choice": ["a", "b"]}},
            "trials": rng.randint(1, 14),
            "epochs": rng.choice((1, 2, 4, 9)),
            "scheduler": rng.choice(("random", "sobol", "asha", "coarse_to_fine", "coarse_to_fine")),
            "finalists": {"top": rng.randint(1, 3), "seeds": rng.randint(1, 3)},
            "seed": rng.randrange(1000),
            "retries": rng.choice((0, 0, 1)),
            "deterministic": rng.random() < 0.5,
            "objective": rng.choice(("best", "last")),
            "workers": rng.randint(1, 4),
        }
        if rng.random() < 0.2:
            self.spec["limits"] = rng.choice(({"epochs": 20}, {"no_better": 4}, {"at": 0.5}))
        more = random.Random(f"{self.seed} start_with")  # the draws of known seeds stay as they are
        if more.random() < 0.2:
            self.spec["start_with"] = [self._measured(more) for _ in range(more.randint(1, 3))]
        self.faulty = 0.0 if self.calm else rng.choice((0.0, 0.01, 0.05))
        self._meddled = not self.calm and rng.random() < 0.5  # whether somebody asks for something else
        # Where in a job a limit ends the search depends on how often the job reports; not between waves.
        alone = self.spec["workers"] == 1 and not self.faulty and "limits" not in self.spec
        self.repeatable = self.spec["deterministic"] or alone
        self._rng = rng

    def _measured(self, rng):
        """A config that was measured elsewhere."""
        config = {"x": rng.random(), "kind": rng.choice(("a", "b"))}
        return {"config": config, "value": 5 * rng.random(), "epochs": rng.randint(1, 9)}

    def run(self, path: Path):
        """Live until the sweep is complete; returns its tables."""
        while not self._lived(path):
            self.lives += 1
            assert self.lives < 2 * _MOST_LIVES, "it never ends"
        return sweeps.load(path)

    def _lived(self, path):
        """One process's work on it; whether it came to its end."""
        peaceful = self.calm or self.lives > _MOST_LIVES
        with pytest.MonkeyPatch.context() as patch:
            clock = Clock(patch)
            dies_at = None if peaceful or self._rng.random() < 0.2 else self._operations()
            disk = Disk(patch, self._rng, 0.0 if peaceful else self.faulty, dies_at)
            disk.on_sync, clock.on_sleep = self._note_sync, self._free_or_fill
            self._clock, self._disk, self._last_sync = clock, disk, clock.monotonic()
            self._written = self.heard
            patch.setattr(_FACE, "_executor", self._executor(path, peaceful))
            try:
                self._work(path, peaceful)
                return True
            except sweeps.AllTrialsFailed:
                # One that is given up does not wait for room on a full disk: its log may lack the last word.
                self.hopeless = state_of(path).kind == "failed"
                if self.hopeless:
                    return True
            except (Died, sweeps.Interrupted, sweeps.LogLost, OSError):  # the last: it could not begin
                pass
        self._check_log(path, disk)
        return False

    def _operations(self):
        """How many operations on files a process lives for."""
        return 1 + int(self._rng.expovariate(1 / self._rng.choice((20, 60, 200))))

    def _work(self, path, peaceful):
        observer = Silent()
        if LogReader(path / "log").last(SearchBegun) is None:
            shutil.rmtree(path, ignore_errors=True)  # its process died before it had begun
            execute(plan_of(train, **self.spec), out=path, observer=observer, callbacks=[self._hear])
            return
        keys, retry = self._changes() if self._meddled and not peaceful else ({}, None)
        self.changed = self.changed or bool(keys or retry)
        self.spec |= keys
        self._asked |= keys  # again, since a process may have died before the log had it
        known = {"train": train, "observer": observer, "callbacks": [self._hear]}
        resume_sweep(path, keys=self._asked, retry=retry, **known)

    def _changes(self):
        """What is asked for anew by whoever resumes the sweep."""
        chance, spec = self._rng.random(), self.spec
        if chance < 0.08:
            return {"trials": spec["trials"] + self._rng.randint(1, 5)}, None
        if chance < 0.14:
            return {"epochs": spec["epochs"] + self._rng.randint(1, 5)}, None
        if chance < 0.18:
            return {"scheduler": self._rng.choice(("random", "asha", "coarse_to_fine"))}, None
        if chance < 0.22:
            return {}, "failed"
        if chance < 0.3:
            return {"workers": self._rng.randint(1, 4)}, None
        return {}, None

    @contextmanager
    def _running(self, workers):
        try:
            yield workers
        finally:
            workers.close()

    def _executor(self, path, peaceful):
        def executor(plan, *others):
            pressed = None if peaceful or self._rng.random() < 0.8 else self._rng.randint(1, 30)
            before_poll = (lambda: None) if peaceful else lambda: self._before_poll(path)
            faulty = 0.0 if peaceful else 10 * self.faulty
            return self._running(
                Workers(
                    plan.workload, plan.spec.workers, self._rng, self._clock, faulty, pressed, before_poll
                )
            )

        return executor

    def _hear(self, event):
        if isinstance(event, JobReported):
            self.heard += event.count

    def _before_poll(self, path):
        """Between the writing of the log and the next reports."""
        if self._disk.logged:
            self._written = self.heard
        waited = self._clock.monotonic() - self._last_sync
        if self._synced < self._written and not self.faulty:
            assert waited <= _SECONDS_WITHOUT_SYNC, f"not synced for {waited} s"
        if self.faulty and self._rng.random() < 0.05:
            self._free_or_fill()
        if self._meddled and self._rng.random() < 0.01:
            self.changed = True
            with suppress(OSError):
                request_stop(path, self._rng.randrange(self.spec["trials"]))

    def _free_or_fill(self):
        self._disk.full = not self._disk.full

    def _note_sync(self):
        self._synced, self._last_sync = self.heard, self._clock.monotonic()

    def _check_log(self, path, disk):
        """What the log must have: all that was written, or, where the power went too, all that was synced."""
        known = self._written
        if disk.dead and self._rng.random() < 0.4:
            known = min(self._synced, known)
            disk.cut_power()
        events = [event for event in LogReader(path / "log") if isinstance(event, JobReported)]
        have = sum(event.count for event in events)
        assert have >= known, f"{known} epochs were acknowledged, {have} are in the log"
        self.heard = self._synced = have
