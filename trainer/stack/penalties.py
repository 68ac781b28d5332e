"""What comes between a gradient and the update: L1, L2, clipping, decoupled weight decay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from trainer.arrays import Array, Params, namespace
from trainer.config import MLPConfig, vectors
from trainer.optimizers.clipping import clip_, gradient_norm, sum_of_squares
from trainer.stack.layout import Layout


class Penalties(NamedTuple):
    """Which of them any model of the stack is trained with; what none has costs nothing."""

    l1: bool
    l2: bool
    clip: bool
    decay: bool

    @classmethod
    def of(cls, configs: Sequence[MLPConfig]) -> Penalties:
        numbers = vectors(configs)
        return cls(
            l1=bool(numbers["l1"].any()),
            l2=bool(numbers["l2"].any()),
            clip=bool(np.isfinite(numbers["clip_norm"]).any()),
            decay=bool(numbers["weight_decay"].any()),
        )

    def penalise(
        self,
        coefficients: Mapping[str, Array],
        m: int,
        theta: Params,
        gradient: Params,
        layout: Layout,
        penalties: Array,
    ) -> None:
        """Add the penalties' share to the gradient, and m times that of the cost to `penalties`, (K,).

        coefficients: `l1` and `l2`, (K, 1) each. m: the minibatch's examples. theta, gradient: the two
        arrays of the layout.
        The cost is J = (1/m) Σ loss + (λ₂/2m) Σ_l ‖W_l‖² + (λ₁/m) Σ_l Σ |W_l|; biases, γ and β are not
        penalised. The penalties' share of a gradient is then (λ₂/m) W + (λ₁/m) sign W, so a λ means the
        same with any number of training examples and weighs less, the larger the batch.
        """
        if not (self.l1 or self.l2):
            return
        l1, l2 = coefficients["l1"], coefficients["l2"]
        for g, W in zip(layout.weights(gradient), layout.weights(theta), strict=True):
            if self.l2:
                g += l2 / m * W
                penalties += l2[:, 0] / 2 * sum_of_squares(W)
            if self.l1:
                xp = namespace(W)
                g += l1 / m * xp.sign(W)
                penalties += l1[:, 0] * xp.abs(W).sum(axis=1, dtype=xp.float64)

    def apply(
        self, coefficients: Mapping[str, Array], theta: Params, gradient: Params, layout: Layout
    ) -> Array | None:
        """Clip the gradient, and let the weights decay. Where gradients are clipped, the squares of
        their norms before that, shape (K,).

        coefficients: `clip_norm` and `decay`, (K, 1) each.
        """
        if self.decay:
            for W in layout.weights(theta):
                W *= 1 - coefficients["decay"]
        if not self.clip:
            return None
        norms = gradient_norm(gradient)
        clip_(gradient, norms, coefficients["clip_norm"][:, 0])
        squares: Array = norms * norms
        return squares
