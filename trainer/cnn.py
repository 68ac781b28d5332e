"""The built-in trainable for images: a small convolutional network, on torch."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from trainer.backends import check_device
from trainer.backends.select import INSTALL
from trainer.built_in import BuiltIn
from trainer.config import MLPConfig
from trainer.convolution import CNN_RULES, CNNConfig
from trainer.convolution.architecture import ConvolutionArchitecture, image_shape
from trainer.data import Dataset
from trainer.errors import ConfigError
from trainer.member import Status
from trainer.probe import Probe, is_wanted
from trainer.run import Run
from trainer.stack.carry import check_change
from trainer.stack_pack import check_data, check_start, trained_with

if TYPE_CHECKING:
    from trainer.stack.stack import Stack


class CNN(BuiltIn):
    """Call it with a config and a run to get a generator of one mapping of metrics per epoch, as `MLP` gives.

    hyperparameters: the names a config may have (see `CNNConfig`).
    """

    kind = "cnn"
    hyperparameters: frozenset[str] = frozenset(CNN_RULES)

    def check_data(self, data: Dataset) -> None:
        """Raise `ConfigError` where torch is missing, `DataError` on data that are no images."""
        if importlib.util.find_spec("torch") is None:
            rule = "needs torch, which is not installed"
            raise ConfigError("trainable", self.kind, rule, f"{INSTALL}, or trainable: mlp")
        image_shape(data.shape)

    def check(self, config: Mapping[str, Any], data: Dataset | None) -> None:
        """Raise `ConfigError` where the config cannot be trained, or not on the data, if there are any."""
        parsed = CNNConfig.parse(config)
        if data is not None:
            ConvolutionArchitecture.of(parsed, data)

    def check_change(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        """Raise `ConfigError` where a network trained with one config cannot go on with the other."""
        check_change(CNNConfig.parse(before), CNNConfig.parse(now))

    def check_device(self, device: str) -> None:
        """Raise `ConfigError` where nothing can be trained on the device."""
        check_device(device)

    def prepare(self, device: str) -> None:
        """Load torch, before its threads are limited."""
        import trainer.convolution.learner  # noqa: F401

    def __call__(self, config: Mapping[str, Any], run: Run) -> Iterator[dict[str, float]]:
        """Train from epoch `run.start` to `run.epochs`; save before each epoch's metrics.

        Ends early where patience has run out, and after the epoch in which the model has diverged.
        Raises `ConfigError`, TypeError where there is no `Dataset`, ValueError where there is no
        checkpoint to start from or it is another network's.
        """
        check_data(run, self.kind)
        stack = convolution_stack(run.data, seed=run.seed, device=run.device)
        member = stack.enter(CNNConfig.parse(config), run.restore(), trained_with(run, CNNConfig))
        check_start(member, run)
        probe = _probe(member.config, run)
        while member.status is Status.TRAINING and member.epoch < run.epochs:
            metrics = stack.train_epoch()[member]
            if not member.diverged:
                saved = stack.checkpoint(member)
                run.save(saved)
                metrics |= {} if probe is None else probe(saved)
            yield metrics


def _probe(config: MLPConfig, run: Run) -> Probe | None:
    if not is_wanted(run):
        return None
    from trainer.probe.images import ConvolutionProbe

    return ConvolutionProbe(cast(CNNConfig, config), run.data)


def convolution_stack(data: Dataset, *, seed: int = 0, device: str = "cpu") -> Stack:
    """A `Stack` that `CNNConfig`s enter. device: "cpu", where torch computes as well, or "cuda"."""
    from trainer.convolution.learner import CONVOLUTIONS
    from trainer.stack.stack import Stack

    on_torch = "torch-cpu" if device == "cpu" else device
    return Stack(data, seed=seed, device=on_torch, kind=CONVOLUTIONS)


cnn = CNN()
