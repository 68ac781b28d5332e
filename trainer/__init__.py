"""How a stack of models is trained: multilayer perceptrons on NumPy, with a leading model axis."""

from trainer.averages import bias_corrected, moving_average
from trainer.config import MLPConfig
from trainer.data import Dataset, load_data
from trainer.errors import ConfigError, DataError
from trainer.mlp import MLP, mlp
from trainer.run import Run
from trainer.stack import train_stack

__all__ = [
    "MLP",
    "ConfigError",
    "DataError",
    "Dataset",
    "MLPConfig",
    "Run",
    "bias_corrected",
    "load_data",
    "mlp",
    "moving_average",
    "train_stack",
]
