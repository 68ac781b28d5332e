"""What the built-in trainables have in common: what they report, and what becomes of a winner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer import draws
from trainer.data import Dataset
from trainer.epoch.report import metric_names

if TYPE_CHECKING:
    from trainer import model as saved
    from trainer.data.about.description import Description
    from trainer.model.trained import Trained


class BuiltIn:
    """A network that learns from a `Dataset`.

    kind: of network, see `trainer.model.kinds`. data_type: what `run.data` must be. versions: of what a seed
    means, for a sweep's record.
    """

    kind: str
    data_type: type = Dataset
    versions: Mapping[str, str] = {"draws": draws.VERSION}

    def metrics(self, data: Dataset) -> tuple[str, ...]:
        """The names of what every config reports for the data (see `Stack.train_epoch`).

        `train_cost` is not among them: trials of different penalties cannot be compared by it.
        """
        return metric_names(data, penalised=False)

    def describe(self, data: Dataset) -> Description:
        """What was understood of the data, for whoever starts a sweep, and what its models have to beat."""
        return data.describe()

    def winner(self, data: Dataset, trained: Sequence[Trained], about: Mapping[str, Any]) -> saved.Model:
        """A model ready to predict and to be saved, of one config and checkpoint, or an ensemble of several.

        about: as in `trainer.model.card`. Raises ValueError where they are not of such a network and data.
        """
        from trainer.model.trained import trained_model

        return trained_model(data, trained, about, self.kind)

    def members(self, data: Dataset, trained: Sequence[Trained]) -> list[int]:
        """Which of several make the best ensemble, the best first given; see trainer.model.ensemble."""
        from trainer.model.ensemble import members

        return members(data, trained, self.kind)

    def load_winner(self, folder: Path) -> saved.Model:
        """What `winner` gave and was saved. Raises `DataError`."""
        from trainer.model import load_model

        return load_model(folder)

    def refitting(
        self, config: Mapping[str, Any], data: Dataset, epochs: int
    ) -> tuple[dict[str, Any], Dataset]:
        """Config and data for so many epochs in which the validation split counts as training, too.

        Raises `DataError` where the rows have weights of a column, which validation rows keep none of.
        """
        from trainer.model.refitting import refitting

        return refitting(config, data, epochs)
