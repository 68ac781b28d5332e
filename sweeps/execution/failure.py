"""Ends that no trial is to have: divergence, and exceptions of the trainable's, as text for a table."""

from __future__ import annotations

import math
import traceback
from pathlib import Path

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


def traceback_text(error: BaseException) -> str:
    """The traceback from the user's own frame on, as text that any table can hold.

    Where none of the frames is the user's, it is we who complain, and the message says all.
    """
    frames = error.__traceback__
    while frames is not None and _is_ours(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames)).rstrip()
    return text.encode("utf-8", "backslashreplace").decode()


def _is_ours(filename: str) -> bool:
    return Path(filename).parent == Path(__file__).parent
