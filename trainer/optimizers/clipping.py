"""Gradient clipping by the norm of all of a model's gradients (Pascanu, Mikolov & Bengio, 2013)."""

from __future__ import annotations

from typing import Any

import numpy as np

from trainer.arrays import Array, Params, Vector, namespace, over_models

_LARGEST = float(np.finfo(np.float64).max)


def gradient_norm(grads: Params) -> Vector:
    """Each model's L2 norm over all of its arrays: shape (K,), float64, on the gradients' device.

    Finite where the gradient and its norm are, though its squares may overflow in float32. A norm that
    is below 1e-19 in float32 counts as 0.
    """
    norms = [_row_norms(g.reshape(len(g), -1)) for g in grads.values()]
    largest = norms[0]
    for norm in norms[1:]:
        largest = namespace(norm).hypot(largest, norm)
    return largest


def clip_by_norm(grads: Params, limit: Vector) -> Params:
    """The gradients scaled by min(1, limit/norm), as new arrays. limit: above 0, shape (K,); inf for none.

    A model with a NaN keeps it. `torch.nn.utils.clip_grad_norm_` divides by norm + 1e-6, so that
    it leaves a little less than the limit; here the limit is met.
    """
    clipped = {name: namespace(g).asarray(g, copy=True) for name, g in grads.items()}
    clip_(clipped, gradient_norm(grads), limit)
    return clipped


def clip_(grads: Params, norms: Vector, limit: Array) -> None:
    """`clip_by_norm` in place. norms: `gradient_norm(grads)`, shape (K,)."""
    if isinstance(norms, np.ndarray) and (norms <= limit).all():
        return  # known at no cost on the host alone; elsewhere a factor of 1 is cheaper than to ask
    # limit / max(norm, limit) is min(1, limit/norm) without a division by zero. A limit of inf, as the
    # largest finite number, is none.
    finite = namespace(norms).clip(over_models(limit, norms), None, _LARGEST)
    factor = finite / namespace(norms).maximum(norms, finite)
    for g in grads.values():
        g *= over_models(factor, g)


def _row_norms(rows: Array) -> Vector:
    """Each row's L2 norm in float64. rows: shape (K, P)."""
    if not isinstance(rows, np.ndarray):
        linalg: Any = namespace(rows).linalg  # one kernel, and no question to the host
        on_device: Vector = linalg.vector_norm(rows, dim=1, dtype=namespace(rows).float64)
        return on_device
    # A product of a row and a column has no array of squares. Where it overflows, once more in units of
    # the row's largest entry.
    with np.errstate(over="ignore"):
        norms: Vector = np.sqrt(np.matmul(rows[:, None, :], rows[:, :, None]).reshape(-1), dtype=np.float64)
    for k in np.flatnonzero(np.isinf(norms)):
        largest = np.abs(rows[k]).max()
        if np.isfinite(largest):
            norms[k] = np.linalg.norm(rows[k] / largest) * np.float64(largest)
    return norms
