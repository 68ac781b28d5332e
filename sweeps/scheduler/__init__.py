"""Schedulers: what to train next."""

from sweeps.scheduler.asha import Asha
from sweeps.scheduler.build import NAMES, OWN_NAMES, build_scheduler
from sweeps.scheduler.coarse_to_fine import CoarseToFine
from sweeps.scheduler.extension import Extension, Legal
from sweeps.scheduler.finals import Finals
from sweeps.scheduler.in_waves import InWaves
from sweeps.scheduler.match import check_made_for
from sweeps.scheduler.optuna_sampler import OptunaScheduler
from sweeps.scheduler.sampled import RandomSearch, SobolSearch
from sweeps.scheduler.scheduler import Region, Round, Scheduler
from sweeps.scheduler.settings import CoarseToFineSettings

__all__ = [
    "NAMES",
    "OWN_NAMES",
    "Asha",
    "CoarseToFine",
    "CoarseToFineSettings",
    "Extension",
    "Finals",
    "InWaves",
    "Legal",
    "OptunaScheduler",
    "RandomSearch",
    "Region",
    "Round",
    "Scheduler",
    "SobolSearch",
    "build_scheduler",
    "check_made_for",
]
