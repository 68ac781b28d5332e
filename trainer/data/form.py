"""What a spec says of its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from trainer.data.columns import KINDS
from trainer.data.dataset import Task
from trainer.data.metrics import METRICS
from trainer.data.read.formats import SUFFIXES, is_table, suffix_of
from trainer.data.read.frame import is_frame
from trainer.data.read.named import IMAGE_SETS, NAMES
from trainer.errors import DataError, choices

_OPTIONS = (
    *("name", "path", "size", "table", "target", "task", "drop", "columns"),
    *("validation", "test", "group", "time", "split", "standardise", "metrics", "weight", "class_weight"),
)
_HOW = ("group", "time", "split")  # columns, of which one at most says how to split
_EXAMPLE = "write data: digits, or data: {path: table.csv, target: column}"


@dataclass(frozen=True)
class Form:
    """name, path or table: where the data come from; images may have both, a name and where they lie.

    size: of the pictures in a folder, which are resized: height and width, or one number for both.
    table: a pandas frame or an Arrow table in memory.
    target: a table's column of labels. task: "classification" or "regression"; None leaves it to the labels.
    drop: columns that are no features. columns: of some columns their kind, one of `KINDS`.
    validation, test: the fractions of all examples that these splits get, or of the latter the path of a file
    that it lies in; test is None if not given.
    group, time, split: a column whose groups stay whole, of times whose latest are the test split, or that
    names each row's split.
    standardise: whether each feature, and the target of a regression, is scaled to mean 0 and deviation 1
    on the training split; None leaves it to the source. metrics: further ones, among `METRICS`.
    weight: a column of the rows' weights. class_weight: "balanced", or a weight for each class.
    Raises `DataError` on options that are unknown, of the wrong type or do not go together.
    """

    name: str | None = None
    path: str | None = None
    size: int | Sequence[int] | None = None
    table: Any = None
    target: str | None = None
    task: Task | None = None
    drop: Sequence[str] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    validation: float = 0.2
    test: float | str | None = None
    group: str | None = None
    time: str | None = None
    split: str | None = None
    standardise: bool | None = None
    metrics: Sequence[str] = ()
    weight: str | None = None
    class_weight: str | Mapping[str, float] | None = None

    @classmethod
    def parse(cls, form: Any) -> Form:
        """A form from the name of a data set or a mapping of options."""
        if isinstance(form, str):
            form = {"name": form}
        if not isinstance(form, Mapping):
            raise DataError("", form, "is neither a name nor a mapping", _EXAMPLE)
        for option in form:
            if option not in _OPTIONS:
                fix = choices(_OPTIONS, option)
                raise DataError(str(option), form[option], "is the value of an unknown option", fix)
        if isinstance(form.get("path"), Path):
            form = {**form, "path": str(form["path"])}
        return cls(**form)

    def __post_init__(self) -> None:
        self._check_source()
        self._check_size()
        self._check_target()
        self._check_task()
        self._check_columns()
        self._check_how()
        for key in ("validation", "test"):
            if not (key == "test" and isinstance(self.test, str)):
                _check_fraction(key, getattr(self, key))
        if self.validation + self.test_fraction >= 1:
            rule = f"leaves nothing to train on, with test at {self.test_fraction:g}"
            raise DataError("validation", self.validation, rule, "let both add up to below 1")
        if not isinstance(self.standardise, bool | None):
            raise DataError("standardise", self.standardise, "must be true or false", "write true or false")
        self._check_metrics()
        self._check_class_weight()

    @property
    def test_fraction(self) -> float:
        """0 where a file has the test split."""
        if isinstance(self.test, str):
            return 0.0
        return 0.2 if self.test is None else self.test

    @property
    def beside(self) -> tuple[str, ...]:
        """The columns that say how to split or what a row weighs."""
        beside = (self.group, self.time, self.split, self.weight)
        return tuple(name for name in beside if name is not None)

    @property
    def is_table(self) -> bool:
        return self.table is not None or (self.name is None and self.path is not None and is_table(self.path))

    @property
    def source(self) -> tuple[str, Any]:
        """The key that says where the data come from, and what it says, for messages."""
        if self.table is not None:
            return "table", f"a table of shape {getattr(self.table, 'shape', '?')}"
        return ("name", self.name) if self.path is None else ("path", self.path)

    def _check_source(self) -> None:
        if self.table is not None:
            self._check_table()
            return
        if self.name is not None:
            self._check_name()
        if (self.name is None) == (self.path is None) and self.name not in IMAGE_SETS:
            given = {key: getattr(self, key) for key in ("name", "path") if getattr(self, key) is not None}
            raise DataError("", given, "must have a name or a path, and not both", _EXAMPLE)
        if self.path is not None:
            self._check_path(self.path)

    def _check_table(self) -> None:
        if self.name is not None or self.path is not None:
            key = "name" if self.name is not None else "path"
            raise DataError(key, getattr(self, key), "cannot be set beside a table", "remove one of them")
        if not is_frame(self.table):
            rule = "is neither a pandas or Polars frame nor an Arrow table"
            raise DataError("table", self.table, rule, "for a file, write path")

    def _check_path(self, path: Any) -> None:
        if not isinstance(path, str) or not path:
            raise DataError("path", path, "must be the path of a file", _EXAMPLE)
        suffix = suffix_of(path)
        # Without a target it may be a folder's name; whether it is one is not known here.
        if self.name is None and self.target is not None and suffix and suffix not in SUFFIXES:
            raise DataError("path", path, f"is of a kind that cannot be read: {suffix}", choices(SUFFIXES))

    def _check_size(self) -> None:
        if self.size is None:
            return
        fix = "write size: 64, or size: [48, 64], height and width"
        whole = [self.size] if isinstance(self.size, int) else self.size
        right = isinstance(whole, list | tuple) and len(whole) in (1, 2)
        if not right or not all(type(each) is int and each > 0 for each in whole):
            raise DataError("size", self.size, "must be one or two whole numbers from 1 on", fix)

    @property
    def pixels(self) -> tuple[int, int] | None:
        """Height and width that pictures are resized to; None where they stay as they are."""
        if self.size is None:
            return None
        height, width = (
            (self.size, self.size) if isinstance(self.size, int) else (self.size[0], self.size[-1])
        )
        return height, width

    def _check_name(self) -> None:
        if not isinstance(self.name, str) or self.name not in NAMES:
            path = isinstance(self.name, str) and suffix_of(self.name) in SUFFIXES
            fix = f"for a file, write data: {{path: {self.name}}}" if path else choices(NAMES, self.name)
            raise DataError("name", self.name, "is not the name of a data set", fix)

    def _check_task(self) -> None:
        if self.task is not None and self.task not in get_args(Task):
            fix = choices(get_args(Task), self.task)
            raise DataError("task", self.task, "is not a task", fix)
        if self.task == "regression" and self.name is not None:
            rule = f"does not go with {self.name}, whose labels are classes"
            raise DataError("task", self.task, rule, "remove it, or give data whose labels are quantities")

    def _check_columns(self) -> None:
        if isinstance(self.drop, str) or not _are_texts(self.drop):
            raise DataError("drop", self.drop, "must be a list of columns", "write drop: [column]")
        if not isinstance(self.columns, Mapping) or not _are_texts(self.columns):
            raise DataError("columns", self.columns, "must be a mapping", "write columns: {zip: category}")
        for name, kind in self.columns.items():
            if kind not in KINDS:
                raise DataError(f"columns.{name}", kind, "is not a kind of column", choices(KINDS, kind))
        if (self.drop or self.columns) and not self.is_table:
            key = "drop" if self.drop else "columns"
            raise DataError(key, getattr(self, key), "names columns, but the data are no table", "remove it")

    def _check_metrics(self) -> None:
        valid = [name for names in METRICS.values() for name in names]
        if isinstance(self.metrics, str) or not _are_texts(self.metrics):
            raise DataError("metrics", self.metrics, "must be a list of metrics", "write metrics: [f1]")
        for name in self.metrics:
            if name not in valid:
                raise DataError("metrics", name, "is not a metric", choices(valid, name))

    def _check_class_weight(self) -> None:
        given = self.class_weight
        if given is None or given == "balanced":
            return
        fix = "write class_weight: balanced, or class_weight: {yes: 5, no: 1}"
        if not isinstance(given, Mapping):
            raise DataError("class_weight", given, "is neither balanced nor a weight for each class", fix)
        for name, weight in given.items():
            number = isinstance(weight, int | float) and not isinstance(weight, bool)
            if not number or not 0 <= weight < float("inf"):
                raise DataError(f"class_weight.{name}", weight, "must be a number from 0 on", fix)

    def _check_how(self) -> None:
        given = [key for key in _HOW if getattr(self, key) is not None]
        for key in (*given, *["weight"] * (self.weight is not None)):
            if not isinstance(getattr(self, key), str):
                raise DataError(key, getattr(self, key), "must be the name of a column", "write it in quotes")
            if not self.is_table:
                raise DataError(
                    key, getattr(self, key), "names a column, but the data are no table", "remove it"
                )
        if len(given) > 1:
            rule = f"cannot be set beside {given[0]}: one column says how to split"
            raise DataError(given[1], getattr(self, given[1]), rule, "remove one of them")
        if isinstance(self.test, str) and not self.is_table:
            raise DataError("test", self.test, "is a file, but the data are no table", "write test: 0.2")
        if isinstance(self.test, str) and self.split:
            raise DataError(
                "test", self.test, "cannot be set beside split, which names the rows", "remove it"
            )

    def _check_target(self) -> None:
        if self.target is None:
            return
        if not self.is_table:
            rule = "names a column, but the data are no table"
            raise DataError("target", self.target, rule, "remove it; an .npz calls its labels y")
        if not isinstance(self.target, str):
            raise DataError("target", self.target, "must be the name of a column", "write it in quotes")


def with_metric(form: Any, metric: str) -> Any:
    """The form, with the further metric that a sweep is compared by, such as val_f1, among its own."""
    split, _, name = metric.partition("_")
    further = any(name in names for names in METRICS.values())
    if split not in ("val", "test") or not further or not isinstance(form, str | Mapping):
        return form
    form = {"name": form} if isinstance(form, str) else form
    asked = form.get("metrics", ())
    return form if name in asked else {**form, "metrics": [*asked, name]}


def _are_texts(names: Any) -> bool:
    return isinstance(names, Iterable) and all(isinstance(name, str) for name in names)


def _check_fraction(key: str, value: Any) -> None:
    if value is None and key == "test":
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value < 1:
        rule = "must be a fraction of the examples, above 0 and below 1"
        raise DataError(key, value, rule, f"write {key}: 0.2")
