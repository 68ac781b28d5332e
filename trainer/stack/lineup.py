"""Models side by side, for as long as none enters and none leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector
from trainer.backends import Backend, Index
from trainer.epoch.examples import Examples
from trainer.epoch.feed import Feed
from trainer.epoch.score import Score
from trainer.member import Member
from trainer.network.architecture import Architecture
from trainer.stack.kind import Kind
from trainer.stack.padding import fitted

_CHECKED = 1024  # examples between two looks for models that have diverged
_ACTIVATIONS = 1 << 20  # hidden activations evaluated at a time: these stay in the cache
_LEAST, _CHUNK = 128, 1024  # but no fewer examples, and no more
_ON_GPU = 1 << 27  # there, calls are dear, and this is half a gigabyte


class Lineup:
    """members: sorted by epoch. state: their arrays on the device, padded to common widths."""

    def __init__(
        self,
        members: Sequence[Member],
        state: Mapping[str, Array],
        architecture: Architecture,
        train: Examples,
        seed: int,
        backend: Backend,
        kind: Kind,
    ) -> None:
        self.members, self._train, self._kind = list(members), train, kind
        self.architecture, self.backend, self._seed = architecture, backend, seed
        configs = [member.config for member in members]
        self._widths = architecture.widths(configs)
        dtype = architecture.dtype
        self._feed = Feed(self.members, train, self._widths, seed=seed, backend=backend, dtype=dtype)
        self._learner = kind.learner(
            self.members, architecture, state, self._widths, self._feed.steps, seed, backend
        )
        self._score = Score(len(members), architecture.head, backend)
        self._run = backend.runner()

    @property
    def state(self) -> dict[str, Array]:
        return self._learner.state()

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """The steps of an epoch, in pieces after which to look for models that have diverged."""
        full, size = self._feed.full_steps, self._feed.batch_size
        length = max(1, _CHECKED // size) if self.backend.eager else max(1, full)
        pieces = [(first, min(first + length, full)) for first in range(0, full, length)]
        return pieces + ([(full, full + 1)] if self._feed.steps > full else [])

    def begin_epoch(self) -> None:
        self._feed.load()
        self._score.reset()
        self._learner.begin_epoch(flush=self.backend.eager)

    def train(self, first: int, last: int) -> None:
        """Steps first … last − 1 of the epoch; the last one of all, which may be smaller, by itself."""
        if first >= self._feed.full_steps:
            self._step(first)
        else:
            self._run(self._step, first, last)

    def finite(self) -> NDArray[np.bool_]:
        """Which models have had finite outputs in this epoch."""
        return self._score.finite()

    def scores(self) -> tuple[Vector, Vector | None, Vector, Vector]:
        """Of the epoch's minibatches: mean loss, accuracy, gradient's norm and penalty, shape (K,) each."""
        examples, host = len(self._train), self.backend.numpy
        norms = host(self._learner.norms) / self._feed.steps
        return *self._score.means(examples), norms, host(self._learner.penalties) / examples

    def evaluate(
        self, examples: Examples, keep: bool = False
    ) -> tuple[Vector, Vector | None, NDArray[Any] | None]:
        """Mean loss and accuracy of each model as it is now; with `keep`, the outputs (K, n_L, m) as well."""
        score = Score(len(self.members), self.architecture.head, self.backend)
        widest = self.architecture.widest(self._widths)
        activations, most = (_ACTIVATIONS, _CHUNK) if self.backend.eager else (_ON_GPU, len(examples))
        chunk = int(np.clip(activations // (len(self.members) * widest), min(_LEAST, most), most))
        kept: list[NDArray[Any]] = []
        for start in range(0, len(examples), chunk):
            batch = examples.part(start, start + chunk)
            outputs = self._learner.predict(batch.X)
            kept += [self.backend.numpy(outputs)] if keep else []
            score.add(outputs, batch.T[None], batch.y[None])
        return *score.means(len(examples)), np.concatenate(kept, axis=2) if keep else None

    def select(self, models: NDArray[np.bool_]) -> Lineup | None:
        """Those of the models that stay, in the midst of the epoch; None if none does."""
        if models.all():
            return self
        if not models.any():
            return None
        rows = self.backend.array(np.flatnonzero(models))
        members = [member for member, stays in zip(self.members, models, strict=True) if stays]
        widths = self.architecture.widths([member.config for member in members])
        shapes = self.architecture.state(widths)
        state = {
            name: fitted(self.backend.rows(x, rows), shapes[name], self.backend)
            for name, x in self.state.items()
        }
        rest = Lineup(members, state, self.architecture, self._train, self._seed, self.backend, self._kind)
        rest._score = self._score.select(models)
        rest._feed.load()
        for name in ("norms", "penalties"):
            getattr(rest._learner, name)[...] = self.backend.rows(getattr(self._learner, name), rows)
        return rest

    def _step(self, index: Index) -> None:
        step = self._feed.step(index)
        self._score.add(self._learner.step(step), step.T, step.y)
