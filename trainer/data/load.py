"""From a form to a `Dataset`: read, find the targets, split, scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainer.data.archive import read_archive
from trainer.data.dataset import Dataset
from trainer.data.examples import as_matrix, scaled_splits
from trainer.data.form import Form
from trainer.data.labels import class_targets
from trainer.data.named import IMAGE_SETS, read_named
from trainer.data.quantities import quantity_targets
from trainer.data.scaling import Matrix
from trainer.data.source import Source
from trainer.data.table import read_table
from trainer.data.targets import SplitTargets
from trainer.errors import DataError


def load_data(form: str | Mapping[str, Any], seed: int = 0, base: Path | None = None) -> Dataset:
    """The data that a spec asks for, split by `seed` (from 0 on).

    form: "digits", "fashion-mnist", or a mapping of
        `name`, or `path` of an .npz, .csv or .parquet file and a table's `target` column; with
        `name: fashion-mnist`, `path` is its .npz or the folder of its idx files;
        `task`: classification, with each class in every split (default), or regression;
        `validation`, `test`: the fractions of the examples in these splits (0.2, 0.2). Data with a
        test split of their own take no `test`; `validation` is then a fraction of the others;
        `standardise`: whether each feature, and the target of a regression, gets mean 0 and deviation 1
        on the training split. By default features do, other than those of digits and bytes, which
        lie in 0 … 1, and the target does.
    base: the folder that relative paths start from; by default the current one.

    Raises `DataError`, which names the part of the form that is wrong and what to do about it.
    """
    asked = Form.parse(form)
    source = _read(asked, base or Path())
    whole, *rest = x = [as_matrix(source, part.x) for part in source.parts]
    targets = _targets(asked, source, _fractions(asked, source, x), seed)
    standardise = source.standardise if asked.standardise is None else asked.standardise
    splits, scaling = scaled_splits(source, [*(whole[r] for r in targets.rows), *rest], standardise)
    (x_train, x_validation, x_test), (y_train, y_validation, y_test) = splits, targets.y
    classes, unit = targets.classes, targets.unit
    return Dataset(x_train, y_train, x_validation, y_validation, x_test, y_test, classes, scaling, unit)


def _read(asked: Form, base: Path) -> Source:
    if asked.path is None:
        return read_named(str(asked.name))
    path = resolved(asked.path, base)
    if not path.is_file() and not (asked.name in IMAGE_SETS and path.is_dir()):
        rule = "is a folder" if path.is_dir() else "does not exist"
        raise DataError("path", asked.path, rule, f"looked for the file {path.absolute()}")
    if asked.name is not None:
        return read_named(asked.name, path, asked.path)
    return read_table(path, asked.path, asked.target) if asked.is_table else read_archive(path, asked.path)


def resolved(given: str, base: Path) -> Path:
    """A path as written, from `base`, ~ for a home folder. Raises `DataError` where there can be none."""
    try:
        path = base / Path(given).expanduser()
        path.is_file()
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError("path", given, f"cannot be looked up: {error}", "give the path of a file") from error
    return path


def _targets(asked: Form, source: Source, fractions: Sequence[float], seed: int) -> SplitTargets:
    if asked.task == "regression":
        return quantity_targets(source, fractions, seed, standardise=asked.standardise is not False)
    return class_targets(source, fractions, seed)


def _fractions(asked: Form, source: Source, x: Sequence[Matrix]) -> list[float]:
    """Of the splits that are still to be made."""
    if source.test is None:
        return [asked.validation, asked.test_fraction]
    if asked.test is not None:
        rule = f"cannot be set: {source.value} has a test split of its own"
        raise DataError("test", asked.test, rule, "remove it")
    features, test_features = (matrix.shape[1] for matrix in x)
    if features != test_features:
        rule = f"has {features} features in x_train and {test_features} in x_test"
        raise source.error(rule, "give both the same features")
    return [asked.validation]
