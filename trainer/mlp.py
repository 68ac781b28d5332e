"""The built-in trainable: a multilayer perceptron."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trainer.backends import check_device
from trainer.built_in import BuiltIn
from trainer.compiled.cache import is_compiled
from trainer.config import RULES, MLPConfig
from trainer.data import Dataset
from trainer.epoch.report import Metrics
from trainer.member import Status
from trainer.network.architecture import Architecture
from trainer.probe import DenseProbe, is_wanted
from trainer.run import Run
from trainer.stack.carry import check_change
from trainer.stack.checkpoint import Checkpoint
from trainer.stack.stack import Stack
from trainer.stack_pack import StackPack, check_data, check_start, trained_with

if TYPE_CHECKING:
    from trainer.compiled.model import Model


class MLP(BuiltIn):
    """Call it with a config and a run to get a generator of one mapping of metrics per epoch.

    They are loss, accuracy and error of each split, the gradient's norm, and with an `l1` or `l2`
    `train_cost`, the loss with its penalties; see `Stack.train_epoch`. Where the run asks for it, `by_layer`,
    also what each layer shows; see trainer.probe.

    hyperparameters: the names a config may have (see `MLPConfig`).
    """

    kind = "mlp"
    hyperparameters: frozenset[str] = frozenset(RULES)

    def check(self, config: Mapping[str, Any], data: Dataset | None) -> None:
        """Raise `ConfigError` where the config cannot be trained, or not on the data, if there are any."""
        parsed = MLPConfig.parse(config)
        if data is not None:
            Architecture.of(parsed, data)

    def check_change(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        """Raise `ConfigError` where a network trained with one config cannot go on with the other."""
        check_change(MLPConfig.parse(before), MLPConfig.parse(now))

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
        probe = DenseProbe(member.config, run.data) if is_wanted(run) else None
        while member.status is Status.TRAINING and member.epoch < run.epochs:
            metrics = model.train_epoch()
            if not member.diverged:
                saved = model.checkpoint()
                run.save(saved)
                metrics |= {} if probe is None else probe(saved)
            yield metrics


class _Alone:
    """A stack of one."""

    def __init__(self, config: MLPConfig, run: Run) -> None:
        self._stack = Stack(run.data, seed=run.seed, device=run.device)
        self.member = self._stack.enter(config, run.restore(), trained_with(run, MLPConfig))

    def train_epoch(self) -> Metrics:
        return self._stack.train_epoch()[self.member]

    def checkpoint(self) -> Checkpoint:
        return self._stack.checkpoint(self.member)


def _model(config: MLPConfig, run: Run) -> Model | _Alone:
    if run.device != "cpu":
        return _Alone(config, run)
    from trainer.compiled.model import Model  # numba takes half a second, which only workers need

    before = trained_with(run, MLPConfig)
    return Model(config, run.data, seed=run.seed, checkpoint=run.restore(), before=before)


mlp = MLP()
