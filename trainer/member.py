"""One model of a stack, as far as the host needs to know it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from trainer.config import MLPConfig


class Status(StrEnum):
    """training; left by its owner; diverged, when outputs were no finite numbers; out of patience."""

    TRAINING = "training"
    LEFT = "left"
    DIVERGED = "diverged"
    STOPPED = "stopped"


@dataclass(eq=False)
class Member:
    """config: as it entered. epoch: epochs behind it. best: its lowest validation loss so far, and
    stale: the epochs since then. first_since, second_since: the epochs that were behind it when the
    optimizer's moments began: 0 but where another optimizer has taken over.
    """

    config: MLPConfig
    epoch: int = 0
    best: float = math.inf
    stale: int = 0
    first_since: int = 0
    second_since: int = 0
    status: Status = Status.TRAINING

    @property
    def diverged(self) -> bool:
        return self.status is Status.DIVERGED

    def finish_epoch(self, validation_loss: float) -> None:
        """Count the epoch; stop early where patience has run out (Prechelt, 1998, criterion UP)."""
        self.epoch += 1
        improved = validation_loss < self.best
        self.best = validation_loss if improved else self.best
        self.stale = 0 if improved else self.stale + 1
        self.be_patient()

    def be_patient(self) -> None:
        """Stop where patience has run out."""
        if self.config.patience is not None and self.stale >= self.config.patience:
            self.status = Status.STOPPED
