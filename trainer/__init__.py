"""How a stack of models is trained: multilayer perceptrons on NumPy or torch, with a leading model axis."""

from trainer.cnn import CNN, cnn, convolution_stack
from trainer.config import MLPConfig
from trainer.convolution import CNNConfig
from trainer.data import Dataset, load_data
from trainer.errors import ConfigError, DataError
from trainer.gradient_check import gradient_check
from trainer.member import Member, Status
from trainer.mlp import MLP, mlp
from trainer.model import Model, load_model
from trainer.run import Run
from trainer.stack.pack import stack_size, train_stack
from trainer.stack.stack import Stack

__all__ = [
    "CNN",
    "MLP",
    "CNNConfig",
    "ConfigError",
    "DataError",
    "Dataset",
    "MLPConfig",
    "Member",
    "Model",
    "Run",
    "Stack",
    "Status",
    "cnn",
    "convolution_stack",
    "gradient_check",
    "load_data",
    "load_model",
    "mlp",
    "stack_size",
    "train_stack",
]
