"""A stack with its optimizer: what one step of training changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from trainer.arrays import Array, Labels, Params, Vector
from trainer.checkpoint import Checkpoint, pack_checkpoint, unpack_checkpoint
from trainer.layout import Layout
from trainer.network import Network
from trainer.optimizers import Optimizer, State

_ALL = "all"  # the optimizer sees all parameters as one array of this name


class Learner:
    """K models in training. optimizer: may be exchanged for the same rule at another learning rate.

    params: what the models start from. l2: as in `Network.cost`; None where no model is penalised.
    """

    def __init__(self, network: Network, optimizer: Optimizer, params: Params, l2: Vector | None) -> None:
        self.optimizer = optimizer
        self._network, self._l2 = network, l2
        self._layout = Layout({name: array.shape[1:] for name, array in params.items()})
        self._theta = self._layout.flatten(params)
        self._params = self._layout.views(self._theta)
        self._state = optimizer.init({_ALL: self._theta})

    def step(self, X: Array, y: Labels, masks: Sequence[Array] = ()) -> Array:
        """One update on a minibatch. Returns the logits before it, shape (K, classes, m)."""
        passed = self._network.forward(self._params, X, masks)
        grads = self._network.backward(self._params, passed, y, self._l2)
        gradient = {_ALL: self._layout.flatten(grads)}
        updates, self._state = self.optimizer.update(gradient, self._state, {_ALL: self._theta})
        self._theta += updates[_ALL]  # in place: the named parameters are views of it
        return passed.logits

    def logits(self, X: Array) -> Array:
        """What the models say of the examples X (m, features), without dropout: (K, classes, m)."""
        return self._network.forward(self._params, X).logits

    def checkpoint(self) -> Checkpoint:
        """All that training goes on from; no later step changes these arrays."""
        return pack_checkpoint(self._layout.views(self._theta.copy()), self._named_state())

    def restore(self, checkpoint: Mapping[str, NDArray[Any]]) -> None:
        """Go on from a checkpoint. Raises ValueError where it is another network's."""
        params, state = unpack_checkpoint(checkpoint, self._params, self._named_state())
        self._theta[...] = self._layout.flatten(params)
        moments = {symbol: {_ALL: self._layout.flatten(of)} for symbol, of in state.moments.items()}
        self._state = State(state.t, moments)

    def _named_state(self) -> State:
        moments = {symbol: self._layout.views(of[_ALL]) for symbol, of in self._state.moments.items()}
        return State(self._state.t, moments)
