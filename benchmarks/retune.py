"""Retunes whose answer is known: is an unchanged winner left alone, is a lost one found, and at what cost?

A made-up model with a known optimum is swept once for each case. Its validation loss has noise of the seed,
and of the split: each split favours some regions of the space a little, as a real one does, so that another
split of the same data has a slightly different best; and each split is easier or harder as a whole. Then its
winner is tried again: on another split of the same problem, or on a problem whose optimum lies elsewhere.
With --held-out the problems are those of `benchmarks.retune_held_out`, which no margin was set on.
With --digits, real networks are tuned on half of the digits and tried again on the other half: as it is, with
a third of the labels wrong, and with inputs ten times as large. Run it with:

    python -m benchmarks.retune [--cases N] [--held-out] [--digits]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sweeps
from benchmarks import retune_held_out
from sweeps.retuning import Retuned

SPACE = {
    "rate": {"log": [1e-5, 1]},
    "l2": {"log": [1e-6, 1]},
    "width": {"log_int": [8, 512]},
    "dropout": {"uniform": [0, 0.8]},
    "optimizer": {"choice": ["adam", "sgd"]},
}
OPTIMUM = {"rate": 0.5, "l2": 0.3, "width": 0.6, "dropout": 0.3}
CURVATURE = {"rate": 3.0, "l2": 1.0, "width": 0.3, "dropout": 0.3}
FLOOR, NOISE, SPLIT, LEVEL = 0.1, 0.01, 0.01, 0.15
WAVES = 6


@dataclass(frozen=True)
class World:
    """A problem: where its optimum lies, in parts of each range, the better optimizer, its splits' seed."""

    optimum: Mapping[str, float]
    optimizer: str = "adam"
    number: int = 0

    def loss(self, config: Mapping[str, Any], split: int) -> float:
        """What a config comes to in the end, without the noise of the seed."""
        space = sweeps.Space(SPACE)
        units = {name: space.distributions[name].to_unit(config[name]) for name in OPTIMUM}
        bowl = sum(CURVATURE[name] * (units[name] - self.optimum[name]) ** 2 for name in units)
        wrong = 0.1 * (config["optimizer"] != self.optimizer)
        level = float(np.random.default_rng([self.number, split, 1]).lognormal(sigma=LEVEL))
        return level * (FLOOR + bowl + wrong) + SPLIT * _wave(
            np.array(list(units.values())), [self.number, split]
        )


def _wave(x: NDArray[np.float64], seed: list[int]) -> float:
    """A smooth random field of deviation 1 (random Fourier features; Rahimi and Recht, 2007)."""
    rng = np.random.default_rng(seed)
    frequencies, phases = rng.normal(0, 4, (WAVES, len(x))), rng.uniform(0, 2 * np.pi, WAVES)
    return float(np.sqrt(2 / WAVES) * np.cos(frequencies @ x + phases).sum())


def train(config: Mapping[str, Any], run: Any) -> Iterator[dict[str, float]]:
    """The made-up model; `run.data` is a world and the number of a split."""
    world, split = run.data
    space = sweeps.Space(SPACE)
    rate = space.distributions["rate"].to_unit(config["rate"])
    noise = NOISE * float(np.random.default_rng(_key(config, [run.seed, split, world.number])).normal())
    final, speed = world.loss(config, split) + noise, 2 + 8 * (1 - rate)
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": final + 2 * np.exp(-(epoch + 1) / speed)}


def _key(config: Mapping[str, Any], numbers: list[int]) -> list[int]:
    """A seed of its own for each config."""
    return [*numbers, zlib.crc32(repr(sorted(config.items())).encode())]


def moved(number: int) -> World:
    """A problem whose optimum lies elsewhere: one or two coordinates a third of the range away, or the other
    optimizer is better."""
    rng = np.random.default_rng([number, 1])
    moves = (("rate",), ("l2",), ("rate", "l2"), ("rate", "dropout", "width"), ())
    names = moves[number % len(moves)]
    optimum = dict(OPTIMUM)
    for name in names:
        sign = 1 if optimum[name] < 0.35 else -1 if optimum[name] > 0.65 else rng.choice([-1, 1])
        optimum[name] = float(np.clip(optimum[name] + sign * rng.uniform(0.25, 0.4), 0, 1))
    return World(optimum, "adam" if names else "sgd", number)


def unchanged(number: int) -> World:
    return World(OPTIMUM, number=number)


def tried_again(folder: Path, kind: Any, before: Any, now: Any) -> Retuned:
    """A sweep of the problem as it was, and a retune on another split of the problem as it is.

    kind: The module that has the problems.
    """
    options: dict[str, Any] = {"serial": True, "progress": False}
    sweeps.run(
        kind.train, space=kind.SPACE, seed=before.number, data=(before, 0), out=folder / "old", **options
    )
    return sweeps.retune(folder / "old", train=kind.train, data=(now, 1), out=folder / "new", **options)


def report(title: str, found: list[Retuned], lost: bool) -> None:
    """How many answers were right, and what they cost."""
    right = sum((each.verdict.kind == "lost") == lost for each in found)
    shares = np.array([(each.epochs + each.search_epochs) / each.old_epochs for each in found])
    kinds = [each.verdict.kind for each in found]
    told = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("still best", "tied", "lost"))
    cost = f"{shares.mean():.3f} in the mean, {np.median(shares):.3f} median, {shares.max():.3f} at most"
    cost += f", below a fifth in {(shares < 0.2).sum()}"
    print(f"{title}: {right} of {len(found)} right ({told}); cost in sweeps: {cost}", flush=True)


def made_up(cases: int, kind: Any) -> None:
    """Both tables of the made-up problems."""
    for title, lost in (("unchanged", False), ("moved", True)):
        found, better = [], []
        for number in range(cases):
            before = kind.unchanged(number)
            world = kind.moved(number) if lost else before
            with tempfile.TemporaryDirectory() as folder:
                each = tried_again(Path(folder), kind, before, world)
            found.append(each)
            regrets = [world.loss(config, 2) - kind.FLOOR for config in (each.winner, each.config)]
            better.append(regrets)
            if (each.verdict.kind == "lost") != lost:
                print(f"  case {number}: {each.words} regret {regrets[0]:.3f}", flush=True)
        report(title, found, lost)
        before, after = np.mean(better, 0)
        print(f"  excess loss of the old config {before:.4f}, of the one to take {after:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--digits", action="store_true")
    asked = parser.parse_args()
    made_up(asked.cases, retune_held_out if asked.held_out else sys.modules[__name__])
    if asked.digits:
        from benchmarks.retune_digits import digits

        digits()


if __name__ == "__main__":
    main()
