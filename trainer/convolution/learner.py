"""K convolutional networks with their optimizer: what one step of training changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch

from trainer.arrays import Array
from trainer.backends import Backend
from trainer.convolution.architecture import ConvolutionArchitecture, initial_state
from trainer.convolution.augment import Augmentation
from trainer.convolution.config import CNNConfig
from trainer.convolution.network import Images
from trainer.epoch.feed import Step
from trainer.heads import smoothed
from trainer.member import Member
from trainer.network.architecture import Architecture
from trainer.stack.kind import Kind
from trainer.stack.learner import Learner
from trainer.stack.penalties import Penalties

# A step's maps are some megabytes each. Once a block of this size has been given back, glibc keeps the memory
# of smaller ones for the next, and no step waits for the system to clear its pages: half of the time.
np.empty(31 << 20, np.uint8)


class ConvolutionLearner(Learner):
    """members: sorted by epoch. state: as `Learner` has it. steps: an epoch's. seed: of the draws."""

    def __init__(
        self,
        members: Sequence[Member],
        architecture: ConvolutionArchitecture,
        state: Mapping[str, Array],
        steps: int,
        seed: int,
        backend: Backend,
    ) -> None:
        configs = [cast(CNNConfig, member.config) for member in members]
        self._convolutions = architecture.convolutions()
        super().__init__(
            cast(Any, self._convolutions),  # whose `predict` alone is called as that of a dense one
            architecture.optimizer,
            Penalties.of(configs),
            state,
            architecture.params(()),
            architecture.statistics(()),
            backend,
        )
        self._members, self._steps = members, steps
        self._augment = Augmentation(configs[0].flip, configs[0].shift, seed, backend)
        self._head, self._size = architecture.head, configs[0].batch_size
        self._smoothing = architecture.smoothing(configs, backend)
        self._uniform = self._head.uniform(architecture.classes)
        self._epochs: list[int] = []

    def step(self, step: Step) -> Array:
        self._load()
        passed = self._convolutions.forward(self._params, self._images(step), step.masks)
        outputs: Array = passed.outputs.detach()
        dZ = self._head.gradient(outputs, smoothed(step.T, self._smoothing, self._uniform))
        if step.weights is not None:
            dZ *= step.weights
        self._convolutions.backward(passed, dZ, self._grads)
        self._remember(passed.normalised, outputs.shape[2], step.coefficients)
        self._update(step.coefficients, outputs.shape[2])
        return outputs

    def _load(self) -> None:
        """Make what depends on the epoch that the members are in; others may have left in its midst."""
        epochs = [member.epoch for member in self._members]
        if epochs != self._epochs:
            self._epochs = epochs
            self._augment.load(epochs, self._steps * self._size)

    def _images(self, step: Step) -> Images:
        parts = []
        for models, X in step.inputs:
            epoch = self._members[models.start or 0].epoch
            parts.append(self._augment(self._convolutions.images(X), epoch, step.index * self._size))
        if len(parts) == 1:
            return Images(parts[0], shared=True)
        counts = [models.stop - models.start for models, _ in step.inputs]
        own = [x.repeat(1, count, 1, 1) for x, count in zip(parts, counts, strict=True)]
        return Images(torch.cat(own, dim=1), shared=False)


def _learner(
    members: Sequence[Member],
    architecture: Architecture,
    state: Mapping[str, Array],
    widths: tuple[int, ...],
    steps: int,
    seed: int,
    backend: Backend,
) -> Learner:
    own = cast(ConvolutionArchitecture, architecture)
    return ConvolutionLearner(members, own, state, steps, seed, backend)


CONVOLUTIONS = Kind(ConvolutionArchitecture.of, initial_state, _learner, captured=False)
