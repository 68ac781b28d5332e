"""New rows through a sweep's winner, and the winner to files that other programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from sweeps.errors import BadInput, choices
from sweeps.face.models.winner import MODEL_FILE
from sweeps.face.resolve import check_not_shadowed, find_trainable
from sweeps.results import load
from sweeps.store import write_atomically
from sweeps.sweep.planning.checks import as_bad_input

FILE, PREDICTION, PROBABILITY = "file", "prediction", "probability."


def winner_in(directory: Path, *, ensemble: bool = False, refit: bool = False) -> Any:
    """The model of a sweep's folder, or of a folder that a model was saved in. Raises `BadInput`."""
    if not (directory / MODEL_FILE).is_file():
        return load(directory).model(ensemble=ensemble, refit=refit)
    hooks: Any = find_trainable("mlp")
    try:
        return hooks.load_winner(directory / "ensemble" if ensemble else directory)
    except ValueError as error:
        raise as_bad_input(error, "") from error


def predict_file(
    directory: Path,
    rows: Path,
    *,
    proba: bool = False,
    keep: Sequence[str] = (),
    ensemble: bool = False,
    refit: bool = False,
) -> pd.DataFrame:
    """A row for each of a file's rows.

    Args:
        directory: A sweep's folder, or a saved model's.
        rows: The file; or a picture, or a folder of them, which gives a column `file`, too.
        proba: Whether there is a column for each class, `probability.<class>`.
        keep: Columns of the file that are copied, in a .csv as they are written; they come first.
        ensemble, refit: As in `SweepResult.model`.

    Raises:
        BadInput: There is no model, or the file is not what it was trained on.
    """
    model = winner_in(directory, ensemble=ensemble, refit=refit)
    given = [PREDICTION, *(PROBABILITY + name for name in (model.classes if proba else ()))]
    for name in set(keep) & set(given):
        rule = "is the name of a column of the predictions"
        raise BadInput("keep", name, rule, "rename the column in the file")
    from trainer.data.raw import raw_table

    try:
        table = raw_table(rows, model.preprocessing.features)
        found = {**_of_pictures(rows), **_kept(rows, keep)}
        if proba or model.classes:
            probabilities = model.predict_proba(table)
            found[PREDICTION] = pd.Series(model.classes, dtype=object)[probabilities.argmax(axis=1)].array
        else:
            found[PREDICTION] = model.predict(table)
    except ValueError as error:
        known = as_bad_input(error, "")
        raise BadInput("rows", str(rows), known.rule, known.fix) from error
    for at, name in enumerate(model.classes if proba else ()):
        found[PROBABILITY + name] = probabilities[:, at]
    return pd.DataFrame(found)


def check_table(out: Path | None, rows: Path) -> None:
    """Raise `BadInput` where predictions cannot be written to a file of this name."""
    if out is None:
        return
    if out.suffix.lower() not in _WRITERS:
        raise BadInput("out", str(out), "is of a kind that cannot be written", choices(_WRITERS))
    if out.exists() and rows.exists() and out.samefile(rows):
        raise BadInput("out", str(out), "is the file of the rows themselves", "give another file")
    if not out.absolute().parent.is_dir():
        raise BadInput("out", str(out), "is in a folder that does not exist", "make the folder first")


def write_table(table: pd.DataFrame, out: Path) -> None:
    """Write a .csv or .parquet, whole or not at all."""
    write = _WRITERS[out.suffix.lower()]
    write_atomically(out, lambda file: write(table, file), durable=False)


def export_model(
    directory: Path, to: str, out: Path, *, ensemble: bool = False, refit: bool = False
) -> list[Path]:
    """Write a winner for other programs: see `trainer.model.export`. The files that were written."""
    model = winner_in(directory, ensemble=ensemble, refit=refit)
    check_not_shadowed("trainer")
    from trainer.model.export import export

    if to == "torch" and out.suffix == ".py":
        raise BadInput("out", str(out), "is the name of the module beside it", "give a file that ends in .pt")
    try:
        export(model, to, out)
    except ValueError as error:
        raise as_bad_input(error, "") from error
    return [out, out.with_suffix(".py")] if to == "torch" else [out]


def export_any(
    directory: Path, to: str, out: Path, *, ensemble: bool = False, refit: bool = False
) -> list[Path]:
    """By the format, a winner, see `export_model`, or the whole sweep, see `SweepResult.export`."""
    from sweeps.export import FORMATS

    if to in FORMATS:
        for option, given in (("ensemble", ensemble), ("refit", refit)):
            if given:
                raise BadInput(
                    option, given, f"is about a model, and {to} takes the whole sweep", "leave it out"
                )
        return [load(directory).export(to, out)]
    check_not_shadowed("trainer")
    from trainer.model.export import KINDS

    if to not in KINDS:
        rule = "is no format that a model or a sweep can be exported to"
        raise BadInput("to", to, rule, choices([*KINDS, *FORMATS], to))
    return export_model(directory, to, out, ensemble=ensemble, refit=refit)


def _of_pictures(rows: Path) -> dict[str, Any]:
    """Where each picture lies in a folder, in a column `file`; nothing of a file."""
    from trainer.data.read.picture_folders import pictures_in

    if not rows.is_dir():
        return {}
    return {FILE: [path.relative_to(rows).as_posix() for path in pictures_in(rows)]}


def _kept(rows: Path, keep: Sequence[str]) -> dict[str, Any]:
    """Columns of a file as they are: read once more, since a feature of numbers is not read as text."""
    from trainer.data.read.formats import is_table, read_columns

    if not keep:
        return {}
    if not is_table(rows):
        raise BadInput("rows", str(rows), f"has no column {keep[0]} to keep", "an array has no columns")
    table = read_columns(rows, keep).columns
    return {name: _column(table, name) for name in keep}


def _column(table: Any, name: str) -> Any:
    names: list[str] = table.column_names
    if names.count(name) != 1:
        rule = f"has {names.count(name) or 'no'} column{'s'[: names.count(name) > 1]} {name} to keep"
        raise BadInput("keep", name, rule, choices(names, name))
    # Whole numbers stay so where some are missing.
    return table.column(names.index(name)).to_pandas(integer_object_nulls=True).array


def _csv(table: pd.DataFrame, file: BinaryIO) -> None:
    file.write(table.to_csv(index=False, lineterminator="\n").encode())


def _parquet(table: pd.DataFrame, file: BinaryIO) -> None:
    file.write(table.to_parquet(index=False))


_WRITERS: Mapping[str, Callable[[pd.DataFrame, BinaryIO], None]] = {".csv": _csv, ".parquet": _parquet}
