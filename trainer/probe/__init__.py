"""What each layer of a network shows after an epoch: units that are dead, and how strong its gradient is."""

from trainer.probe.dense import DenseProbe
from trainer.probe.layers import Probe, is_wanted

__all__ = ["DenseProbe", "Probe", "is_wanted"]
