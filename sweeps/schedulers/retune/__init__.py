"""Whether an earlier winner still wins: rivals are probed, halved, and raced against it on fresh seeds."""

from sweeps.schedulers.retune.growth import Growth, fitted
from sweeps.schedulers.retune.race import Lead, lead_of, noise_of
from sweeps.schedulers.retune.scheduler import Retune
from sweeps.schedulers.retune.sizes import Sizes, costs_of, retune_levels, sizes_for

__all__ = [
    "Growth",
    "Lead",
    "Retune",
    "Sizes",
    "costs_of",
    "fitted",
    "lead_of",
    "noise_of",
    "retune_levels",
    "sizes_for",
]
