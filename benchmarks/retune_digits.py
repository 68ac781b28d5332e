"""Retunes of real networks: tuned on half of the digits, tried again on the other half, also changed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sweeps

SPACE = {
    "learning_rate": {"log": [1e-4, 1]},
    "l2": {"log": [1e-4, 30]},
    "keep_probability": {"uniform": [0.4, 1]},
    "hidden_units": {"log_int": [16, 128]},
    "optimizer": "gradient_descent",
    "hidden_layers": 1,
    "batch_size": 32,
}
SWEEP: dict[str, Any] = {"trials": 64, "epochs": 27, "serial": True, "progress": False}


def halves() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both halves of the digits, as tables."""
    from sklearn.datasets import load_digits

    found = load_digits()
    table = pd.DataFrame(found.data / 16).assign(digit=found.target)
    table.columns = [str(name) for name in table.columns]
    order = np.random.default_rng(0).permutation(len(table))
    middle = len(order) // 2
    return table.iloc[order[:middle]], table.iloc[order[middle:]]


def as_it_is(table: pd.DataFrame) -> pd.DataFrame:
    return table


def mislabelled(table: pd.DataFrame) -> pd.DataFrame:
    """A third of the labels are drawn anew."""
    rng = np.random.default_rng(1)
    wrong = rng.random(len(table)) < 1 / 3
    return table.assign(digit=np.where(wrong, rng.integers(0, 10, len(table)), table["digit"]))


def rescaled(table: pd.DataFrame) -> pd.DataFrame:
    """Inputs ten times as large, as if somebody had changed the unit; they are not standardised."""
    return table.assign(**{name: 10 * table[name] for name in table if name != "digit"})


def form(table: pd.DataFrame) -> dict[str, Any]:
    return {"table": table.reset_index(drop=True), "target": "digit", "standardise": False}


def digits() -> None:
    """One sweep, and a retune of each kind."""
    first, second = halves()
    changes: tuple[tuple[str, Callable[[pd.DataFrame], pd.DataFrame], int], ...] = (
        ("as it is", as_it_is, 1),
        ("as it is, another split", as_it_is, 2),
        ("a third mislabelled", mislabelled, 1),
        ("inputs × 10", rescaled, 1),
    )
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        sweeps.run("mlp", space=SPACE, data=form(first), out=old, **SWEEP)
        for number, (name, change, seed) in enumerate(changes):
            found = sweeps.retune(
                old,
                data=form(change(second)),
                seed=seed,
                out=Path(folder) / str(number),
                serial=True,
                progress=False,
            )
            drifted = sum(each.size != "none" for each in found.drift or ())
            print(f"{name}: {found.words} Cost {found.share:.2f} sweeps. {drifted} columns drifted.")
            print(f"  before {found.before:.4g}, now {found.verdict.winner}; {found.winner} → {found.config}")


if __name__ == "__main__":
    digits()
