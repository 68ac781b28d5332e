"""Schedulers around a scheduler: decisions in waves, and the finals after a search."""

from sweeps.schedulers.wrappers.finals import Finals
from sweeps.schedulers.wrappers.waves import InWaves

__all__ = ["Finals", "InWaves"]
