"""How many trials lie exactly on an end of a range, where a search that would go further out is held back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeps.analysis.search import Indices, Search
from sweeps.analysis.wording import count
from sweeps.screen.figures import show_value
from sweeps.space import End, Numeric
from sweeps.store.tables.schema import CONFIG

_ENDS: tuple[End, End] = ("low", "high")
_FEW = 3  # steps of a grid: with no more, values lie on ends anyway


@dataclass(frozen=True)
class OnEnd:
    """Trials whose value is exactly an end of the range.

    Attributes:
        hyperparameter: Its name. end: "low" or "high". value: That end.
        elites: How many of the best trials lie there. trials: How many of all of the search.
    """

    hyperparameter: str
    end: End
    value: float
    elites: int
    trials: int

    @property
    def words(self) -> str:
        """Half a sentence."""
        of_all = count(self.trials, "trial", "trials")
        return f"{of_all}, {self.elites} of the elites among them, on {show_value(self.value)}"


def on_ends(search: Search, elites: Indices) -> Iterator[OnEnd]:
    """Where any trial lies on an end, in the order of the space. elites: places of the best trials."""
    for name in search.space.searched:
        kind = search.space.distributions[name]
        column = search.frame.get(CONFIG + name)
        if not has_ends(kind) or column is None or not pd.api.types.is_numeric_dtype(column):
            continue
        values = column.to_numpy(float, na_value=np.nan)
        for end in _ENDS:
            value = float(getattr(kind, end))
            on = values == value
            if on.any():
                yield OnEnd(name, end, value, int(on[elites].sum()), int(on.sum()))


def has_ends(kind: object) -> bool:
    """Whether a range has values enough that lying on an end says something."""
    return isinstance(kind, Numeric) and (kind.grid is None or kind.grid.last >= _FEW)
