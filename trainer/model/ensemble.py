"""Which of some trained networks are better together: the members of an ensemble."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.data import Dataset
from trainer.model.kinds import DENSE
from trainer.model.model import Model, network_of
from trainer.model.trained import Trained, answers_on, mean_loss, preprocessing_of


def members(data: Dataset, trained: Sequence[Trained], kind: str = DENSE) -> list[int]:
    """Chosen forward by the validation loss of their mean (Caruana et al., 2004), each once at most.

    Begins with the first. Then whichever lowers the loss most joins, until none does. So one that is much
    worse than the others stays outside.

    Args:
        data: Which they were trained on.
        trained: The best first, one at least.
        kind: Of network, see `trainer.model.kinds`.

    Returns:
        Their places in `trained`, in the order in which they joined.

    Raises:
        ValueError: A checkpoint is another network's.
    """
    answers = _answers(data, trained, kind)
    chosen, total = [0], answers[0]
    best = _loss(data, total)
    while True:
        left = [place for place in range(len(answers)) if place not in chosen]
        losses = {place: _loss(data, (total + answers[place]) / (len(chosen) + 1)) for place in left}
        joins = min(losses, key=lambda place: losses[place], default=None)
        if joins is None or not losses[joins] < best:
            return chosen
        chosen, total, best = [*chosen, joins], total + answers[joins], losses[joins]


def _answers(data: Dataset, trained: Sequence[Trained], kind: str) -> list[NDArray[np.float64]]:
    """Of each on the validation split: probabilities, (m, classes), or what it learned to give, (m,)."""
    known = data.preprocessing or preprocessing_of(data)
    networks = (network_of(config, checkpoint, known, data, kind) for config, checkpoint in trained)
    return [answers_on(data.x_validation, Model((network,), known), data) for network in networks]


def _loss(data: Dataset, answers: NDArray[np.float64]) -> float:
    return mean_loss(answers, data.y_validation, data)
