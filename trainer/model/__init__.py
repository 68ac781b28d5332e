"""Trained networks ready to use: they predict from raw rows, and are saved and exported without pickle."""

from trainer.model.files import load_model
from trainer.model.model import Model

__all__ = ["Model", "load_model"]
