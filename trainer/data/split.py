"""Splits: of classes, each divided in the same proportions, or of rows without classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.randomness import Purpose, generator

Counts = NDArray[np.int64]


def stratified_split(y: Counts, fractions: Sequence[float], seed: int) -> list[NDArray[np.int64]]:
    """Indices of y, shape (m,): first what is left over, then one part per fraction; each is sorted.

    y: class indices, at least 1 + len(fractions) of each class, so that every part has every class.
    fractions: of all m; together below 1. A class gives each part its share, rounded up or down.
    """
    classes = np.unique(y)
    rows = [np.flatnonzero(y == c) for c in classes]
    shuffled = [
        generator(seed, Purpose.SPLIT, int(c)).permutation(r) for c, r in zip(classes, rows, strict=True)
    ]
    cuts = np.cumsum(_counts(np.array([len(r) for r in rows]), fractions), axis=0).T
    pieces = [np.split(r, cut) for r, cut in zip(shuffled, cuts, strict=True)]
    *parts, rest = [np.sort(np.concatenate(part)) for part in zip(*pieces, strict=True)]
    return [rest, *parts]


def random_split(m: int, fractions: Sequence[float], seed: int) -> list[NDArray[np.int64]]:
    """The same of the rows 0 … m-1, more of them than fractions, which are all of one kind."""
    return stratified_split(np.zeros(m, np.int64), fractions, seed)


def _counts(sizes: Counts, fractions: Sequence[float]) -> Counts:
    """How many of each class go to each part, shape (parts, classes); leaves one over at least."""
    free = sizes - len(fractions) - 1
    counts: list[Counts] = []
    for fraction in fractions:
        # Each class has one row in hand for every part, so only what goes beyond it can run out.
        beyond: Counts = np.clip(_share(sizes, fraction) - 1, 0, free)
        free = free - beyond
        counts.append(1 + beyond)
    return np.array(counts)


def _share(sizes: Counts, fraction: float) -> Counts:
    """The fraction of each size, rounded so that the total is right: by largest remainder."""
    exact = fraction * sizes
    share: Counts = np.floor(exact).astype(np.int64)
    missing = round(float(exact.sum())) - int(share.sum())
    share[np.argsort(share - exact, kind="stable")[:missing]] += 1
    return share
