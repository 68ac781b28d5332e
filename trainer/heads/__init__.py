"""Heads: what a network's outputs mean, the loss that follows, and its gradient. One per file.

Outputs Z have the shape (K, outputs, m), targets T (1 or K, outputs, m). Each head is the one whose
gradient by Z is prediction − target (McCullagh & Nelder, 1989: the canonical link), up to a factor.
"""

from collections.abc import Mapping

from trainer.heads.head import Head, smoothed
from trainer.heads.linear import Linear
from trainer.heads.logistic import Logistic
from trainer.heads.softmax import Softmax

HEADS: Mapping[str, Head] = {"softmax": Softmax(), "logistic": Logistic(), "linear": Linear()}

__all__ = ["HEADS", "Head", "Linear", "Logistic", "Softmax", "smoothed"]
