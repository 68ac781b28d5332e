"""Splits: of classes in the same proportions, of rows without classes, of whole groups, in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.randomness import Purpose, generator

Counts = NDArray[np.int64]


def stratified_split(y: Counts, fractions: Sequence[float], seed: int) -> list[NDArray[np.int64]]:
    """Indices of y, shape (m,): first what is left over, then one part per fraction; each is sorted.

    y: class indices, with more of one class at least than there are fractions. fractions: of all m; together
    below 1. A class gives each part its share, rounded up or down, one row at least; one that has fewer rows
    than there are parts is left over whole, to be trained on.
    """
    few = np.flatnonzero(np.bincount(y)[y] <= len(fractions))
    if len(few):
        others = np.setdiff1d(np.arange(len(y)), few)
        rest, *parts = (others[part] for part in stratified_split(y[others], fractions, seed))
        return [np.sort(np.concatenate([rest, few])), *parts]
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


def group_split(groups: Counts, fractions: Sequence[float], seed: int) -> list[NDArray[np.int64]]:
    """The same, so that no group is in two parts; groups are drawn until a part is nearest to its fraction.

    groups: of each row, an index, shape (m,); more of them than fractions.
    """
    sizes = np.bincount(groups)
    order = generator(seed, Purpose.SPLIT, 0).permutation(np.flatnonzero(sizes))
    parts: list[NDArray[np.int64]] = []
    for at, fraction in enumerate(fractions):
        most = len(order) - (len(fractions) - at)  # so that each part gets a group, and training too
        behind = np.cumsum(sizes[order])[:most]
        taken = 1 + int(np.abs(behind - fraction * len(groups)).argmin())
        parts.append(order[:taken])
        order = order[taken:]
    return [np.flatnonzero(np.isin(groups, part)) for part in (order, *parts)]


def time_split(times: NDArray[Any], fractions: Sequence[float]) -> list[NDArray[np.int64]]:
    """The same in order of time: the last part is the latest, those before it lie between it and training.

    times: of each row, shape (m,), none missing, of more different moments than there are fractions. Rows of
    one moment stay together; a part begins with the moment that brings it nearest to its fraction.
    """
    moments, of_row, sizes = np.unique(times, return_inverse=True, return_counts=True)
    parts: list[NDArray[np.int64]] = []
    end = len(moments)
    for at, fraction in reversed(list(enumerate(fractions))):
        behind = np.cumsum(sizes[at + 1 : end][::-1])  # so that each earlier part has a moment, and training
        start = end - 1 - int(np.abs(behind - fraction * len(times)).argmin())
        parts.append(np.flatnonzero((of_row >= start) & (of_row < end)))
        end = start
    return [np.flatnonzero(of_row < end), *reversed(parts)]


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
