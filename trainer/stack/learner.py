"""K networks with their optimizer: what one step of training changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trainer.arrays import Array, Params, namespace
from trainer.averages import moving_average
from trainer.backends import Backend
from trainer.epoch.feed import Step
from trainer.layers import batch_norm
from trainer.network.network import Network, Pass
from trainer.network.shapes import AVERAGE, Shapes
from trainer.optimizers import Optimizer
from trainer.stack.blocks import cut, descent
from trainer.stack.layout import Layout
from trainer.stack.penalties import Penalties

_PREFIX = f"{AVERAGE}."

FADED = 1e8  # times the least normal number: some hundred steps of a β of 0.9 above it


class Learner:
    """state: each parameter, statistic and moment as trainer.network.shapes names it, with a model axis.

    params, statistics: shapes of those. The arrays of the state are copied.
    """

    def __init__(
        self,
        network: Network,
        optimizer: type[Optimizer],
        penalties: Penalties,
        state: Mapping[str, Array],
        params: Shapes,
        statistics: Shapes,
        backend: Backend,
    ) -> None:
        self._network, self._penalties = network, penalties
        self._layout = layout = Layout(params)
        self._theta = layout.flatten(state)
        self._moments = {
            symbol: layout.flatten({name: state[f"{symbol}.{name}"] for name in params})
            for symbol in optimizer.symbols
        }
        xp = namespace(self._theta["W1"])
        self._gradient = {part: xp.zeros_like(x) for part, x in self._theta.items()}
        self._statistics = {name: xp.asarray(state[name], copy=True) for name in statistics}
        self._averages = _Averages.of(state, layout, statistics)
        self._params, self._grads = layout.views(self._theta), layout.views(self._gradient)
        self._apply = backend.compiled(descent(optimizer.rule))
        self._blocks = cut(self._theta, self._gradient, self._moments, backend.block)
        self.norms = xp.zeros_like(self._theta["W1"][:, 0], dtype=xp.float64)
        self.penalties = xp.zeros_like(self.norms)

    def begin_epoch(self, flush: bool) -> None:
        """Set `norms` and `penalties` to zero. flush: and parameters and moments that are all but zero.

        Those of a unit that has died fade for ever, its weights where they are penalised, into numbers that a
        CPU is many times slower with.
        """
        self.norms[...] = 0
        self.penalties[...] = 0
        averages = [] if self._averages is None else [self._averages.theta]
        for flat in (self._theta, *self._moments.values(), *averages) if flush else ():
            for x in flat.values():
                xp = namespace(x)
                x *= xp.abs(x) >= FADED * xp.finfo(x.dtype).tiny

    def step(self, step: Step) -> Array:
        """One update on a minibatch. Returns the outputs before it, shape (K, n_L, m).

        Adds the gradients' norms, before they are clipped, to `norms`, and what the cost of the
        minibatch's examples has beside their losses to `penalties`, shape (K,) each.
        """
        passed = self._network.forward(self._params, step.inputs, step.masks)
        self._network.backward(self._params, passed, step.T, self._grads, step.weights)
        m = passed.outputs.shape[2]
        self._remember(_estimates(passed, m), m, step.coefficients)
        self._update(step.coefficients, m)
        return passed.outputs

    def predict(self, X: Array) -> Array:
        """The outputs for examples X (m, n_0), without dropout, by the averages if there are: (K, n_L, m)."""
        if self._averages is None:
            return self._network.predict(self._params, self._statistics, X)
        return self._network.predict(self._averages.params, self._averages.statistics, X)

    def state(self) -> dict[str, Array]:
        """As it was given, at the present step. Later steps change these arrays."""
        moments = {
            f"{symbol}.{name}": x
            for symbol, flat in self._moments.items()
            for name, x in self._layout.views(flat).items()
        }
        averages = {} if self._averages is None else self._averages.state()
        return {**self._params, **self._statistics, **moments, **averages}

    def _update(self, coefficients: Mapping[str, Array], m: int) -> None:
        """Move the parameters by the gradient of a minibatch of m examples, which is in `_grads`."""
        parts = self._theta, self._gradient, self._layout
        self._penalties.penalise(coefficients, m, *parts, self.penalties)
        before_clipping = self._penalties.apply(coefficients, *parts)
        xp = namespace(self.norms)
        squares = xp.zeros_like(self.norms)
        for block in self._blocks:
            block.update(self._apply, coefficients, squares)
        self.norms += xp.sqrt(squares if before_clipping is None else before_clipping)
        if self._averages is not None:
            self._averages.take(self._theta, self._statistics, coefficients["average_weight"])

    def _remember(
        self, estimates: Mapping[int, tuple[Array, Array]], m: int, coefficients: Mapping[str, Array]
    ) -> None:
        """Take a minibatch's mean and unbiased variance of each normalised layer into the weighted ones."""
        if m == 1:
            return  # one example has no variance, and would count as much as a whole minibatch
        for layer, estimated in estimates.items():
            for name, x in zip(("mean", "variance"), estimated, strict=True):
                average = self._statistics[f"{name}{layer}"]
                average[...] = moving_average(average, x, coefficients["batch_norm_weight"][:, 0])


def _estimates(passed: Pass, m: int) -> dict[int, tuple[Array, Array]]:
    if m == 1:
        return {}
    return {
        layer: (normalised.mean, batch_norm.unbiased(normalised.variance, m))
        for layer, normalised in passed.normalised.items()
    }


class _Averages(NamedTuple):
    """Of the networks after each update: of all parameters as the layout has them, (K, P), and as views,
    and of the statistics.
    """

    theta: Params
    params: Params
    statistics: Params

    @classmethod
    def of(cls, state: Mapping[str, Array], layout: Layout, statistics: Shapes) -> _Averages | None:
        """As the state has them; None where it has none."""
        own = {name.removeprefix(_PREFIX): x for name, x in state.items() if name.startswith(_PREFIX)}
        if not own:
            return None
        theta = layout.flatten(own)
        copies = {name: namespace(own[name]).asarray(own[name], copy=True) for name in statistics}
        return cls(theta, layout.views(theta), copies)

    def take(self, theta: Params, statistics: Mapping[str, Array], weight: Array) -> None:
        """One more network into the average. weight: of it, (K, 1)."""
        pairs = [(self.theta[part], x, weight) for part, x in theta.items()]
        pairs += [(self.statistics[name], x, weight[..., None]) for name, x in statistics.items()]
        for average, x, own in pairs:
            average += own * (x - average)

    def state(self) -> dict[str, Array]:
        return {f"{_PREFIX}{name}": x for name, x in {**self.params, **self.statistics}.items()}
