"""What differs between stacks of one kind of network and of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.backends import Backend
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.member import Member
from trainer.network.architecture import Architecture
from trainer.network.initialise import initial_state
from trainer.stack.learner import Learner
from trainer.stack.penalties import Penalties


@dataclass(frozen=True)
class Kind:
    """architecture: of a config on data. initial_state: what of a model's arrays is not zero, from its
    config, its architecture, its widths and a seed. learner: of some members, with their architecture, their
    arrays, the widths, the steps of an epoch, the seed of their draws, and the backend. captured: whether a
    GPU records a step and replays it.
    """

    architecture: Callable[[MLPConfig, Dataset], Architecture]
    initial_state: Callable[[MLPConfig, Architecture, tuple[int, ...], int], Mapping[str, NDArray[Any]]]
    learner: Callable[
        [Sequence[Member], Architecture, Mapping[str, Array], tuple[int, ...], int, int, Backend], Learner
    ]
    captured: bool = True


def _dense_state(
    config: MLPConfig, architecture: Architecture, widths: tuple[int, ...], seed: int
) -> Mapping[str, NDArray[Any]]:
    return initial_state(config, widths, architecture.state(widths), seed)


def _dense_learner(
    members: Sequence[Member],
    architecture: Architecture,
    state: Mapping[str, Array],
    widths: tuple[int, ...],
    steps: int,
    seed: int,
    backend: Backend,
) -> Learner:
    configs = [member.config for member in members]
    return Learner(
        architecture.network(configs, backend),
        architecture.optimizer,
        Penalties.of(configs),
        state,
        architecture.params(widths),
        architecture.statistics(widths),
        backend,
    )


DENSE = Kind(Architecture.of, _dense_state, _dense_learner)
