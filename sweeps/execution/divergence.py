"""When a trial has diverged, so that there is no use in training on."""

from __future__ import annotations

import math

from sweeps.trial import Mode

_BLOW_UP = 1e6  # a loss that has grown by this factor since the job's first epoch will not come back
_HUGE = 1e30  # near the end of float32
DIVERGED = (  # the same in words
    "the metric is NaN, infinite or beyond 1e30, or a loss has grown a million times since its first epoch"
)


def has_diverged(value: float, first: float, mode: Mode) -> bool:
    """Whether a trial's metric says that there is no use in training on.

    Args:
        value: The metric's latest value.
        first: Its first value in this job.
        mode: A score to be maximised is never held against its first value.
    """
    if not math.isfinite(value) or abs(value) > _HUGE:
        return True
    return mode == "min" and value > _BLOW_UP * max(1.0, abs(first))
