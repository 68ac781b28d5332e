"""From a form to a `Dataset`: read, count the classes, split, scale."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer.data.archive import read_archive
from trainer.data.dataset import Dataset
from trainer.data.digits import NAMED
from trainer.data.examples import Scaling, as_matrix
from trainer.data.form import Form
from trainer.data.labels import check_counts, class_indices
from trainer.data.source import Source
from trainer.data.split import stratified_split
from trainer.data.table import read_table
from trainer.errors import DataError


def load_data(form: str | Mapping[str, Any], seed: int = 0, base: Path | None = None) -> Dataset:
    """The data that a spec asks for, split by `seed` (from 0 on), each class in every split.

    form: "digits", or a mapping: `name`, or `path` of an .npz, .csv or .parquet file and a table's
        `target` column; `validation` and `test`, the fractions of the examples in these splits
        (0.2, 0.2); `standardise`, whether each feature gets mean 0 and deviation 1 on the training
        split (true). A file with a test split of its own takes no `test`; `validation` is then a
        fraction of its training examples.
    base: the folder that relative paths start from; by default the current one.

    Raises `DataError`, which names the part of the form that is wrong and what to do about it.
    """
    asked = Form.parse(form)
    source = _read(asked, base or Path())
    x = [as_matrix(source, part.x) for part in source.parts]
    classes, labels = class_indices(source)
    if source.test is None:
        fractions: list[float] = [asked.validation, asked.test_fraction]
    else:
        _check_test_split(asked, source, x[0].shape[1], x[1].shape[1])
        fractions = [asked.validation]
    check_counts(source, classes, labels[0], least=1 + len(fractions))
    rows = stratified_split(labels[0], fractions, seed)
    parts = [(x[0][r], labels[0][r]) for r in rows] + list(zip(x[1:], labels[1:], strict=True))
    scaling = Scaling.fit(parts[0][0]) if asked.standardise else Scaling.none(x[0].shape[1])
    (x_train, y_train), (x_validation, y_validation), (x_test, y_test) = (
        (scaling(source, matrix), y) for matrix, y in parts
    )
    return Dataset(x_train, y_train, x_validation, y_validation, x_test, y_test, classes)


def _read(asked: Form, base: Path) -> Source:
    if asked.path is None:
        return NAMED[str(asked.name)]()
    path = base / Path(asked.path).expanduser()
    if not path.is_file():
        rule = "is a folder" if path.is_dir() else "does not exist"
        raise DataError("path", asked.path, rule, f"looked for the file {path.absolute()}")
    return read_table(path, asked.path, asked.target) if asked.is_table else read_archive(path, asked.path)


def _check_test_split(asked: Form, source: Source, features: int, test_features: int) -> None:
    if asked.test is not None:
        rule = f"cannot be set: {source.value} has a test split of its own"
        raise DataError("test", asked.test, rule, "remove it")
    if features != test_features:
        rule = f"has {features} features in x_train and {test_features} in x_test"
        raise source.error(rule, "give both the same features")
