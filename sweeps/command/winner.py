"""What is done with a sweep's winner, or with all of a sweep: `caviar predict`, `export` and `refit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sweeps.command.shared import ChangedCode, Directory, confirmed, interruptible, print_csv
from sweeps.screen.console import Screen, results

Model = Annotated[
    Path, typer.Argument(metavar="DIR", help="A sweep's folder, or that of a saved model, such as its best/.")
]
Ensemble = Annotated[
    bool, typer.Option("--ensemble", help="The mean of the models that are best together, not one.")
]
OfRefit = Annotated[bool, typer.Option("--refit", help="What `caviar refit` has trained.")]


def predict(
    directory: Model,
    rows: Annotated[
        Path, typer.Argument(help="New rows, raw: a .csv, .parquet or .npz file, or a folder of pictures.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A .csv or .parquet to write; by default CSV on standard output."),
    ] = None,
    proba: Annotated[
        bool, typer.Option("--proba", help="Add a column probability.CLASS for each class.")
    ] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Copy this column of the rows, such as an id; repeatable."),
    ] = None,
    ensemble: Ensemble = False,
    refit: OfRefit = False,
) -> None:
    """Predict new rows with a sweep's winner: a column `prediction`, in the order of the rows."""
    from sweeps.face.models.predict import check_table, predict_file, write_table

    check_table(out, rows)
    found = predict_file(directory, rows, proba=proba, keep=keep or [], ensemble=ensemble, refit=refit)
    if out is not None:
        write_table(found, out)
        _say(f"wrote {out}: {len(found):,} rows")
        return
    with results():
        print_csv(found)


def export(
    directory: Model,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file or folder to write.")],
    to: Annotated[
        str,
        typer.Option(
            help="Of the winner: onnx, torch (a .py with its module comes along) or npz; of the whole sweep: "
            "csv, optuna, tensorboard, mlflow or wandb."
        ),
    ] = "onnx",
    ensemble: Ensemble = False,
    refit: OfRefit = False,
) -> None:
    """Write a sweep's winner for other programs, with what prepares its inputs; or the whole sweep."""
    from sweeps.face.models.predict import export_any

    for written in export_any(directory, to, out, ensemble=ensemble, refit=refit):
        _say(f"wrote {written}")


def refit(
    directory: Directory,
    changed_code: ChangedCode = None,
) -> None:
    """Train the winner again on training and validation data together, for as many epochs as were best.

    It is trained on each of its seeds, and held against the test data, which nothing has seen. The folder
    gets a refit/; best/ stays.
    """
    from sweeps.face.models.refit import refit as train_again
    from sweeps.screen.refit import print_refit

    right = confirmed(changed_code)
    with interruptible():
        found = train_again(directory, changed_code=right)
    with results():
        print_refit(found)


def _say(text: str) -> None:
    Screen(stderr=True).print(text, soft_wrap=True)
