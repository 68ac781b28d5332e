"""Functional analysis of variance of regression trees: whose share of the variance is whose.

A tree over the unit cube is constant on boxes, so each integral that the analysis asks for is a finite sum
(Hutter, Hoos & Leyton-Brown, 2014, "An efficient approach for assessing hyperparameter importance", ICML).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Boxes:
    """A tree as the boxes of its leaves, which fill the unit cube.

    low, high: their ends, shape (leaves, dimensions). value: what the tree says there, shape (leaves,).
    """

    low: Array
    high: Array
    value: Array


@dataclass(frozen=True)
class Shares:
    """Of the variance over the unit cube, in parts of the whole.

    main: of each dimension alone, shape (dimensions,). total: of each with all its interactions, the same
    shape. pairs: of the interaction of two alone, shape (dimensions, dimensions), symmetric, 0 on the
    diagonal.
    """

    main: Array
    total: Array
    pairs: Array


def shares(boxes: Boxes) -> Shares | None:
    """Sobol's indices of a tree, with independent dimensions, each uniform on the unit interval.

    V_u = ∫ (∫ f dx_{~u})² dx_u − f̄² is what the dimensions u explain together. With leaves l and m of values
    v, lengths w and overlaps o it is Σ_lm v_l v_m Π_{j∈u} o_lmj Π_{j∉u} w_lj w_mj − f̄². Then main_i = V_i /
    V, pairs_ij = (V_ij − V_i − V_j) / V and total_i = 1 − V_{~i} / V (Saltelli et al., 2010).

    Returns:
        None where the tree is constant.
    """
    value = boxes.value - boxes.value.mean()
    width = boxes.high - boxes.low
    overlap = np.minimum(boxes.high[:, None], boxes.high) - np.maximum(boxes.low[:, None], boxes.low)
    overlap = np.moveaxis(np.maximum(overlap, 0.0), 2, 0)  # shape (dimensions, leaves, leaves)
    apart = np.einsum("lj,mj->jlm", width, width)
    mean = float(width.prod(axis=1) @ value)
    variance = float(width.prod(axis=1) @ value**2) - mean**2
    if variance <= 1e-12 * float((value**2).max(initial=0.0)):
        return None
    weight = np.outer(value, value)
    ratio = (overlap / apart).reshape(len(apart), -1)
    weighted = ratio * (weight * apart.prod(axis=0)).ravel()
    alone = weighted.sum(axis=1) - mean**2
    rest = (weight * _product_of_others(overlap) * apart).sum(axis=(1, 2)) - mean**2
    pairs = weighted @ ratio.T - mean**2 - alone[:, None] - alone
    np.fill_diagonal(pairs, 0.0)
    return Shares(
        np.clip(alone / variance, 0.0, 1.0),
        np.clip(1 - rest / variance, 0.0, 1.0),
        np.maximum(pairs / variance, 0.0),
    )


def boxes_of(tree: Any) -> Boxes:
    """The boxes of a fitted tree of scikit-learn's (its `tree_`) whose inputs lie in the unit cube."""
    low, high, value = [], [], []
    stack = [(0, np.zeros(tree.n_features), np.ones(tree.n_features))]
    while stack:
        node, bottom, top = stack.pop()
        feature, threshold = int(tree.feature[node]), float(tree.threshold[node])
        if feature < 0:
            low.append(bottom)
            high.append(top)
            value.append(float(tree.value[node].ravel()[0]))
            continue
        left, right = top.copy(), bottom.copy()
        left[feature] = right[feature] = min(max(threshold, 0.0), 1.0)
        stack += [
            (int(tree.children_left[node]), bottom, left),
            (int(tree.children_right[node]), right, top),
        ]
    return Boxes(np.array(low), np.array(high), np.array(value))


def _product_of_others(factors: Array) -> Array:
    """For each, the product of all but it: shape (dimensions, leaves, leaves)."""
    ones = np.ones_like(factors[:1])
    before = np.concatenate([ones, np.cumprod(factors, axis=0)[:-1]])
    after = np.concatenate([np.cumprod(factors[::-1], axis=0)[::-1][1:], ones])
    return np.asarray(before * after)
