"""Inverted dropout (Srivastava et al., 2014, JMLR 15), of hidden layers and, if asked for, the input.

A unit is kept with probability p and then scaled by 1/p, so its expectation is that of the whole
network and nothing changes when the network is used.
"""

from __future__ import annotations

from trainer.arrays import Array


def mask(uniform: Array, keep: Array) -> Array:
    """What a layer's activations are multiplied by: 0 or 1/keep, shape (K, n, m).

    uniform: draws in [0, 1), shape (1 or K, n, m). keep: each model's p, in (0, 1], shape (K, 1, 1).

    Models may share their draws: what a model keeps is then kept by every model of higher p too, and
    a narrower layer, which reads the first rows, keeps what it would alone.
    """
    return (uniform < keep) * (1 / keep)
