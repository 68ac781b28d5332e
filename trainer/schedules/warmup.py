"""Linear warm-up (Goyal et al., 2017, section 2.2), before and with any schedule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer.schedules.schedule import Rates, Schedule, Updates


@dataclass(frozen=True)
class WarmUp(Schedule):
    """The schedule's α times min(1, (t + 1) / (warmup · steps)): all of it from that update on.

    schedule: goes on under the warm-up and is not put off by it. warmup: epochs, above 0.
    """

    schedule: Schedule
    warmup: float

    def __call__(self, t: Updates, steps: int) -> Rates:
        factor: Rates = np.minimum(1, (t + 1) / (self.warmup * steps))
        return factor * self.schedule(t, steps)
