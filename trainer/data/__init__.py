"""Data: from a form in a spec to three splits of examples and what is to be predicted."""

from trainer.data.dataset import Dataset
from trainer.data.form import with_metric
from trainer.data.load import load_data
from trainer.data.preprocessing import Preprocessing
from trainer.data.scaling import Scaling

__all__ = ["Dataset", "Preprocessing", "Scaling", "load_data", "with_metric"]
