"""How models that enter join those that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import namespace
from trainer.backends import Backend
from trainer.data import Dataset
from trainer.epoch.examples import Examples
from trainer.member import Member
from trainer.stack.kind import Kind
from trainer.stack.lineup import Lineup
from trainer.stack.padding import fitted, stacked


def arrange(
    present: Lineup | None,
    entering: Sequence[tuple[Member, Mapping[str, NDArray[Any]]]],
    data: Dataset,
    train: Examples,
    seed: int,
    backend: Backend,
    kind: Kind,
) -> Lineup:
    """The models present and those entering, with their arrays, as one."""
    members = [*(present.members if present else ()), *(member for member, _ in entering)]
    architecture = kind.architecture(members[0].config, data)
    shapes = architecture.state(architecture.widths([member.config for member in members]))
    new = stacked([arrays for _, arrays in entering], shapes, architecture.dtype)
    order = sorted(range(len(members)), key=lambda row: members[row].epoch)
    rows = backend.array(np.array(order))
    old = present.state if present else {}
    state = {}
    for name, shape in shapes.items():
        parts = [fitted(old[name], shape, backend)] if old else []
        parts.append(backend.array(new[name]))
        x = namespace(parts[0]).concatenate(parts)
        state[name] = backend.rows(x, rows)
    return Lineup([members[row] for row in order], state, architecture, train, seed, backend, kind)
