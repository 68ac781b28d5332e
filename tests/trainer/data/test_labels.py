"""Labels are text as it is written: none merge, and none but empty ones are missing."""

import csv
import decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer import DataError, load_data

KINDS = ["csv", "quoted csv", "parquet"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6)
NUMBERS = st.sampled_from(
    ["0", "00", "01", "1", "1.0", "1.00", "1e0", "10", "-1", "+1", "nan", "NA", "inf", "0.5"]
)


def write(folder, labels, kind="csv", repeats=4):
    """A table of these labels in turn beside a feature, as a form."""
    y = np.array(labels, dtype=object)[np.arange(repeats * len(labels)) % len(labels)]
    frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=len(y)), "label": y})
    path = folder / f"t.{kind.split()[-1]}"
    if kind == "parquet":
        frame.to_parquet(path)
    else:
        quoting = csv.QUOTE_NONNUMERIC if "quoted" in kind else csv.QUOTE_MINIMAL
        frame.to_csv(path, index=False, quoting=quoting)
    return {"path": str(path), "target": "label"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "names",
    [
        ("0", "00", "01", "1"),
        ("100", "1e2", "20", "2E1"),
        ("1", "1.0", "2"),
        ("001", "01", "1"),
        ("1.1", "1.10"),
        *[(*sorted(("EU", name)),) for name in ("NA", "None", "null", "n/a", "nan", "NULL", "#N/A", "<NA>")],
        ("False", "True"),
        ("false", "true"),
    ],
)
def test_each_label_is_a_class(tmp_path, names, kind):
    data = load_data(write(tmp_path, names, kind))
    assert data.classes == names
    assert np.bincount(np.concatenate([y for _, y in data.splits])).tolist() == [4] * len(names)


@given(st.lists(TEXT | NUMBERS, min_size=2, max_size=5, unique=True))
@settings(max_examples=60)
def test_csv_and_parquet_of_one_table_agree(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("tables")
    one, other = (load_data(write(folder, names, kind)) for kind in ("quoted csv", "parquet"))
    assert len(one.classes) == len(names)
    assert one.classes == other.classes
    for some, others in zip(one.splits, other.splits, strict=True):
        assert np.array_equal(some[0], others[0])
        assert np.array_equal(some[1], others[1])


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([10, 2], ("2", "10")),
        ([3.0, 1.0], ("1", "3")),
        ([10.5, 2.0], ("2.0", "10.5")),
        ([True, False], ("False", "True")),
        ([decimal.Decimal("1.50"), decimal.Decimal("0.25")], ("0.25", "1.50")),
    ],
)
def test_numbers_come_in_their_order(tmp_path, labels, classes, kind):
    assert load_data(write(tmp_path, labels, kind)).classes == classes


def test_a_label_that_is_no_number_far_down_in_a_file(tmp_path):
    # More than a block of Arrow's and a chunk of pandas', each of which guesses types for itself.
    labels = np.where(np.arange(300_000) < 299_900, "1", "01")
    labels[::3] = "2"
    pd.DataFrame({"a": np.arange(300_000) % 7, "label": labels}).to_csv(tmp_path / "t.csv", index=False)
    data = load_data({"path": str(tmp_path / "t.csv"), "target": "label"})
    assert data.classes == ("01", "1", "2")
    assert sum((y == 0).sum() for _, y in data.splits) == (labels == "01").sum()


def test_only_the_empty_field_is_missing(tmp_path):
    for form in (write(tmp_path, ["NA", "", "x"]), write(tmp_path, ["NA", None, "x"], "parquet")):
        data = load_data(form)
        assert data.classes == ("NA", "x")
        assert "4 of 12 rows have no label" in data.hints[0]


def test_labels_of_bytes_are_text(tmp_path):
    names = np.array([b"nein", "ja, für".encode()])
    np.savez(tmp_path / "a.npz", x=np.arange(20.0), y=names[np.arange(20) % 2])
    assert load_data({"path": str(tmp_path / "a.npz")}).classes == ("ja, für", "nein")
    assert load_data(write(tmp_path, names.tolist(), "parquet")).classes == ("ja, für", "nein")
    np.savez(tmp_path / "a.npz", x=np.arange(20.0), y=np.array([b"\xff", b"a"] * 10))
    with pytest.raises(DataError, match="no text in UTF-8"):
        load_data({"path": str(tmp_path / "a.npz")})


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_numbers_with_fractions_are_classes_where_they_can_be_split(tmp_path, kind):
    data = load_data(write(tmp_path, [0.5, 1.0, 1.5], kind))
    assert data.classes == ("0.5", "1.0", "1.5")
    assert any("task: regression" in hint for hint in data.hints)
    with pytest.raises(DataError, match=r"continuous numbers, such as 0\.5"):
        load_data(write(tmp_path, [0.5, 1.0, 1.5], kind, repeats=2))


def test_classes_that_differ_by_blanks_alone(tmp_path):
    data = load_data(write(tmp_path, ["x", "x ", "y"]))
    assert data.classes == ("x", "x ", "y")
    assert data.hints == ("label has classes that differ from others by blanks alone: 'x '",)


def test_a_target_of_numbers_is_numbers_in_a_regression(tmp_path):
    form = {**write(tmp_path, [1, 2.5, 4]), "task": "regression", "standardise": False}
    assert set(np.concatenate([y for _, y in load_data(form).splits])) == {1, 2.5, 4}
    decimals = [decimal.Decimal("1.50"), decimal.Decimal("3.25")]
    form = {**write(tmp_path, decimals, "parquet"), "task": "regression", "standardise": False}
    assert set(np.concatenate([y for _, y in load_data(form).splits])) == {1.5, 3.25}


def test_a_class_called_nan_or_inf_beside_numbers_is_no_fraction(tmp_path):
    assert load_data(write(tmp_path, ["1", "2", "nan", "inf"])).hints == ()
