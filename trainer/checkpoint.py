"""A stack in training as named arrays with a leading model axis, and back.

`W1`, `b1`, … are the parameters, `m.W1`, … their moments by the optimizer's symbols, and `t` counts
the updates. Rows of several checkpoints may be put together: each model has a row in every array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Params
from trainer.optimizers import State

Checkpoint: TypeAlias = dict[str, NDArray[Any]]


def pack_checkpoint(params: Params, state: State) -> Checkpoint:
    """The arrays to be saved; those of the arguments, not copies."""
    moments = {f"{moment}.{name}": x for moment, of in state.moments.items() for name, x in of.items()}
    return {**params, **moments, "t": state.t}


def unpack_checkpoint(
    checkpoint: Mapping[str, NDArray[Any]], params: Params, state: State
) -> tuple[Params, State]:
    """The params and the state saved. params, state: what the stack would start from anew.

    Raises ValueError where the checkpoint is not one of such a stack.
    """
    expected = pack_checkpoint(params, state)
    for name, array in expected.items():
        if name not in checkpoint or checkpoint[name].shape != array.shape:
            found = checkpoint[name].shape if name in checkpoint else "missing"
            raise ValueError(f"the checkpoint is another network's: {name} is {found}, not {array.shape}")
    dtype = next(iter(params.values())).dtype
    saved = {name: np.asarray(checkpoint[name], dtype) for name in expected if name != "t"}
    moments = {moment: {name: saved[f"{moment}.{name}"] for name in params} for moment in state.moments}
    return {name: saved[name] for name in params}, State(np.array(checkpoint["t"], np.int64), moments)
