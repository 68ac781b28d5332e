"""An optimizer's rule, or a sum over each model's numbers, as one kernel, by torch.compile."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, cast

import torch

from trainer.arrays import Array, Params, Vector
from trainer.backends.backend import Rule

_SPECIAL_CASES = 64  # rules, dtypes, one model or several: each is compiled for itself

P = ParamSpec("P")
R = TypeVar("R")


def fused(rule: Rule) -> Rule:
    """The rule as one kernel, which reads and writes each number once."""

    def apply(theta: Array, gradient: Array, moments: Params, coefficients: Mapping[str, Array]) -> None:
        # Of a copy the kernel writes nothing back; it is never made.
        rule(theta, cast(Any, gradient).clone(), moments, coefficients)

    return _compiled(apply)


@lru_cache
def fused_or_plain(rule: Rule) -> Rule:
    """The rule fused, or as it is where there is no compiler for the device; a warning says so once."""
    return _or_plain(fused(rule), rule)


def sum_of_squares(rows: Array) -> Vector:
    """Each row's, in float64: (K, P) → (K,). On a GPU each number is read once, as it is.

    torch's own norm in another dtype first writes a copy in it, which takes as long as the update.
    """
    return (_fused_squares() if cast(Any, rows).is_cuda else _plain_squares)(rows)


def _plain_squares(rows: Array) -> Vector:
    squares: Vector = cast(Any, torch).linalg.vector_norm(rows, dim=1, dtype=torch.float64) ** 2
    return squares


def _squares(rows: Array) -> Vector:
    squares: Vector = cast(Any, rows).double().square().sum(1)
    return squares


@lru_cache
def _fused_squares() -> Callable[[Array], Vector]:
    return _or_plain(_compiled(_squares), _plain_squares)


def _compiled(function: Callable[P, R]) -> Callable[P, R]:
    config: Any = torch._dynamo.config
    config.recompile_limit = max(config.recompile_limit, _SPECIAL_CASES)
    # For a few small kernels: a pool of compiling processes takes longer to start and end than they do.
    return cast(Callable[P, R], torch.compile(function, dynamic=True, options={"compile_threads": 1}))


def _or_plain(compiled: Callable[P, R], plain: Callable[P, R]) -> Callable[P, R]:
    """The compiled function for as long as it compiles, else the plain one."""
    if importlib.util.find_spec("triton") is None:
        return plain
    function = compiled

    def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
        nonlocal function
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if function is plain:
                raise
            # Compiling comes before computing, so nothing has been changed yet.
            warnings.warn(f"not fused, and slower: {error}", RuntimeWarning, stacklevel=2)
            function = plain
            return plain(*args, **kwargs)

    return attempt
