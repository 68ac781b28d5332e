"""Population based training: members that train side by side, and go on from one another's checkpoints."""

from sweeps.schedulers.population.explore import Allowed
from sweeps.schedulers.population.scheduler import PopulationTraining
from sweeps.schedulers.population.settings import PBT, PopulationSettings, settings_of

__all__ = ["PBT", "Allowed", "PopulationSettings", "PopulationTraining", "settings_of"]
