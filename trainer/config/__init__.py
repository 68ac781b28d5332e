"""What one model is trained with: hyperparameters, their rules, and what models of a stack share."""

from trainer.config.hyperparameters import DTYPES, NUMBERS, RULES
from trainer.config.mlp_config import MLPConfig
from trainer.config.vectors import vectors

__all__ = ["DTYPES", "NUMBERS", "RULES", "MLPConfig", "vectors"]
