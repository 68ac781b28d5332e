"""Data: from a form in a spec to three splits of float32 examples and class indices."""

from trainer.data.dataset import Dataset
from trainer.data.load import load_data

__all__ = ["Dataset", "load_data"]
