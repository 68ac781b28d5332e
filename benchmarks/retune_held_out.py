"""Problems for `benchmarks.retune` that no margin of a retune was set on: another shape, other seeds.

Made once, before any figure on them was seen. What differs from the bowls there: a narrow valley, since the
best rate rises with the batch size; nearly flat far away; noise with heavy tails, the larger the loss; losses
that fall by a power of the epochs, so that curves cross; six hyperparameters, one of them a choice of three.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import sweeps

SPACE = {
    "rate": {"log": [1e-4, 1e-1]},
    "batch": {"log_int": [16, 512]},
    "decay": {"log": [1e-6, 1e-1]},
    "keep": {"uniform": [0.3, 1]},
    "layers": {"int": [1, 6]},
    "schedule": {"choice": ["none", "cosine", "step"]},
}
OPTIMUM = {"rate": 0.45, "decay": 0.6, "keep": 0.7, "layers": 0.5}
STEEPNESS = {"rate": 2.5, "decay": 1.2, "keep": 0.8, "layers": 0.4}
ROUND = 0.1  # so near to the optimum it is a parabola
WITH_BATCH, WRONG, HEIGHT, FLOOR = 0.4, 0.3, 0.4, 0.1
NOISE, SPLIT, LEVEL = 0.06, 0.06, 0.15  # in parts of the loss
FIRST = 7000  # number of a case
MOVES = (("rate",), ("decay",), ("keep",), ("decay", "keep"), ())


@dataclass(frozen=True)
class Valley:
    """A problem: where its optimum lies, in parts of each range; the best schedule; its splits' seed."""

    optimum: Mapping[str, float]
    schedule: str = "cosine"
    number: int = 0

    def loss(self, config: Mapping[str, Any], split: int) -> float:
        """What a config comes to in the end, without the noise of the seed."""
        space = sweeps.Space(SPACE)
        units = {name: space.distributions[name].to_unit(config[name]) for name in (*OPTIMUM, "batch")}
        off = {name: units[name] - self.optimum[name] for name in OPTIMUM}
        off["rate"] -= WITH_BATCH * (units["batch"] - 0.5)
        away = sum(STEEPNESS[name] * (np.hypot(x, ROUND) - ROUND) for name, x in off.items())
        away += WRONG * (config["schedule"] != self.schedule)
        level = float(np.random.default_rng([self.number, split, 1]).lognormal(sigma=LEVEL))
        favour = _hills(np.array(list(units.values())), [self.number, split])
        return float(level * (FLOOR + HEIGHT * (1 - np.exp(-away))) * np.exp(SPLIT * favour))


def _hills(x: np.ndarray[Any, Any], seed: list[int]) -> float:
    """What a split favours: eight hills and hollows of a quarter of the range, of deviation about 1."""
    rng = np.random.default_rng(seed)
    middles, heights = rng.uniform(0, 1, (8, len(x))), rng.normal(0, 2, 8)
    return float(heights @ np.exp(-0.5 * ((x - middles) ** 2).sum(1) / 0.4**2))


def train(config: Mapping[str, Any], run: Any) -> Iterator[dict[str, float]]:
    """The made-up model; `run.data` is a problem and the number of a split."""
    valley, split = run.data
    key = [run.seed, split, valley.number, zlib.crc32(repr(sorted(config.items())).encode())]
    noise = float(np.random.default_rng(key).standard_t(4) / np.sqrt(2))
    final = valley.loss(config, split) * float(np.exp(NOISE * np.clip(noise, -5, 5)))
    slow = 0.6 + 0.6 * sweeps.Space(SPACE).distributions["rate"].to_unit(config["rate"])
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": final * (1 + 3 * (epoch + 1) ** -(slow + 0.4))}


def unchanged(number: int) -> Valley:
    return Valley(OPTIMUM, number=FIRST + number)


def moved(number: int) -> Valley:
    """One or two coordinates a third of the range away, or another schedule is best."""
    rng = np.random.default_rng([FIRST + number, 1])
    names = MOVES[number % len(MOVES)]
    optimum = dict(OPTIMUM)
    for name in names:
        sign = 1 if optimum[name] < 0.35 else -1 if optimum[name] > 0.65 else rng.choice([-1, 1])
        optimum[name] = float(np.clip(optimum[name] + sign * rng.uniform(0.25, 0.4), 0, 1))
    return Valley(optimum, "cosine" if names else str(rng.choice(["none", "step"])), FIRST + number)
