"""A table's columns, each by its kind: how it becomes numbers follows from the training split alone."""

from trainer.data.columns.encoder import KINDS, Encoder
from trainer.data.columns.table_transform import TableTransform

__all__ = ["KINDS", "Encoder", "TableTransform"]
