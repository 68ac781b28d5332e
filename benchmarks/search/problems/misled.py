"""LCBench with early epochs that say nothing: for a part of a training, another config's loss is seen.

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

# By source, the part of a training from which on the config's own loss is seen.
_LATE = {"misled": 2 / 3, "misled_start": 1 / 12}
_RAISED = 5.0


class Misled(LCBench):
    """One task.

    source: `misled`, or `misled_start`, where of four rungs of factor 3 only the lowest misleads.
    """

    def __init__(self, surrogate: Surrogate, task: str, source: str = "misled") -> None:
        super().__init__(surrogate, task, source)
        self._late = round(_LATE[source] * self.epochs)

    def curve(self, config: Config, seed: int, epochs: int) -> Curve:
        own = super().curve(config, seed, epochs)
        stranger = super().curve(self._stranger(config), seed, epochs)
        late = np.arange(epochs) >= self._late
        return np.where(late, own, _RAISED * stranger)

    def _stranger(self, config: Config) -> Config:
        digest = hashlib.sha256(repr(sorted(config.items())).encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
        return self.space.config(rng.random(len(self.space.searched)))


def misled(data: Path, source: str = "misled") -> list[Misled]:
    """The 12 tasks for development."""
    surrogate = Surrogate(data / "lcbench_surrogate")
    return [Misled(surrogate, task, source) for task in dev_tasks(data)]
