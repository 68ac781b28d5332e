"""What comes between a gradient and the update: L2, clipping, decoupled weight decay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from trainer.arrays import Array, Params
from trainer.config import MLPConfig, vectors
from trainer.optimizers.clipping import clip_, gradient_norm
from trainer.stack.layout import Layout


class Penalties(NamedTuple):
    """Which of them any model of the stack is trained with; what none has costs nothing."""

    l2: bool
    clip: bool
    decay: bool

    @classmethod
    def of(cls, configs: Sequence[MLPConfig]) -> Penalties:
        numbers = vectors(configs)
        return cls(
            l2=bool(numbers["l2"].any()),
            clip=bool(np.isfinite(numbers["clip_norm"]).any()),
            decay=bool(numbers["weight_decay"].any()),
        )

    def apply(
        self, coefficients: Mapping[str, Array], m: int, theta: Params, gradient: Params, layout: Layout
    ) -> Array | None:
        """Change the gradient, and the weights where they decay. Where gradients are clipped, the
        squares of their norms before that, shape (K,).

        coefficients: `l2`, `clip_norm` and `decay`, (K, 1) each. m: the minibatch's examples.
        theta, gradient: the two arrays of the layout.
        The cost is J = (1/m) Σ loss + (λ/2m) Σ_l ‖W_l‖²; biases, γ and β are not penalised. The penalty's
        share of a gradient is then (λ/m) W, so a λ means the same with any number of training examples
        and weighs less, the larger the batch.
        """
        weights = layout.weights(theta)
        if self.l2:
            share = coefficients["l2"] / m
            for g, W in zip(layout.weights(gradient), weights, strict=True):
                g += share * W
        if self.decay:
            for W in weights:
                W *= 1 - coefficients["decay"]
        if not self.clip:
            return None
        norms = gradient_norm(gradient)
        clip_(gradient, norms, coefficients["clip_norm"][:, 0])
        squares: Array = norms * norms
        return squares
