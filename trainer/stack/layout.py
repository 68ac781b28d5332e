"""All of a stack's parameters in two arrays, so that an optimizer's rule runs twice a step.

Parameter by parameter, most of a small network's step would be the overhead of calls. The first
layer's weights are an array of their own: they multiply as one matrix for all models, in place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from trainer.arrays import Array, Params, namespace

FIRST, REST = "W1", "rest"


class Layout:
    """Where each parameter lies: `W1` alone, shape (K, n_1 · n_0), the rest side by side, (K, P).

    shapes: each parameter's shape without the model axis, weights before all others.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self._places: dict[str, tuple[str, slice, tuple[int, ...]]] = {}
        ends = {FIRST: 0, REST: 0}
        for name, shape in shapes.items():
            part = FIRST if name == FIRST else REST
            start, ends[part] = ends[part], ends[part] + math.prod(shape)
            self._places[name] = part, slice(start, ends[part]), shape
        self._weights = max(
            [
                at.stop
                for name, (part, at, _) in self._places.items()
                if part == REST and name.startswith("W")
            ],
            default=0,
        )

    def flatten(self, params: Mapping[str, Array]) -> Params:
        """The parameters side by side, as new arrays."""
        flat: Params = {}
        for part in (FIRST, REST):
            rows = [params[name].reshape(len(params[name]), -1) for name in self._in(part)]
            flat[part] = namespace(rows[0]).concatenate(rows, axis=1)
        return flat

    def views(self, flat: Params) -> Params:
        """Each parameter as a view into the two arrays: what changes there changes here."""
        return {
            name: flat[part][:, at].reshape(len(flat[part]), *shape)
            for name, (part, at, shape) in self._places.items()
        }

    def weights(self, flat: Params) -> list[Array]:
        """Views of all weights, which decay, without biases, γ and β, which do not."""
        return [flat[FIRST], flat[REST][:, : self._weights]]

    def _in(self, part: str) -> list[str]:
        return [name for name, (place, *_) in self._places.items() if place == part]
