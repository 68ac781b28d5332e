"""Sweeps that were recorded: what each scheduler was asked and told, and the jobs it gave.

`python -m tests.schedulers.replay` records them anew: only where decisions are meant to change, since the
test holds every other change against this file.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import math
import sys
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from scipy.linalg import cho_solve

from sweeps.schedulers import CoarseToFine, Finals, InWaves, build_scheduler
from sweeps.space import Space
from sweeps.surrogate import one_thread
from sweeps.trial import Outcome, Report

FILE = Path(__file__).parent / "replay.jsonl"
SPACES = {
    "conditional": {
        "rate": {"log": [1e-5, 1]},
        "kind": {"choice": ["a", "b", "c"]},
        "size": {"int": [1, 9], "when": {"kind": "a"}},
        "fixed": 3,
    },
    "discrete": {
        "rate": {"int": [1, 6]},
        "kind": {"choice": ["a", "b", "c"]},
        "size": {"int": [1, 5], "when": {"kind": "c"}},
    },
    "wide": {
        "rate": {"log": [1e-5, 1]},
        "momentum": {"reverse_log": [0.5, 0.999]},
        "units": {"log_int": [8, 512]},
        "layers": {"int": [1, 4]},
        "keep": {"uniform": [0.5, 1]},
        "batch": {"choice": [16, 32, 64, 128], "ordered": True},
        "kind": {"choice": ["a", "b", "c"]},
    },
    "narrow": {"rate": {"log": [1e-2, 1]}, "units": {"int": [1, 40]}},
}


@dataclass(frozen=True)
class Case:
    """A sweep. ending: how its trials end. wrapped: by which wrapper the scheduler is."""

    scheduler: str
    space: str
    capacity: int
    trials: int
    epochs: int = 27
    ending: str = "good"
    wrapped: str = ""
    mode: str = "min"
    extend: bool = False

    def build(self):
        space = Space(SPACES[self.space])
        options = {"trials": self.trials, "epochs": self.epochs, "mode": self.mode, "seed": 7}
        if self.extend:
            scheduler = CoarseToFine(space, **options, extend=lambda config: config["rate"] > 1e-4)
        else:
            scheduler = build_scheduler(self.scheduler, space, **options)
        if "waves" in self.wrapped:
            scheduler = InWaves(scheduler)
        if "finals" in self.wrapped:
            scheduler = Finals(scheduler, top=3, seeds=2, epochs=self.epochs, mode=self.mode, seed=7)
        return scheduler

    @property
    def by_model(self) -> bool:
        """Whether decisions follow from sums that may be rounded otherwise elsewhere."""
        return self.scheduler in ("coarse_to_fine", "optuna")


CASES = [
    *(Case(name, "conditional", 8, 60, ending="mixed") for name in ("random", "sobol", "asha")),
    *(Case(name, "discrete", 3, 60, 9) for name in ("random", "sobol", "asha")),
    Case("optuna", "conditional", 4, 30, 3, "mixed"),
    Case("optuna", "narrow", 4, 20, 1),
    Case("asha", "wide", 64, 120, 64, wrapped="finals"),
    Case("random", "wide", 8, 24, wrapped="waves finals", mode="max"),
    Case("coarse_to_fine", "conditional", 1, 60, ending="mixed"),
    Case("coarse_to_fine", "conditional", 8, 60, ending="mixed", wrapped="waves finals"),
    Case("coarse_to_fine", "discrete", 1, 60),
    Case("coarse_to_fine", "discrete", 8, 30, 9, ending="mixed"),
    Case("coarse_to_fine", "wide", 1, 50, mode="max"),
    Case("coarse_to_fine", "wide", 8, 60),
    Case("coarse_to_fine", "wide", 64, 110, ending="mixed"),
    Case("coarse_to_fine", "wide", 8, 60, 1),
    Case("coarse_to_fine", "wide", 64, 420, 9),
    Case("coarse_to_fine", "narrow", 1, 80, extend=True),
    Case("coarse_to_fine", "narrow", 8, 80, extend=True, ending="mixed"),
]


def loss(job):
    """Best at a rate of 10^-3; early epochs say something of it, and a trial's luck blurs it."""
    config, luck = job.config, np.random.default_rng([job.trial, job.stop]).standard_normal()
    rate = math.log10(config["rate"]) + 3 if config["rate"] < 1 else config["rate"] - 4
    others = {"a": 0.0, "b": 0.3, "c": 0.6}[config.get("kind", "a")] + 0.02 * config.get("size", 0)
    others += 0.2 * abs(config.get("layers", 2) - 2) + abs(config.get("keep", 0.8) - 0.8)
    return round(rate * rate + others + 2 / job.stop + 0.1 * luck, 4)


def answer(case, job):
    """What a job gives back; with `mixed`, one trial in four does not end as it should."""
    value = loss(job) if case.mode == "min" else -loss(job)
    end = job.trial % 16 if case.ending == "mixed" else 0
    if end == 3:
        return Report(job.trial, job.start + 1, None, Outcome.INFEASIBLE)
    if end == 7:
        return Report(job.trial, job.start, None, Outcome.FAILED)
    if end == 11:
        return Report(job.trial, min(job.start + 1, job.stop), value, Outcome.ENDED)
    if end == 13 and job.start:
        return Report(job.trial, job.stop, None)
    return Report(job.trial, job.stop, math.nan if end == 15 else value)


def record(case):
    """The steps of a whole sweep: [capacity, the jobs given], or [trial, epochs, objective, outcome] told."""
    scheduler, steps, running, now = case.build(), [], [], 0.0
    while not scheduler.finished:
        free = case.capacity - len(running)
        jobs = scheduler.ask(free)
        steps.append([free, [brief(job) for job in jobs]])
        for job in jobs:
            took = (job.stop - job.start) * (1 + job.trial * 7 % 5)
            heapq.heappush(running, (now + took, job.trial, job))
        now, _, job = heapq.heappop(running)
        report = answer(case, job)
        steps.append([report.trial, report.epochs, report.objective, report.outcome.value])
        scheduler.tell(report)
    return steps, ends(scheduler)


def replay(case, steps):
    """The same asks and tells again; raises `AssertionError` at the first job that differs."""
    scheduler = case.build()
    for place, step in enumerate(steps):
        if len(step) == 2:
            free, expected = step
            assert [brief(job) for job in scheduler.ask(free)] == expected, f"step {place} of {case}"
        else:
            trial, epochs, objective, outcome = step
            scheduler.tell(Report(trial, epochs, objective, Outcome(outcome)))
    assert scheduler.finished
    return ends(scheduler)


def brief(job):
    """Trial, start, stop, and a digest of all that a job has; newer fields count where they say something."""
    names = ("trial", "config", "stop", "start", "round", "seed", "repeats")
    later = tuple(each.name for each in fields(job) if each.name not in names and getattr(job, each.name))
    said = ", ".join(f"{name}={getattr(job, name)!r}" for name in (*names, *later))
    return [job.trial, job.start, job.stop, zlib.crc32(f"Job({said})".encode())]


def ends(scheduler):
    """A digest of all rounds, reasons included."""
    return hashlib.sha256(repr(list(scheduler.rounds)).encode()).hexdigest()[:16]


def rounding():
    """A digest of the model's kind of algebra: where it differs, models may decide otherwise."""
    x = np.random.default_rng(0).random((160, 5))
    kernel = np.exp(-np.sqrt(((x[:, None] - x[None]) ** 2).sum(axis=-1))) + 1e-3 * np.eye(160)
    with one_thread():
        solved = cho_solve((np.linalg.cholesky(kernel), True), np.tanh(x @ x.T))
    versions = [np.__version__, sys.modules["scipy"].__version__]
    return hashlib.sha256(solved.tobytes() + repr(versions).encode()).hexdigest()[:16]


def recorded():
    """The rounding they were recorded with, and the steps and the end of each case."""
    first, *lines = FILE.read_text().splitlines()
    return json.loads(first), [json.loads(line) for line in lines]


def main() -> None:
    lines = [rounding(), *({"case": repr(case), **_named(record(case))} for case in CASES)]
    FILE.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


def _named(found):
    return dict(zip(("steps", "rounds"), found, strict=True))


if __name__ == "__main__":
    main()
