"""Schedulers: what to train next."""

from sweeps.scheduler.build import NAMES, build_scheduler
from sweeps.scheduler.coarse_to_fine import CoarseToFine, CoarseToFineSettings
from sweeps.scheduler.in_waves import InWaves
from sweeps.scheduler.random_search import RandomSearch
from sweeps.scheduler.scheduler import Region, Round, Scheduler

__all__ = [
    "NAMES",
    "CoarseToFine",
    "CoarseToFineSettings",
    "InWaves",
    "RandomSearch",
    "Region",
    "Round",
    "Scheduler",
    "build_scheduler",
]
