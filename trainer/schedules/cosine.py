"""Half a cosine (Loshchilov & Hutter, 2017, SGDR, eq. 5, without restarts)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer.schedules.schedule import Rates, Schedule, Updates


@dataclass(frozen=True)
class Cosine(Schedule):
    """α = α₀ · ½ (1 + cos(π · min(1, t / (steps · horizon)))): update by update down to 0, where it stays.

    decay_horizon: epochs until then, above 0.
    """

    learning_rate: float
    decay_horizon: float

    def __call__(self, t: Updates, steps: int) -> Rates:
        done = np.minimum(1, t / (steps * self.decay_horizon))
        return self.learning_rate * 0.5 * (1 + np.cos(np.pi * done))
