"""An epoch of a stack against a plain loop: batches, dropout, schedule, penalties, rule, statistics."""

import dataclasses

import numpy as np
import pytest

from tests.trainer.examples import blobs, bytes_data, line
from tests.trainer.pure import clip_by_norm, init, update
from tests.trainer.stacks import bounds, config, farthest, mixed, train
from trainer import Stack
from trainer.backends import backend_for
from trainer.config import vectors
from trainer.draws import uniform, words
from trainer.network.architecture import Architecture
from trainer.optimizers import OPTIMIZERS, build_optimizer
from trainer.randomness import Purpose, generator
from trainer.schedules import build_schedule

EPOCHS, SEED = 5, 1


class ByHand:
    """One model, from its checkpoint before the first update, at `t` updates."""

    def __init__(self, wish, data):
        architecture, numbers = Architecture.of(wish, data), vectors([wish])
        stack = Stack(data, seed=SEED)
        state = {name: x[None] for name, x in stack.checkpoint(stack.enter(wish)).items()}
        widths = architecture.widths([wish])
        self.wish, self.data, self.widths, self.t = wish, data, widths, 0
        self.remembered = 0
        self.network = architecture.network([wish], backend_for("cpu"))
        self.params = {name: state[name] for name in architecture.params(widths)}
        self.statistics = {name: state[name] for name in architecture.statistics(widths)}
        optimizer = build_optimizer(wish.optimizer, {**numbers, "weight_decay": np.zeros(1)})
        self.optimizer, self.state = optimizer, init(optimizer, self.params)
        given = {name: x[0] for name, x in numbers.items() if np.isfinite(x[0])}
        self.schedule = build_schedule(wish.schedule, given)

    def epoch(self, epoch):
        m, size = len(self.data.x_train), min(self.wish.batch_size, len(self.data.x_train))
        order, steps = generator(SEED, Purpose.ORDER, epoch).permutation(m), -(-m // size)
        for step in range(steps):
            rows = order[step * size : (step + 1) * size]
            rate = self.schedule(np.array([self.t]), steps)
            self.update(rows, rate, self.masks(epoch, step, len(rows)))
            self.t += 1

    def masks(self, epoch, step, m):
        for layer, keep in enumerate(self.wish.keep):
            key = np.array(words((SEED, int(Purpose.DROPOUT), self.wish.replica), epoch, layer))
            at = step * min(self.wish.batch_size, len(self.data.x_train)) + np.arange(m)
            yield ((uniform(key, at, self.widths[layer], np.float64) < keep) / keep)[None]

    def update(self, rows, rate, masks):
        x, y = self.data.scaled(self.data.x_train[rows]).astype(np.float64), self.data.y_train[rows]
        T = (np.eye(3)[y].T if self.data.classes else y[None])[None]
        passed = self.network.forward(self.params, [(slice(None), x)], list(masks))
        grads = {name: np.empty_like(p) for name, p in self.params.items()}
        self.network.backward(self.params, passed, T, grads)
        self.remember(passed.normalised, len(rows))
        weights = {name: p for name, p in self.params.items() if name.startswith("W")}
        shares = {name: self.wish.l2 * W + self.wish.l1 * np.sign(W) for name, W in weights.items()}
        grads |= {name: grads[name] + share / len(rows) for name, share in shares.items()}
        limit = np.array([self.wish.clip_norm or np.inf])
        optimizer = dataclasses.replace(self.optimizer, learning_rate=rate)
        updates, self.state = update(optimizer, clip_by_norm(grads, limit), self.state, self.params)
        decay = {name: rate * self.wish.weight_decay * W for name, W in weights.items()}
        self.params = {name: p + updates[name] - decay.get(name, 0) for name, p in self.params.items()}

    def remember(self, normalised, m):
        beta = self.wish.batch_norm_beta
        if normalised and self.wish.batch_norm_correction:
            self.remembered += 1
            # The sum Σ βⁱ (1 − β) x over 1 − βⁿ, step by step: β sums what was before.
            before = (1 - beta ** (self.remembered - 1)) * beta
            beta = before / (before + (1 - beta))
        for layer, of in normalised.items():
            new = {f"mean{layer}": of.mean, f"variance{layer}": of.variance * m / (m - 1)}
            self.statistics |= {n: beta * self.statistics[n] + (1 - beta) * x for n, x in new.items()}

    def arrays(self):
        moments = {f"{s}.{name}": x for s, of in self.state.moments.items() for name, x in of.items()}
        return {name: x[0] for name, x in {**self.params, **self.statistics, **moments}.items()}


def check(configs, data):
    trained = list(zip(*train(configs, EPOCHS, data=data, seed=SEED), strict=True))
    for wish, own, bound in zip(configs, trained, bounds(configs, trained, EPOCHS, data=data), strict=True):
        hand = ByHand(wish, data)
        for epoch in range(EPOCHS):
            hand.epoch(epoch)
        last = {name: x for name, x in own[1].items() if name not in ("epoch", "best", "stale")}
        assert set(last) == set(hand.arrays())
        # Each is a bound apart from what is exact.
        assert farthest((own[0], last), (own[0], hand.arrays())) <= 2 * bound < 1e-8, wish


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_classes(optimizer, batch_norm):
    check(mixed(optimizer=optimizer, batch_norm=batch_norm), blobs())


def test_quantities():
    check(mixed(weight_decay=0.3, l1=0.1, l2=0.2), line())


@pytest.mark.parametrize("batch_size", [1, 90, 1000])
def test_batch_sizes(batch_size):
    check([config(hidden=[5], batch_size=batch_size, keep_probability=0.5)], blobs())


def test_bytes_are_scaled():
    check(mixed(), bytes_data())
