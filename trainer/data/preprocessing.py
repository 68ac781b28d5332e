"""What lies between raw rows and a model, to be saved beside the model and read without pickle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.columns import TableTransform
from trainer.data.read.source import Features
from trainer.data.scaling import Standard
from trainer.data.transform import NumberTransform, Transform

_KINDS: Mapping[str, type[Transform]] = {"numbers": NumberTransform, "table": TableTransform}


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """How raw rows become what a model sees, and what its outputs stand for.

    features: fitted on the training split. classes: as in `Dataset`. target: of a regression, how a
    quantity became what the model learned. target_name: the table's column; None where there is none.
    """

    features: Transform
    classes: tuple[str, ...] = ()
    target: Standard = field(default_factory=Standard)
    target_name: str | None = None

    def inputs(self, x: Features) -> NDArray[np.float32]:
        """Raw rows as the model sees them, (m, features). Raises `Unusable` on what it was not fitted for."""
        return self.features.scaling(self.features(x))

    def quantities(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """A regression's outputs, (m,), in the unit of the target."""
        found: NDArray[np.float64] = outputs.astype(np.float64) * self.target.scale + self.target.shift
        return found

    def plain(self) -> dict[str, Any]:
        """In what JSON can hold; numbers come back exactly."""
        return {
            "features": self.features.plain(),
            "classes": list(self.classes),
            "target": self.target.plain(),
            "target_name": self.target_name,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Preprocessing:
        """The reverse of `plain`. Raises KeyError, TypeError or ValueError on anything else."""
        features = plain["features"]
        return cls(
            features=_KINDS[features["kind"]].from_plain(features),
            classes=tuple(plain["classes"]),
            target=Standard.from_plain(plain["target"]),
            target_name=plain["target_name"],
        )
