"""Everything that can be wrong with data, and what is said of it."""

import pickle
import sys

import numpy as np
import pandas as pd
import pytest

from trainer import DataError, load_data

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2


@pytest.fixture
def folder(tmp_path):
    """Files of every kind that cannot be used, and table.csv and good.npz, which can."""
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "label": Y})
    frame.to_csv(tmp_path / "table.csv", index=False)
    frame.assign(a=np.where(Y, np.nan, 1.0), b=np.inf).to_csv(tmp_path / "holes.csv", index=False)
    frame.assign(a="red", b=1).to_csv(tmp_path / "text.csv", index=False)
    frame.assign(label=X[:, 0] / 7).to_csv(tmp_path / "continuous.csv", index=False)
    frame.assign(label=1).to_csv(tmp_path / "one.csv", index=False)
    frame.assign(label=[2, 2, *[Y[2]] * 18]).to_csv(tmp_path / "rare.csv", index=False)
    frame[["label"]].to_csv(tmp_path / "featureless.csv", index=False)
    frame.assign(a=1e300 * X[:, 0]).to_csv(tmp_path / "huge.csv", index=False)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "torn.npz").write_bytes(b"PK and no more")
    (tmp_path / "table.xlsx").write_bytes(b"")
    (tmp_path / "folder.csv").mkdir()
    np.savez(tmp_path / "good.npz", x=X, y=Y)
    np.savez(tmp_path / "other.npz", images=X, y=Y)
    np.savez(tmp_path / "pickled.npz", x=X, y=np.array([{}] * 20))
    np.savez(tmp_path / "short.npz", x=X, y=Y[:-1])
    np.savez(tmp_path / "flat.npz", x=np.float64(3), y=Y)
    np.savez(tmp_path / "words.npz", x=X.astype(str), y=Y)
    np.savez(tmp_path / "holes.npz", x=np.where(X == 5, np.nan, X), y=Y)
    np.savez(tmp_path / "pair.npz", x_train=X, y_train=Y, x_test=X, y_test=Y)
    np.savez(tmp_path / "unlike.npz", x_train=X, y_train=Y, x_test=X[:, :1], y_test=Y)
    with (tmp_path / "array.npz").open("wb") as file:
        np.save(file, X)
    return tmp_path


def table(name="table.csv", **options):
    return {"path": name, "target": "label", **options}


WRONG = [
    # form, key, in the rule, in the fix
    (7, "", "neither a name nor a mapping", "digits"),
    ({}, "", "name or a path", "path:"),
    ({"name": "digits", "path": "table.csv"}, "", "not both", "digits"),
    ({"path": "~nobody-of-this-name/x.csv", "target": "y"}, "path", "cannot be looked up", "path of a file"),
    ({"path": "x" * 300 + ".csv", "target": "y"}, "path", "", "file"),
    ("digts", "name", "not the name of a data set", "did you mean digits?"),
    ({"name": "mnist"}, "name", "not the name of a data set", "Valid: digits"),
    ({"name": 3}, "name", "not the name of a data set", "Valid: digits"),
    ("table.csv", "name", "not the name of a data set", "{path: table.csv}"),
    ({"name": "digits", "valdiation": 0.1}, "valdiation", "unknown option", "did you mean validation?"),
    ({"name": "digits", 3: 0.1}, "3", "unknown option", "validation"),
    ({"name": "digits", "target": "y"}, "target", "no table", "remove"),
    ({"path": "good.npz", "target": "y"}, "target", "no table", "remove"),
    ({"path": 3}, "path", "must be the path", "table.csv"),
    ({"path": ""}, "path", "must be the path", "table.csv"),
    (table("absent.csv"), "path", "does not exist", "absent.csv"),
    (table("folder.csv"), "path", "is a folder", "folder.csv"),
    (table("table.xlsx"), "path", ".xlsx", ".npz, .csv, .tsv"),
    ({"path": "table"}, "path", "no suffix", ".npz, .csv, .tsv"),
    (table("empty.csv"), "path", "cannot be read as .csv", "whole"),
    (table("torn.parquet"), "path", "cannot be read as .parquet", "whole"),
    ({"path": "torn.npz"}, "path", "cannot be read as .npz", "numpy.savez"),
    ({"path": "array.npz"}, "path", "cannot be read as .npz", "numpy.savez"),
    ({"path": "pickled.npz"}, "path", "cannot be read as .npz", "pickled"),
    ({"path": "other.npz"}, "path", "holds the arrays images, y", "x, y, or x_train"),
    ({"path": "short.npz"}, "path", "(19,) for 20 examples", "one label"),
    ({"path": "flat.npz"}, "path", "shape ()", "at least one row"),
    ({"path": "words.npz"}, "path", "type <U", "numbers"),
    ({"path": "holes.npz"}, "path", "missing or infinite values in the features 1", "fill"),
    ({"path": "pair.npz", "test": 0.2}, "test", "test split of its own", "remove"),
    ({"path": "unlike.npz"}, "path", "2 features in x_train and 1 in x_test", "same"),
    ({"path": "table.csv"}, "target", "no column to predict", "Valid: a, b, label"),
    (table(target="lable"), "target", "not a column of table.csv", "did you mean label? Valid: a, b, label"),
    (table(target=3), "target", "name of a column", "quotes"),
    (table("holes.csv"), "path", "has 12 infinite values in the feature b", "drop: [name]"),
    (table("text.csv"), "path", "no column to learn from: a is the same", "varies"),
    (table(drop="a"), "drop", "must be a list", "drop: [column]"),
    (table(drop=["c"]), "path", "has no column c", "Valid: a, b"),
    (table(columns=["a"]), "columns", "must be a mapping", "category}"),
    (table(columns={"a": "numbr"}), "columns.a", "not a kind of column", "did you mean number?"),
    (table(columns={"c": "number"}), "path", "has no column c", "Valid: a, b"),
    (table(group="c"), "path", "has no column c", "Valid: a, b"),
    (table(time=3), "time", "name of a column", "quotes"),
    (table(group="a", time="b"), "time", "cannot be set beside group", "remove one"),
    (table(split="a"), "path", "has 0, 2, 4, 6, 8 and 15 more in a, which is no split", "train"),
    (table(test="absent.csv"), "test", "does not exist", "absent.csv"),
    ({"path": "good.npz", "drop": ["a"]}, "drop", "no table", "remove"),
    ({"path": "good.npz", "group": "a"}, "group", "no table", "remove"),
    ({"path": "good.npz", "test": "table.csv"}, "test", "no table", "0.2"),
    (table("huge.csv", standardise=False), "path", "too large for float32 in the features a", "rescale"),
    (table("featureless.csv"), "path", "shape (20, 0)", "one feature"),
    (table("continuous.csv"), "target", "continuous numbers, such as 0.285714", "write task: regression"),
    (table("one.csv"), "target", "but one class, 1", "two classes"),
    (table("rare.csv"), "target", "fewer than 3 examples, too few to split: 2 (2)", "merge or drop"),
    (table(validation=0), "validation", "above 0 and below 1", "0.2"),
    (table(validation=True), "validation", "above 0 and below 1", "0.2"),
    (table(validation="0.2"), "validation", "above 0 and below 1", "0.2"),
    (table(validation=float("nan")), "validation", "above 0 and below 1", "0.2"),
    (table(test=1.0), "test", "above 0 and below 1", "0.2"),
    (table(test=-0.1), "test", "above 0 and below 1", "0.2"),
    (table(validation=0.5, test=0.5), "validation", "nothing to train on", "below 1"),
    (table(validation=0.8), "validation", "nothing to train on, with test at 0.2", "below 1"),
    (table(standardise="yes"), "standardise", "true or false", "true"),
]


@pytest.mark.parametrize(("form", "key", "rule", "fix"), WRONG, ids=[str(form) for form, *_ in WRONG])
def test_wrong_data(folder, form, key, rule, fix):
    with pytest.raises(DataError) as raised:
        load_data(form, base=folder)
    error = raised.value
    assert isinstance(error, ValueError)
    assert error.key == key
    assert rule in error.rule
    assert fix in error.fix
    if isinstance(form, dict) and key in form:
        assert error.value == form[key] or error.value is form[key]


def test_what_can_be_used_is_used(folder):
    assert load_data(table(), base=folder).features == 2
    assert load_data({"path": folder / "good.npz"}).features == 2
    assert load_data({"path": "pair.npz"}, base=folder).features == 2


def test_scikit_learn_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(DataError) as raised:
        load_data("digits")
    assert raised.value.key == "name"
    assert raised.value.fix == 'pip install "caviar-sweeps[digits]"'


def test_errors_survive_a_process_boundary():
    error = DataError(key="path", value="a.csv", rule="does not exist", fix="look again")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (again.key, again.value, again.rule, again.fix) == (error.key, error.value, error.rule, error.fix)
    assert str(again) == "path: 'a.csv' does not exist\n  fix: look again"


def test_whole_numbers_that_floats_cannot_tell_apart_are_classes_of_their_own(tmp_path):
    labels = [2**53, 2**53 + 1, 5] * 10
    pd.DataFrame({"x": np.arange(30.0), "y": labels}).to_csv(tmp_path / "t.csv", index=False)
    data = load_data({"path": "t.csv", "target": "y"}, base=tmp_path)
    assert set(data.classes) == {"5", str(2**53), str(2**53 + 1)}


@pytest.mark.parametrize(
    ("labels", "says"), [([1e30, 2e30, 5.0], "tell apart"), ([2**70, 5, 6], "64 bits|apart")]
)
def test_labels_too_large_to_be_told_apart(tmp_path, labels, says):
    np.savez(tmp_path / "t.npz", x=np.arange(30.0)[:, None], y=np.array(labels * 10, dtype=float))
    with pytest.raises(DataError, match=says):
        load_data({"path": "t.npz"}, base=tmp_path)


def test_whole_numbers_beyond_64_bits_are_classes_where_they_are_text(tmp_path):
    pd.DataFrame({"x": np.arange(30.0), "y": [2**70, 5, 6] * 10}).to_csv(tmp_path / "t.csv", index=False)
    assert load_data({"path": "t.csv", "target": "y"}, base=tmp_path).classes == ("5", "6", str(2**70))
