"""Gradient clipping by the norm of all of a model's gradients (Pascanu, Mikolov & Bengio, 2013)."""

from __future__ import annotations

import numpy as np

from trainer.arrays import Array, Params, Vector, namespace, over_models

_LARGEST = float(np.finfo(np.float64).max)


def gradient_norm(grads: Params) -> Vector:
    """Each model's L2 norm over all of its arrays: shape (K,), float64, on the gradients' device.

    Finite where the gradient and its norm are, though its squares may overflow in float32. A norm that
    is below 1e-19 in float32 counts as 0.
    """
    rows = [g.reshape(len(g), -1) for g in grads.values()]
    xp = namespace(rows[0])
    with np.errstate(over="ignore"):
        of_models: Vector = xp.sqrt(sum(sum_of_squares(x) for x in rows))
    if isinstance(of_models, np.ndarray):
        for k in np.flatnonzero(of_models == np.inf):
            of_models[k] = _scaled_norm(np.concatenate([x[k] for x in rows]))
    return of_models


def sum_of_squares(rows: Array) -> Vector:
    """Each row's, in float64: (K, P) → (K,). A float32's may overflow on NumPy."""
    if isinstance(rows, np.ndarray):
        squares: Vector = np.vecdot(rows, rows).astype(np.float64)
        return squares
    from trainer.backends import fusion  # needs torch, which these rows are of

    return fusion.sum_of_squares(rows)


def clip_(grads: Params, norms: Vector, limit: Array) -> None:
    """Scale each model's gradients by min(1, limit/norm), in place. A model with a NaN keeps it.

    norms: `gradient_norm(grads)`, shape (K,). limit: above 0, shape (K,); inf for none.
    `torch.nn.utils.clip_grad_norm_` divides by norm + 1e-6, so that it leaves a little less than the limit;
    here the limit is met.
    """
    if isinstance(norms, np.ndarray) and (norms <= limit).all():
        return  # known at no cost on the host alone; elsewhere a factor of 1 is cheaper than to ask
    # limit / max(norm, limit) is min(1, limit/norm) without a division by zero. A limit of inf, as the
    # largest finite number, is none.
    finite = namespace(norms).clip(over_models(limit, norms), None, _LARGEST)
    factor = finite / namespace(norms).maximum(norms, finite)
    for g in grads.values():
        g *= over_models(factor, g)


def _scaled_norm(row: Array) -> float:
    """In units of the largest entry, where squares overflow."""
    largest = np.float64(np.abs(row).max())
    return float(np.linalg.norm(row / largest) * largest) if np.isfinite(largest) else float(largest)
