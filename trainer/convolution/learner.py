"""K convolutional networks with their optimizer: what one step of training changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch

from trainer.arrays import Array
from trainer.averages import moving_average, total_weight
from trainer.backends import Backend
from trainer.convolution.architecture import AVERAGE, ConvolutionArchitecture, initial_state
from trainer.convolution.augment import Augmentation
from trainer.convolution.config import CNNConfig
from trainer.convolution.network import Images, Pass
from trainer.epoch.feed import Step
from trainer.member import Member
from trainer.network.architecture import Architecture
from trainer.stack.kind import Kind
from trainer.stack.learner import Learner
from trainer.stack.penalties import Penalties

# A step's maps are some megabytes each. Once a block of this size has been given back, glibc keeps the memory
# of smaller ones for the next, and no step waits for the system to clear its pages: half of the time.
np.empty(31 << 20, np.uint8)


class ConvolutionLearner(Learner):
    """members: sorted by epoch. state: as `Learner` has it, and averages over the updates, if there are any.
    steps: an epoch's. seed: of the draws.
    """

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
            cast(Any, self._convolutions),  # which only what is overridden here calls
            architecture.optimizer,
            Penalties.of(configs),
            state,
            architecture.params(()),
            architecture.statistics(()),
            backend,
        )
        averages = {name: state[AVERAGE + name] for name in architecture.averaged(())}
        # All parameters' in two arrays, as they are themselves.
        self._average_theta = self._layout.flatten(averages) if averages else {}
        self._average_statistics: dict[str, Array] = {
            name: cast(Any, averages[name]).clone() for name in self._statistics if averages
        }
        self._members, self._steps, self._backend = members, steps, backend
        self._augment = Augmentation(configs[0].flip, configs[0].shift, seed, backend)
        self._head, self._dtype, self._size = architecture.head, architecture.dtype, configs[0].batch_size
        self._beta = np.array([config.weight_average for config in configs])
        self._smoothing = np.array([config.label_smoothing for config in configs])
        self._epochs, self._average_weights = np.zeros(0), backend.array(np.zeros(0), self._dtype)

    def step(self, step: Step) -> Array:
        self._load()
        passed = self._convolutions.forward(self._params, self._images(step), step.masks)
        outputs: Array = passed.outputs.detach()
        dZ = self._head.gradient(outputs, self._smooth(step.T, outputs.shape[1]))
        if step.weights is not None:
            dZ *= step.weights
        self._convolutions.backward(passed, dZ, self._grads)
        self._keep_statistics(passed, step.coefficients)
        self._update(step.coefficients, outputs.shape[2])
        self._average(step.index)
        return outputs

    def predict(self, X: Array) -> Array:
        if not self._average_theta:
            return self._convolutions.predict(self._params, self._statistics, X)
        params = self._layout.views(self._average_theta)
        return self._convolutions.predict(params, self._average_statistics, X)

    def state(self) -> dict[str, Array]:
        own = super().state()
        if not self._average_theta:
            return own
        averages = {**self._layout.views(self._average_theta), **self._average_statistics}
        return {**own, **{AVERAGE + name: x for name, x in averages.items()}}

    def _load(self) -> None:
        """Make what depends on the epoch that the members are in; others may have left in its midst."""
        epochs = np.array([member.epoch for member in self._members])
        if np.array_equal(epochs, self._epochs):
            return
        self._epochs = epochs
        t = epochs * self._steps + np.arange(1, self._steps + 1)[:, None]
        weights = (1 - self._beta) / total_weight(self._beta, t)
        self._average_weights = self._backend.array(weights, self._dtype)
        self._augment.load(epochs.tolist(), self._steps * self._size)

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

    def _smooth(self, T: Array, outputs: int) -> Array:
        """(1 − ε) T + ε / classes, where any model has an ε."""
        if not self._smoothing.any() or not self._head.classifies:
            return T
        epsilon = self._backend.array(self._smoothing[:, None, None], self._dtype)
        smooth: Array = T - epsilon * (T - 1 / max(outputs, 2))
        return smooth

    def _keep_statistics(self, passed: Pass, coefficients: Mapping[str, Array]) -> None:
        if passed.outputs.shape[2] == 1:
            return  # as in a dense network: one example would count as much as a whole minibatch
        weight = coefficients["batch_norm_weight"][:, 0]
        for number, found in passed.normalised.items():
            for name, x in (("mean", found.mean), ("variance", found.variance)):
                average = self._statistics[f"{name}{number}"]
                average[...] = moving_average(average, x, weight)

    def _average(self, index: int) -> None:
        if not self._average_theta:
            return
        weight = self._average_weights[index]
        pairs = ((self._theta, self._average_theta), (self._statistics, self._average_statistics))
        for now, averages in pairs:
            for name, average in averages.items():
                average[...] = moving_average(average, now[name], weight)


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


CONVOLUTIONS = Kind(ConvolutionArchitecture.of, initial_state, _learner)
