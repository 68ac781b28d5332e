"""Global random states, which a trainable may draw from without knowing: each job begins with them seeded."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import numpy as np


def seed_globals(seed: int, start: int) -> None:
    """Seed `random`, NumPy's global state and torch's, where torch is imported, alike for every trial.

    Args:
        seed: The trial's seed.
        start: The epoch that the job goes on from, so that it does not draw again what the job before drew.
    """
    word = crc32(f"{seed} {start}".encode())  # a hash that takes no time, below 2^32 as NumPy wants it
    random.seed(word)
    np.random.seed(word)  # noqa: NPY002 - a user's own code may draw from it
    if (torch := _torch()) is not None:
        torch.manual_seed(word)


@contextmanager
def kept_globals() -> Iterator[None]:
    """Leave the global random states afterwards as they were before."""
    torch = _torch()
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    rng = torch.get_rng_state() if torch is not None else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        if torch is not None:
            torch.set_rng_state(rng)


def _torch() -> Any:
    """Torch if somebody has imported it whole; it is not imported for this."""
    torch = sys.modules.get("torch")
    return torch if hasattr(torch, "get_rng_state") else None
