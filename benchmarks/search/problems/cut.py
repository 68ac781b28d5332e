"""LCBench with the learning rate's range cut short, so that the best known config lies outside.

The range ends half a decade before the best known learning rate, on the side that leaves more of it. A sweep
that may widen its ranges may train whatever lies inside LCBench's own. Regret is measured from the same best.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from benchmarks.search.problems.lcbench import RATES, SPACE, LCBench, Surrogate, dev_tasks
from sweeps.space import Config, LogUniform, Space

_SHORT = math.sqrt(10)  # how many times the best rate is as far as the end
_RATE = "learning_rate"


class Cut(LCBench):
    """One task. rate: the learning rate of its best known config."""

    def __init__(self, surrogate: Surrogate, task: str, rate: float) -> None:
        super().__init__(surrogate, task, "cut")
        whole = SPACE.distributions[_RATE]
        assert isinstance(whole, LogUniform)
        low, high = whole.low, whole.high
        ends = [low, rate / _SHORT] if rate * rate > low * high else [rate * _SHORT, high]
        self.legal = _legal
        self.space = Space({**dict(SPACE.distributions), _RATE: {"log": ends}})


def cut(data: Path) -> list[Cut]:
    """The 12 tasks for development."""
    surrogate, rates = Surrogate(data / "lcbench_surrogate"), json.loads(RATES.read_text())
    return [Cut(surrogate, task, rates[task]) for task in dev_tasks(data)]


def _legal(config: Config) -> bool:
    """Whether it lies in LCBench's space: beyond it the surrogate knows nothing."""
    return all(config[name] in SPACE.distributions[name] for name in SPACE.searched)
