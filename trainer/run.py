"""What a trainable is told by whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray


class Run(Protocol):
    """One trial's job: train from epoch `start` to epoch `epochs`."""

    @property
    def seed(self) -> int:
        """The seed of every draw; the same for all trials of a sweep."""

    @property
    def start(self) -> int:
        """Epochs behind the restored checkpoint; 0 where there is none."""

    @property
    def epochs(self) -> int:
        """Epochs the trial shall have behind it at the end."""

    @property
    def before(self) -> Mapping[str, Any] | None:
        """The config that the restored checkpoint was trained with, where it is another one."""

    @property
    def device(self) -> str:
        """Where to train, such as "cpu"; see trainer.backends."""

    @property
    def by_layer(self) -> bool:
        """Whether metrics by layer are asked for (trainer.probe); they are not where a run does not say."""

    @property
    def data(self) -> Any:
        """A `Dataset`."""

    def restore(self) -> Mapping[str, NDArray[Any]] | None:
        """What was saved at epoch `start`, or None."""

    def save(self, state: Mapping[str, NDArray[Any]], /) -> None:
        """Keep these arrays to go on from; called before each epoch's `yield`."""
