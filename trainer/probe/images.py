"""The layers of a convolutional network, in torch on the CPU; images are not augmented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.backends import backend_for
from trainer.convolution import CNNConfig
from trainer.convolution.architecture import ConvolutionArchitecture
from trainer.convolution.network import Images
from trainer.data import Dataset
from trainer.epoch.report import Metrics
from trainer.heads import smoothed
from trainer.probe.layers import CAN_DIE, DEAD, GRADIENT, gradient, probe_batch


class ConvolutionProbe:
    """See `Probe`. A unit of a convolution is a channel, which is dead where it is silent at every place.

    Raises `ConfigError` where the config cannot predict the data.
    """

    def __init__(self, config: CNNConfig, data: Dataset) -> None:
        self._backend = backend_for("torch-cpu")
        self._architecture = architecture = ConvolutionArchitecture.of(config, data)
        self._shapes = architecture.params(())
        self._network = architecture.convolutions()
        self._smoothing = architecture.smoothing([config], self._backend)
        self._batch = probe_batch(architecture, data, self._backend)

    def __call__(self, checkpoint: Mapping[str, NDArray[Any]]) -> Metrics:
        params = {name: self._backend.array(checkpoint[name][None]) for name in self._shapes}
        dead: dict[int, float] = {}
        images = Images(self._network.images(self._batch.X), shared=True)
        passed = self._network.forward(params, images, silent=dead)
        grads = {name: self._backend.like(x, tuple(x.shape)) for name, x in params.items()}
        self._network.backward(passed, self._by_outputs(passed.outputs), grads)
        found = {name: self._backend.numpy(x) for name, x in grads.items()}
        of = {n: gradient(found[f"W{n}"], checkpoint[f"W{n}"]) for n in self._architecture.layers.weights}
        named = {DEAD.format(n): dead[n] for n in sorted(dead)}
        shown = named if self._architecture.config.activation in CAN_DIE else {}
        return shown | {GRADIENT.format(n): share for n, share in of.items()}

    def _by_outputs(self, outputs: Any) -> Array:
        """The gradient by what the last layer gives."""
        head, batch = self._architecture.head, self._batch
        targets = smoothed(batch.T[None], self._smoothing, head.uniform(self._architecture.classes))
        dZ = head.gradient(outputs.detach(), targets)
        return dZ if batch.weights is None else dZ * batch.weights[None]
