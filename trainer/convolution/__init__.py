"""A small convolutional network: stages of 3 × 3 convolutions and pooling, and the dense network on top.

Whatever it shares with the dense network it takes from there: minibatches, optimizers, schedules, dropout,
penalties, heads, scores and checkpoints. Its arrays have the same leading model axis.
"""

from trainer.convolution.config import CNN_RULES, CNNConfig

__all__ = ["CNN_RULES", "CNNConfig"]
