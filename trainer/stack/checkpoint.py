"""A model in training as named arrays, on the host, to go on from in another process.

`W1`, `b1`, `gamma1`, `mean1`, … are its parameters and statistics as trainer.network.shapes names
them, `m.W1` and the like the optimizer's moments, all at the model's own widths. `epoch` counts the
epochs behind it, `best` is its lowest validation loss so far and `stale` the epochs since. `first_since` and
`second_since` are there where the optimizer's moments are younger than the model. No array is pickled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainer.member import Member
from trainer.network.shapes import Shapes

Checkpoint: TypeAlias = dict[str, NDArray[Any]]

_COUNTS = ("epoch", "best", "stale")
_AGES = ("first_since", "second_since")


def pack_checkpoint(member: Member, state: Mapping[str, NDArray[Any]]) -> Checkpoint:
    """state: the model's own arrays, without a model axis."""
    counts = (*_COUNTS, *(name for name in _AGES if getattr(member, name)))
    return {**state, **{name: np.array(getattr(member, name)) for name in counts}}


def unpack_checkpoint(
    checkpoint: Mapping[str, NDArray[Any]], member: Member, shapes: Shapes
) -> dict[str, NDArray[Any]]:
    """The model's arrays; the member's counts become those of the checkpoint.

    Raises ValueError where the checkpoint is not one of such a model.
    """
    for name, shape in {**shapes, **dict.fromkeys(_COUNTS, ())}.items():
        if name not in checkpoint or checkpoint[name].shape != shape:
            found = f"of shape {checkpoint[name].shape}" if name in checkpoint else "missing"
            raise ValueError(f"the checkpoint is another network's: {name} is {found}, not {shape}")
    for name in checkpoint:
        if name not in shapes and name not in (*_COUNTS, *_AGES):
            raise ValueError(f"the checkpoint is another network's: {name} is none of this one's arrays")
    member.epoch, member.stale = int(checkpoint["epoch"]), int(checkpoint["stale"])
    member.best = float(checkpoint["best"])
    member.first_since, member.second_since = (int(checkpoint.get(name, 0)) for name in _AGES)
    member.be_patient()
    return {name: checkpoint[name] for name in shapes}
