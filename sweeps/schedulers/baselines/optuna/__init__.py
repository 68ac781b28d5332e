"""Optuna's samplers behind ask and tell."""

from sweeps.schedulers.baselines.optuna.samplers import OPTUNA_NAMES
from sweeps.schedulers.baselines.optuna.scheduler import OptunaScheduler

__all__ = ["OPTUNA_NAMES", "OptunaScheduler"]
