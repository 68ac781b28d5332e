"""An optimizer's rule as one kernel, by torch.compile."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import torch

from trainer.arrays import Array, Params
from trainer.backends.backend import Rule

_SPECIAL_CASES = 64  # rules, dtypes, one model or several: each is compiled for itself


@lru_cache
def fused(rule: Rule) -> Rule:
    """The rule as one kernel, which reads and writes each number once."""

    def apply(theta: Array, gradient: Array, moments: Params, coefficients: Mapping[str, Array]) -> None:
        # Of a copy the kernel writes nothing back; it is never made.
        rule(theta, cast(Any, gradient).clone(), moments, coefficients)

    config: Any = torch._dynamo.config
    config.recompile_limit = max(config.recompile_limit, _SPECIAL_CASES)
    return cast(Rule, torch.compile(apply, dynamic=True))


@lru_cache
def fused_or_plain(rule: Rule) -> Rule:
    """The rule fused, or as it is where there is no compiler for the device; a warning says so once."""
    if importlib.util.find_spec("triton") is None:
        return rule
    apply = fused(rule)

    def attempt(theta: Array, gradient: Array, moments: Params, coefficients: Mapping[str, Array]) -> None:
        nonlocal apply
        try:
            apply(theta, gradient, moments, coefficients)
        except Exception as error:
            if apply is rule:
                raise
            # Compiling comes before computing, so nothing has been changed yet.
            warnings.warn(f"updates are not fused, and slower: {error}", RuntimeWarning, stacklevel=2)
            apply = rule
            apply(theta, gradient, moments, coefficients)

    return attempt
