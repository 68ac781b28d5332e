"""Schedulers: what to train next."""

from sweeps.observation import Observation, Observing, observe
from sweeps.schedulers.baselines import Asha, OptunaScheduler, RandomSearch, SobolSearch
from sweeps.schedulers.coarse_to_fine import CoarseToFine, CoarseToFineSettings, Extension, Legal
from sweeps.schedulers.panda import PANDA, PandaScheduler
from sweeps.schedulers.population import PBT, Allowed, PopulationSettings, PopulationTraining
from sweeps.schedulers.protocol import Scheduler
from sweeps.schedulers.registry import (
    NAMES,
    OWN_NAMES,
    build_scheduler,
    check_made_for,
    is_panda,
    is_population,
)
from sweeps.schedulers.retune import (
    Lead,
    Retune,
    costs_of,
    fitted,
    lead_of,
    noise_of,
    retune_levels,
    sizes_for,
)
from sweeps.schedulers.rungs import rung_cost, rung_epochs
from sweeps.schedulers.sampling import RandomSampler, SobolSampler, moved
from sweeps.schedulers.wrappers import Finals, InWaves

__all__ = [
    "NAMES",
    "OWN_NAMES",
    "PANDA",
    "PBT",
    "Allowed",
    "Asha",
    "CoarseToFine",
    "CoarseToFineSettings",
    "Extension",
    "Finals",
    "InWaves",
    "Lead",
    "Legal",
    "Observation",
    "Observing",
    "OptunaScheduler",
    "PandaScheduler",
    "PopulationSettings",
    "PopulationTraining",
    "RandomSampler",
    "RandomSearch",
    "Region",
    "Retune",
    "Round",
    "Scheduler",
    "SobolSampler",
    "SobolSearch",
    "build_scheduler",
    "check_made_for",
    "costs_of",
    "fitted",
    "is_panda",
    "is_population",
    "lead_of",
    "moved",
    "noise_of",
    "observe",
    "retune_levels",
    "rung_cost",
    "rung_epochs",
    "sizes_for",
]
