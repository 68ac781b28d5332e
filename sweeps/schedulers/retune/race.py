"""A race on fresh seeds: whether a rival is ahead of the earlier winner, told as soon as the seeds can tell.

Rival and winner are trained on the same seeds and compared in pairs. A rival that is not ahead in the mean is
dropped at once, as in racing (Maron and Moore, 1994, "Hoeffding races", NIPS 6; Birattari et al., 2002, "A
racing algorithm for configuring metaheuristics", GECCO). One is said to win where a t test in pairs says so
at one of its looks. There are few looks, so Bonferroni's inequality divides the error among them and among
the rivals; it is the simplest of the group-sequential boundaries (Jennison and Turnbull, 1999) and holds for
any number of rivals that share their seeds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

ERROR = 0.05  # the most that a winner which is as good as all rivals is said to have lost, in probability
FIRST_LOOK = 3  # pairs: from two of them nobody can tell
_LEVEL = 0.95  # of the interval

Standing: TypeAlias = Literal["ahead", "open", "behind"]


@dataclass(frozen=True)
class Lead:
    """A rival beside the winner: how much smaller its loss is in the mean, in pairs of one seed.

    Attributes:
        standing: ahead: it beats the winner. behind: it is out. open: these seeds do not tell.
        mean: Of the differences, winner's loss minus rival's; above 0 where the rival is better.
        low, high: Where the mean difference lies with 95 % confidence; None where nothing tells.
        pairs: How many seeds both were trained on.
        deviation: Of the winner's loss over its seeds; None with fewer than two.
    """

    standing: Standing
    mean: float
    low: float | None
    high: float | None
    pairs: int
    deviation: float | None = None


def lead_of(
    winner: Mapping[int, float],
    rival: Mapping[int, float],
    *,
    seeds: int,
    rivals: int,
    noise: float = 0.0,
    spread: float = 0.0,
) -> Lead:
    """How a rival stands.

    Args:
        winner, rival: Losses by seed, infinite where a training diverged or failed.
        seeds: How many there are at most. rivals: How many were raced in all.
        noise: The deviation of one training that is known from earlier, 0 if none; it serves the interval
            while there is one pair.
        spread: How far the earlier best differ among each other.

    A rival is ahead where the paired t test says so, and its lead is more than another seed would change of
    the winner, and more than `spread`: less than that may be the luck of a split, or what any further search
    on the same data would have brought.
    """
    shared = sorted(winner.keys() & rival.keys())
    pairs = np.array([(winner[seed], rival[seed]) for seed in shared]).reshape(-1, 2)
    n = len(pairs)
    if not n:
        return Lead("open", 0.0, None, None, 0)
    if not np.isfinite(pairs).all():
        return _of_the_lost(pairs)
    differences = pairs[:, 0] - pairs[:, 1]
    mean = float(differences.mean())
    deviation = float(np.std(list(winner.values()), ddof=1)) if len(winner) > 1 else None
    low, high = _interval(differences, noise)
    return Lead(
        _standing(differences, max(deviation or 0.0, spread), seeds, rivals), mean, low, high, n, deviation
    )


def _standing(differences: NDArray[np.float64], margin: float, seeds: int, rivals: int) -> Standing:
    n, mean = len(differences), float(differences.mean())
    if mean <= 0:
        return "behind"
    if n < FIRST_LOOK or mean <= margin:
        return "open"
    looks = max(seeds - FIRST_LOOK + 1, 1)
    error = float(differences.std(ddof=1)) / math.sqrt(n)
    return "ahead" if mean > _quantile(n - 1, 1 - ERROR / (looks * max(rivals, 1))) * error else "open"


def _of_the_lost(pairs: NDArray[np.float64]) -> Lead:
    """A rival that diverges is out; a winner that does, twice, and a rival that does not, has lost."""
    n, lost = len(pairs), ~np.isfinite(pairs)
    if lost[:, 1].any():
        return Lead("behind", -math.inf, None, None, n)
    return Lead("ahead" if lost[:, 0].sum() > 1 else "open", math.inf, None, None, n)


def _interval(differences: NDArray[np.float64], noise: float) -> tuple[float | None, float | None]:
    n, mean = len(differences), float(differences.mean())
    if n > 1:
        half = _quantile(n - 1, (1 + _LEVEL) / 2) * float(differences.std(ddof=1)) / math.sqrt(n)
    elif noise:
        half = 1.96 * math.sqrt(2) * noise
    else:
        return None, None
    return mean - half, mean + half


def _quantile(freedom: int, probability: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def noise_of(losses: Sequence[Sequence[float]]) -> float:
    """The deviation of one training over seeds, of several configs on the same seeds, shape (configs, seeds).

    What a seed does to all configs alike is taken out, since comparisons are in pairs. 0 where that cannot be
    told. The residual deviation of a two-way layout:

    >>> round(noise_of([[1.0, 1.2, 1.1], [2.0, 2.2, 2.1]]), 6)
    0.0
    """
    table = np.asarray(losses, dtype=float)
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        return 0.0
    rest = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    return math.sqrt(float((rest**2).sum()) / freedom)
