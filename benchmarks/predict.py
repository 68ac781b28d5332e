"""How fast a saved winner predicts 100,000 rows of a table, beside scikit-learn's network of the same shape.

Both are trained for a moment on the same table of 20 numbers and 5 classes, and take turns; a round's ratio
is of that round. Loading is not in it. The rows come as a DataFrame and as a CSV file. A second table has
numbers with gaps and texts of few values beside them. Run it with:

    python -m benchmarks.predict [--rows N] [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sweeps
from trainer import load_data, load_model

_FEATURES, _CLASSES, _UNITS = 20, 5, 64


def table(rows: int, seed: int) -> pd.DataFrame:
    """Classes by the largest of five sums of features."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, _FEATURES))
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(_FEATURES)])
    frame["label"] = x.reshape(rows, _CLASSES, -1).sum(axis=2).argmax(axis=1)
    return frame


def mixed(rows: int, seed: int) -> pd.DataFrame:
    """The same, with gaps, and six columns of 5 to 55 texts."""
    rng, frame = np.random.default_rng(seed), table(rows, seed)
    frame.loc[::5, "x1"] = np.nan
    for place in range(6):
        frame[f"text{place}"] = rng.choice([f"value {i}" for i in range(5 + 10 * place)], rows)
    frame.loc[::9, "text1"] = None
    return frame


def winner(folder: Path, known: pd.DataFrame) -> Any:
    """A small sweep's winner, loaded from `best/`."""
    folder.mkdir()
    known.to_csv(folder / "table.csv", index=False)
    data = load_data({"path": str(folder / "table.csv"), "target": "label"})
    space = {"learning_rate": sweeps.LogUniform(1e-3, 1e-1), "hidden_units": _UNITS}
    options = {"trials": 2, "epochs": 3, "finalists": False, "serial": True, "progress": False}
    sweeps.run("mlp", space=space, data=data, out=folder / "run", **options)  # type: ignore[arg-type]
    return load_model(folder / "run" / "best")


def peer(known: pd.DataFrame) -> Any:
    """scikit-learn's, behind its scaler and, for texts, its encoder."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    texts = [name for name in known if str(name).startswith("text")]
    prepared: Any = StandardScaler()
    if texts:
        numbers = [name for name in known if str(name).startswith("x")]
        filled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        prepared = make_column_transformer((filled, numbers), (encoder, texts))
    network = MLPClassifier(hidden_layer_sizes=(_UNITS,), max_iter=3)
    return make_pipeline(prepared, network).fit(known.drop(columns="label"), known["label"])


def seconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def main() -> None:
    """Print medians and the ratios of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = winner(Path(folder) / "numbers", table(3000, 0)), peer(table(3000, 0))
        our_mixed, their_mixed = winner(Path(folder) / "mixed", mixed(3000, 0)), peer(mixed(3000, 0))
        frame = table(given.rows, 1).drop(columns="label")
        texts = mixed(given.rows, 1).drop(columns="label")
        path = Path(folder) / "new.csv"
        frame.to_csv(path, index=False)
        cases: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
            "frame": (lambda: ours.predict(frame), lambda: theirs.predict(frame)),
            "probabilities": (lambda: ours.predict_proba(frame), lambda: theirs.predict_proba(frame)),
            "mixed": (lambda: our_mixed.predict(texts), lambda: their_mixed.predict(texts)),
            "csv": (lambda: ours.predict(path), lambda: theirs.predict(pd.read_csv(path))),
        }
        for name, pair in cases.items():
            rounds = [[seconds(call) for call in pair] for _ in range(given.rounds)]
            mine, other = (statistics.median(times) for times in zip(*rounds, strict=True))
            ratios = ", ".join(f"{b / a:.2f}" for a, b in rounds)
            print(f"{name:14} Caviar {mine:.3f} s, scikit-learn {other:.3f} s, ratios {ratios}", flush=True)


if __name__ == "__main__":
    import warnings

    warnings.filterwarnings("ignore", category=UserWarning)  # three epochs do not converge, and need not
    main()
