"""Schedulers: what to train next."""

from sweeps.observation import Observation, Observing, observe
from sweeps.schedulers.baselines import Asha, OptunaScheduler, RandomSearch, SobolSearch
from sweeps.schedulers.coarse_to_fine import CoarseToFine, CoarseToFineSettings, Extension, Legal
from sweeps.schedulers.panda import PANDA, PandaScheduler
from sweeps.schedulers.protocol import Scheduler
from sweeps.schedulers.registry import NAMES, OWN_NAMES, build_scheduler, check_made_for
from sweeps.schedulers.rungs import rung_cost, rung_epochs
from sweeps.schedulers.sampling import RandomSampler, SobolSampler, moved
from sweeps.schedulers.wrappers import Finals, InWaves

__all__ = [
    "NAMES",
    "OWN_NAMES",
    "PANDA",
    "Asha",
    "CoarseToFine",
    "CoarseToFineSettings",
    "Extension",
    "Finals",
    "InWaves",
    "Legal",
    "Observation",
    "Observing",
    "OptunaScheduler",
    "PandaScheduler",
    "RandomSampler",
    "RandomSearch",
    "Region",
    "Round",
    "Scheduler",
    "SobolSampler",
    "SobolSearch",
    "build_scheduler",
    "check_made_for",
    "moved",
    "observe",
    "rung_cost",
    "rung_epochs",
]
