"""What coarse to fine is compared with: random draws, Sobol points, successive halving, Optuna."""

from sweeps.schedulers.baselines.full_training import RandomSearch, SobolSearch
from sweeps.schedulers.baselines.optuna import OptunaScheduler
from sweeps.schedulers.baselines.successive_halving import Asha

__all__ = ["Asha", "OptunaScheduler", "RandomSearch", "SobolSearch"]
