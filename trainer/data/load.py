"""From a form to a `Dataset` in four stages: read → split → fit → transform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from trainer.data.about.hints import hints
from trainer.data.about.summary import summaries
from trainer.data.columns.values import is_text
from trainer.data.dataset import Dataset
from trainer.data.features import check_features
from trainer.data.fit import fit_features, fit_target, scaled_target
from trainer.data.form import Form
from trainer.data.labels import are_quantities, class_indices, quantities
from trainer.data.preprocessing import Preprocessing
from trainer.data.read.columns import Columns
from trainer.data.read.formats import SUFFIXES, read_file, suffix_of
from trainer.data.read.frame import from_frame
from trainer.data.read.named import read_named
from trainer.data.read.picture_folders import read_folder
from trainer.data.read.source import Features, Source
from trainer.data.read.table import Wanted, table_source
from trainer.data.scaling import Standard
from trainer.data.split_rows import split_rows
from trainer.data.transform import NumberTransform
from trainer.data.weights import class_weights, of_mean_one, row_weights
from trainer.errors import DataError, Unusable, choices

_ARRAYS = ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")


def load_data(form: str | Mapping[str, Any], seed: int = 0, base: Path | None = None) -> Dataset:
    """Load the data that a spec asks for, and split them.

    Args:
        form: "digits", "fashion-mnist", or a mapping of

            - `name`; or `path` of an .npz, or of a folder that has a folder of pictures for each class, all
              of one size or resized to `size`; or of a table (.csv or .tsv, packed or not, .parquet,
              .feather) and its `target` column; or `table`, a pandas frame or an Arrow table; with
              `name: fashion-mnist`, `path` is its .npz or the folder of its idx files;
            - `task`: classification, with each class in every split, or regression. By default numbers of
              more than 20 values are quantities, if they have fractions or some are rare;
            - `drop`, `columns`: names of a table's columns that are no features, and of others what they
              are: number, category, date, or hash, the words of a text. By default that follows from the
              training split (see trainer.data.columns);
            - `validation`, `test`: the fractions of the examples in these splits (0.2, 0.2). `test` may be
              another file with the same columns. Data with a test split of their own take no `test`;
              `validation` is then a fraction of the others;
            - `group`, `time` or `split`: a column whose groups stay in one split, whose latest times are the
              test split and those before them the validation split, or that names the split of each row,
              train, validation or test. It is no feature, unless it stands in `columns` as well;
            - `standardise`: whether each number, and the target of a regression, gets mean 0 and
              deviation 1 on the training split. By default they do, other than those of digits and
              bytes, which lie in 0 … 1;
            - `metrics`: what is reported of validation and test beside loss and error: f1,
              balanced_accuracy, auc of classes, mae, r2 of quantities;
            - `weight`, a column that says what a row weighs, and `class_weight`: balanced, or a weight for
              each class. They count in training alone.
        seed: Of the splits, from 0 on.
        base: The folder that relative paths start from; by default the current one.

    Returns:
        The splits, and in `hints` what the user should know about them.

    Raises:
        DataError: Names the part of the form that is wrong and what to do about it.

    Examples:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> rows = "".join(f"{i * i % 17},{'NA' if i % 3 else 'EU'}\\n" for i in range(30))
        >>> _ = (folder / "sales.csv").write_text("price,region\\n" + rows)
        >>> data = load_data({"path": "sales.csv", "target": "region"}, base=folder)
        >>> data.classes, data.features, [len(y) for _, y in data.splits]
        (('EU', 'NA'), 1, [18, 6, 6])
    """
    asked = Form.parse(form)
    with _blaming(asked):
        asked, source = _read(asked, base or Path())
        targets = _targets(asked, source)
        rows, found = split_rows(asked, source, targets.parts[0], targets.classes, seed)
        source = replace(source, hints=(*source.hints, *found))
        return _fit_and_transform(asked, source, targets, rows)


@contextmanager
def _blaming(asked: Form) -> Iterator[None]:
    """Say which part of the form is to blame for what the stages cannot use."""
    try:
        yield
    except Unusable as error:
        labels = error.about == "labels" and asked.is_table
        key, value = ("target", asked.target) if labels else asked.source
        raise DataError(key, value, error.rule, error.fix) from error


def _read(asked: Form, base: Path) -> tuple[Form, Source]:
    """The source, and the form with the task that its labels suggest."""
    source = _source(asked, base)
    if asked.task is None:
        regression = not source.classes and are_quantities(source.whole.y)
        asked = replace(asked, task="regression" if regression else "classification")
        # Quantities are read as numbers: what is missing is none, and a comma may be a decimal point.
        source = _source(asked, base) if regression and asked.is_table else source
    if isinstance(asked.test, str):
        test = _test(asked, asked.test, source, base)
        source = replace(source, test=test.whole, hints=(*source.hints, *test.hints))
    check_features([part.x for part in source.parts])
    if source.test is not None and isinstance(asked.test, float | int):
        rule = f"cannot be set: {asked.path or asked.name} has a test split of its own"
        raise DataError("test", asked.test, rule, "remove it")
    return asked, source


def _test(asked: Form, given: str, source: Source, base: Path) -> Source:
    """The test split in a file of its own, its texts read as texts where the others are."""
    columns = cast(Columns, source.whole.x)
    texts = [field.name for field in columns.table.schema if is_text(field.type)]
    wanted = Wanted(asked.target, asked.task == "classification", texts, kept=columns.names)
    try:
        return read_file(_file("test", given, base), wanted)
    except Unusable as error:
        raise DataError("test", given, error.rule, error.fix) from error


def _source(asked: Form, base: Path) -> Source:
    if asked.table is not None:
        return table_source(from_frame(asked.table), _wanted(asked), "the table")
    if asked.path is None:
        return read_named(str(asked.name))
    if resolved(asked.path, base).is_dir() and not asked.is_table:
        folder = resolved(asked.path, base)
        return _pictures(asked, folder) if asked.name is None else read_named(asked.name, folder)
    _check_file(asked)
    path = _file("path", asked.path, base)
    if asked.name is not None:
        return read_named(asked.name, path)
    return read_file(path, _wanted(asked))


def _pictures(asked: Form, folder: Path) -> Source:
    if asked.task == "regression":
        rule = f"does not go with the folder {asked.path}, whose folders are classes"
        raise DataError("task", asked.task, rule, "remove it, or give data whose labels are quantities")
    return read_folder(folder, asked.pixels)


def _check_file(asked: Form) -> None:
    """Raise `DataError` where a path that is no folder is of no kind of file that can be read."""
    suffix = suffix_of(str(asked.path))
    if asked.size is not None:
        rule = f"is for a folder of pictures, and {asked.path} is none"
        raise DataError("size", asked.size, rule, "remove it, or give the path of a folder")
    if asked.name is None and suffix not in SUFFIXES:
        rule = f"is no folder, and of a kind of file that cannot be read: {suffix or 'no suffix'}"
        raise DataError("path", asked.path, rule, choices(SUFFIXES))


def _wanted(asked: Form) -> Wanted:
    kept = [name for name, kind in asked.columns.items() if kind != "drop"]
    dropped = [*asked.drop, *(name for name in asked.columns if name not in kept)]
    texts = [name for name, kind in asked.columns.items() if kind in ("category", "hash")]
    return Wanted(asked.target, asked.task != "regression", texts, dropped, asked.beside, kept)


def _file(key: str, given: str, base: Path) -> Path:
    path = resolved(given, base)
    if not path.is_file():
        rule = "is a folder" if path.is_dir() else "does not exist"
        raise DataError(key, given, rule, f"looked for the file {path.absolute()}")
    return path


def resolved(given: str, base: Path) -> Path:
    """A path as written, from `base`, ~ for a home folder. Raises `DataError` where there can be none."""
    try:
        path = base / Path(given).expanduser()
        path.is_file()
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError("path", given, f"cannot be looked up: {error}", "give the path of a file") from error
    return path


class _Targets(NamedTuple):
    """parts: of the source's whole and of its test split. classes: as in `Dataset`."""

    parts: Sequence[NDArray[Any]]
    classes: tuple[str, ...] = ()


def _targets(asked: Form, source: Source) -> _Targets:
    if asked.task == "regression":
        return _Targets([quantities(part) for part in source.parts])
    classes, parts = class_indices(source.parts, source.classes)
    return _Targets(parts, classes)


def _fit_and_transform(
    asked: Form, source: Source, targets: _Targets, rows: Sequence[NDArray[np.int64]]
) -> Dataset:
    standardise = source.standardise if asked.standardise is None else asked.standardise
    train = source.whole.x[rows[0]]
    kinds, left_out = asked.columns, source.left_out
    transform = fit_features(
        train, standardise=standardise, as_bytes=source.is_bytes, kinds=kinds, left_out=left_out
    )
    if isinstance(transform, NumberTransform) and asked.size is not None:
        transform = replace(transform, resized=True)
    y, standard = [*(targets.parts[0][r] for r in rows), *targets.parts[1:]], Standard()
    if not targets.classes:
        standard = fit_target(y[0], standardise=asked.standardise is not False)
        y = [scaled_target(standard, part) for part in y]
    x = [transform(part) for part in (train, *_held_out(source, rows))]
    arrays = dict(zip(_ARRAYS, [part for pair in zip(x, y, strict=True) for part in pair], strict=True))
    return Dataset(
        **arrays,
        classes=targets.classes,
        scaling=transform.scaling,
        unit=float(standard.scale[0]),
        shape=transform.shape,
        name=asked.name or Path(asked.path or "").name,
        metrics=tuple(asked.metrics),
        columns=summaries(source.whole.x, targets.parts[0], targets.classes, asked.target),
        weights=_weights(asked, source, targets, rows[0]),
        preprocessing=Preprocessing(transform, targets.classes, standard, asked.target),
        hints=(
            *source.hints,
            *hints(source.whole.x, targets.parts[0], targets.classes, asked.target),
            *transform.notes,
        ),
    )


def _weights(
    asked: Form, source: Source, targets: _Targets, rows: NDArray[np.int64]
) -> NDArray[np.float32] | None:
    """Of the training rows; None where all weigh the same."""
    if asked.weight is None and asked.class_weight is None:
        return None
    y = targets.parts[0][rows]
    by_class = class_weights(asked.class_weight, targets.classes, y)
    weights = by_class[y] if targets.classes else np.ones(len(y))
    if asked.weight is not None:
        weights = weights * row_weights(source.beside[asked.weight], asked.weight)[rows]
    return of_mean_one(weights)


def _held_out(source: Source, rows: Sequence[NDArray[np.int64]]) -> Iterator[Features]:
    """The features of all splits but training, one at a time: each is a copy."""
    yield from (source.whole.x[part] for part in rows[1:])
    if source.test is not None:
        yield source.test.x
