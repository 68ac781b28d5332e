"""The built-in trainable: a multilayer perceptron."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer import draws
from trainer.backends import check_device
from trainer.compiled.cache import is_compiled
from trainer.config import RULES, MLPConfig
from trainer.data import Dataset
from trainer.epoch.report import Metrics, metric_names
from trainer.member import Status
from trainer.network.architecture import Architecture
from trainer.run import Run
from trainer.stack.checkpoint import Checkpoint
from trainer.stack.stack import Stack
from trainer.stack_pack import StackPack, check_data, check_start

if TYPE_CHECKING:
    from trainer import model as saved
    from trainer.compiled.model import Model
    from trainer.data.description import Description
    from trainer.model.trained import Trained


class MLP:
    """Call it with a config and a run to get a generator of one mapping of metrics per epoch.

    They are loss, accuracy and error of each split, the gradient's norm, and with an `l1` or `l2`
    `train_cost`, the loss with its penalties; see `Stack.train_epoch`.

    hyperparameters: the names a config may have (see `MLPConfig`). data_type: what `run.data` must be.
    versions: of what a seed means, for a sweep's record.
    """

    hyperparameters: frozenset[str] = frozenset(RULES)
    data_type: type = Dataset
    versions: Mapping[str, str] = {"draws": draws.VERSION}

    def metrics(self, data: Dataset) -> tuple[str, ...]:
        """The names of what every config reports for the data (see `Stack.train_epoch`).

        `train_cost` is not among them: trials of different penalties cannot be compared by it.
        """
        return metric_names(data, penalised=False)

    def check(self, config: Mapping[str, Any], data: Dataset) -> None:
        """Raise `ConfigError` where the config cannot be trained, or not on the data."""
        Architecture.of(MLPConfig.parse(config), data)

    def describe(self, data: Dataset) -> Description:
        """What was understood of the data, for whoever starts a sweep, and what its models have to beat."""
        return data.describe()

    def check_device(self, device: str) -> None:
        """Raise `ConfigError` where nothing can be trained on the device."""
        check_device(device)

    def awaits(self, device: str) -> str:
        """What comes before the first training on this machine, for whoever waits; "" where nothing does."""
        if device != "cpu" or is_compiled("float32"):
            return ""
        return "the trainer is compiled for this machine, once; that takes some ten seconds"

    def prepare(self, device: str) -> None:
        """Load what training on the device takes, or compile it."""
        if device == "cpu":
            from trainer.compiled.ready import make_ready

            make_ready("float32")

    def pack_key(self, config: Mapping[str, Any], run: Run) -> Hashable | None:
        """Configs of one key can be trained as one `Stack`; None on a CPU, where each is compiled alone.

        Raises `ConfigError` as `check` does.
        """
        key = MLPConfig.parse(config).pack_key
        return None if run.device == "cpu" else (run.seed, *key)

    def pack(self, config: Mapping[str, Any], run: Run) -> StackPack:
        """An empty pack for configs of this one's key."""
        return StackPack(MLPConfig.parse(config), run)

    def winner(self, data: Dataset, trained: Sequence[Trained], about: Mapping[str, Any]) -> saved.Model:
        """A model ready to predict and to be saved, of one config and checkpoint, or an ensemble of several.

        about: as in `trainer.model.card`. Raises ValueError where they are not of such a network and data.
        """
        from trainer.model.trained import trained_model

        return trained_model(data, trained, about)

    def members(self, data: Dataset, trained: Sequence[Trained]) -> list[int]:
        """Which of several make the best ensemble, the best first given; see trainer.model.ensemble."""
        from trainer.model.ensemble import members

        return members(data, trained)

    def load_winner(self, folder: Path) -> saved.Model:
        """What `winner` gave and was saved. Raises `DataError`."""
        from trainer.model import load_model

        return load_model(folder)

    def refitting(self, config: Mapping[str, Any], data: Dataset) -> tuple[dict[str, Any], Dataset]:
        """The config and the data to train on where the validation split counts as training, too.

        Raises `DataError` where the rows have weights of a column, which validation rows keep none of.
        """
        from trainer.model.refitting import refitting

        return refitting(config, data)

    def __call__(self, config: Mapping[str, Any], run: Run) -> Iterator[dict[str, float]]:
        """Train from epoch `run.start` to `run.epochs`; save before each epoch's metrics.

        Ends early where patience has run out, and after the epoch in which the model has diverged.
        Raises `ConfigError`, TypeError where there is no `Dataset`, ValueError where there is no
        checkpoint to start from or it is another network's.
        """
        check_data(run)
        model = _model(MLPConfig.parse(config), run)
        member = model.member
        check_start(member, run)
        while member.status is Status.TRAINING and member.epoch < run.epochs:
            metrics = model.train_epoch()
            if not member.diverged:
                run.save(model.checkpoint())
            yield metrics


class _Alone:
    """A stack of one."""

    def __init__(self, config: MLPConfig, run: Run) -> None:
        self._stack = Stack(run.data, seed=run.seed, device=run.device)
        self.member = self._stack.enter(config, run.restore())

    def train_epoch(self) -> Metrics:
        return self._stack.train_epoch()[self.member]

    def checkpoint(self) -> Checkpoint:
        return self._stack.checkpoint(self.member)


def _model(config: MLPConfig, run: Run) -> Model | _Alone:
    if run.device != "cpu":
        return _Alone(config, run)
    from trainer.compiled.model import Model  # numba takes half a second, which only workers need

    return Model(config, run.data, seed=run.seed, checkpoint=run.restore())


mlp = MLP()
