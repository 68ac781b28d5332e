"""LCBench with early epochs that say nothing: for two thirds of a training, another config's loss is seen.

Whose it is depends on the config alone, so that early values agree with each other and rank configs at
random. They are raised above most late ones: a stranger's low loss is nobody's result.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from benchmarks.search.problems.lcbench import LCBench, Surrogate, dev_tasks
from benchmarks.search.problems.problem import Curve
from sweeps.space import Config

_LATE = 2 / 3  # of a training, after which the config's own loss is seen
_RAISED = 5.0


class Misled(LCBench):
    """One task."""

    def __init__(self, surrogate: Surrogate, task: str) -> None:
        super().__init__(surrogate, task)
        self.name = f"misled-{task}"

    def curve(self, config: Config, seed: int, epochs: int) -> Curve:
        own = super().curve(config, seed, epochs)
        stranger = super().curve(self._stranger(config), seed, epochs)
        late = np.arange(epochs) >= round(_LATE * self.epochs)
        return np.where(late, own, _RAISED * stranger)

    def _stranger(self, config: Config) -> Config:
        digest = hashlib.sha256(repr(sorted(config.items())).encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
        return self.space.config(rng.random(len(self.space.searched)))


def misled(data: Path) -> list[Misled]:
    """The 12 tasks for development."""
    surrogate = Surrogate(data / "lcbench_surrogate")
    return [Misled(surrogate, task) for task in dev_tasks(data)]
