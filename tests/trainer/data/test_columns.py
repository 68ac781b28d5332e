"""Each kind of column: what comes of it, and what of values that training has never seen."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer import DataError, load_data
from trainer.data.columns import TableTransform
from trainer.data.read.columns import Columns
from trainer.errors import Unusable


def columns(**values):
    return Columns(pa.table({name: pa.array(list(column)) for name, column in values.items()}))


def fit(standardise=True, asked=None, **values):
    return TableTransform.fit(columns(**values), asked or {}, standardise)


def test_missing_numbers_become_the_median_and_are_marked():
    transform = fit(x=[1.0, 2.0, None, 9.0, 4.0], standardise=False)
    assert transform.features == ("x", "x is missing")
    found = transform(columns(x=[None, 7.0]))
    assert found.tolist() == [[3.0, 1.0], [7.0, 0.0]]


def test_a_number_is_filled_in_where_training_had_all():
    transform = fit(x=[1, 2, 4], standardise=False)
    assert transform(columns(x=[None, 7])).tolist() == [[2.0], [7.0]]
    assert transform(columns(x=["8", ""])).tolist() == [[8.0], [2.0]]
    with pytest.raises(Unusable, match="holds text in x, a column of numbers: many"):
        transform(columns(x=["many"]))


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1", "2.5", " 3 "], [1, 2.5, 3]),
        (["$1,200", "€ 3.50", "7"], [1200, 3.5, 7]),
        (["12%", "7.5 %", "1e3"], [12, 7.5, 1000]),
        (["1"] * 30 + ["2", "?", "n/a"], [1] * 30 + [2, 1, 1]),
    ],
)
def test_texts_that_are_numbers(texts, numbers):
    transform = fit(x=texts, standardise=False)
    assert transform.encoders[0].kind == "number"
    assert transform(columns(x=texts))[:, 0].tolist() == numbers


def test_a_text_is_an_error_where_training_had_numbers_alone():
    transform = fit(price=["$12.50", "$3", "$7"])
    with pytest.raises(Unusable, match="holds text in price, a column of numbers: many"):
        transform(columns(price=["many"]))
    with pytest.raises(Unusable, match="few numbers in city, which is asked for as one, but Oslo, Rome"):
        fit(asked={"city": "number"}, city=["Oslo", "Rome", "3"])


def test_postcodes_are_no_numbers():
    assert fit(zip=["01234", "12345", "99999"] * 5).encoders[0].kind == "category"


def test_a_category_has_a_feature_for_each_value():
    transform = fit(color=["red"] * 5 + ["green"] * 4 + ["blue"] * 3)
    assert transform.features == ("color is red", "color is green", "color is blue")
    assert transform(columns(color=["blue", "red"])).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert transform(columns(color=["violet", None])).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_rare_and_unknown_values_share_a_feature():
    transform = fit(color=["red"] * 5 + ["green"] * 4 + ["blue", "", None])
    assert transform.features == tuple(
        f"color is {value}" for value in ("red", "green", "another", "missing")
    )
    found = transform(columns(color=["blue", "violet", "", None]))
    assert found.tolist() == [[0, 0, 1, 0]] * 2 + [[0, 0, 0, 1]] * 2


def test_two_values_are_one_feature():
    assert fit(sold=[True, False, False, True, False, True, False]).features == ("sold is true",)
    assert fit(sex=["m", "f"] * 5).features == ("sex is m",)


@pytest.mark.parametrize("values", [[1, 2, 3], [1.0, 2.0, 3.0], ["1", "2", "3"]])
def test_a_category_is_known_in_whatever_type_it_comes(values):
    transform = fit(asked={"kind": "category"}, kind=[1, 2, 3] * 4)
    assert transform(columns(kind=values)).tolist() == np.eye(3).tolist()


@pytest.mark.parametrize(
    ("trained", "written"), [([True, False, True], ["True", "FALSE"]), ([1.0, 2.0, 1.0], ["1.0", "2"])]
)
def test_a_category_of_another_type_is_known_as_text(trained, written):
    transform = fit(asked={"kind": "category"}, kind=trained * 4)
    np.testing.assert_array_equal(transform(columns(kind=written)), transform(columns(kind=trained[:2])))


def test_dates_that_are_said_to_be_missing():
    days = [*pd.date_range("2020-01-01", periods=30).strftime("%m/%d/%Y"), "NA", "unknown"]
    transform = fit(day=days)
    assert transform.encoders[0].kind == "date"
    assert transform(columns(day=["n/a", days[0]]))[:, -1].tolist() == [1, 0]


def test_dates_have_an_age_and_a_place_in_the_year_and_week():
    days = pd.date_range("2020-01-01", periods=400).date
    transform = fit(day=days, standardise=False)
    assert len(transform.features) == 5
    same_day = transform(columns(day=[days[0], days[366]]))  # a year later, which was a leap year
    np.testing.assert_allclose(same_day[0, 1:3], same_day[1, 1:3], atol=0.02)
    assert same_day[1, 0] - same_day[0, 0] == 366
    monday, next_monday = transform(columns(day=[days[5], days[12]]))[:, 3:]
    np.testing.assert_allclose(monday, next_monday, atol=1e-5)


def test_dates_that_are_missing_are_marked():
    days = [*pd.date_range("2020-01-01", periods=30).date, None]
    transform = fit(day=days)
    assert transform.features[-1] == "day is missing"
    found = transform(columns(day=[None]))
    assert found[0, -1] == 1
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("form", "note"),
    [
        ("%m/%d/%Y", "could be %d/%m/%Y"),
        ("%d.%m.%Y", "read as %d.%m.%Y"),
        ("%d %b %Y", "read as %d %b %Y"),
        ("%m/%d/%Y %H:%M", "read as"),
    ],
)
def test_dates_in_texts(form, note):
    days = pd.date_range("2020-01-01", periods=8, freq="32D")
    days = days if "could" not in note else pd.date_range("2020-01-01", periods=8)
    transform = fit(day=days.strftime(form), standardise=False)
    assert transform.encoders[0].kind == "date"
    assert note in transform.notes[0]
    with pytest.raises(Unusable, match="what is no date: soon"):
        transform(columns(day=["soon"]))


def test_texts_that_all_differ_are_left_out_or_hashed():
    names = [f"Mr {n} Smith" for n in "abcdefghijklmnopqrst"]
    transform = fit(name=names, x=range(20))
    assert transform.features == ("x",)
    assert "columns: {name: hash}" in dict(transform.left_out)["name"]
    hashed = fit(asked={"name": "hash"}, name=names)
    found = hashed(columns(name=["Mr a Smith", "smith, a MR", "", "entirely else"]))
    assert found.shape == (4, 64)
    np.testing.assert_array_equal(found[0], found[1])
    assert not found[2].any()
    assert (found[3] != found[0]).any()


def test_columns_without_information_are_left_out():
    transform = fit(same=[3] * 9, none=[None] * 9, word=["a"] * 9, lists=[[1]] * 9, x=range(9))
    assert set(dict(transform.left_out)) == {"same", "none", "word", "lists"}
    with pytest.raises(Unusable, match="no column to learn from: same is the same"):
        fit(same=[3] * 9)


VALUES = {
    "number": st.one_of(st.none(), st.floats(-1e6, 1e6)),
    "whole": st.one_of(st.none(), st.integers(-(2**40), 2**40)),
    "text": st.one_of(st.none(), st.sampled_from(["", "a", "b", "7", "01", "?", "2020-01-01"])),
    "flag": st.one_of(st.none(), st.booleans()),
    "day": st.one_of(st.none(), st.dates(pd.Timestamp("1900-01-01").date())),
}


@given(
    st.fixed_dictionaries({name: st.lists(value, min_size=12, max_size=12) for name, value in VALUES.items()})
)
def test_any_table_becomes_finite_numbers_and_is_the_same_after_json(values):
    train = columns(base=range(12), **{name: column[:9] + [None] * 3 for name, column in values.items()})
    transform = TableTransform.fit(train, {}, True)
    rows = columns(base=range(12), **values)
    found = try_transform(transform, rows)
    known = TableTransform.from_plain(json.loads(json.dumps(transform.plain(), allow_nan=False)))
    again = try_transform(known, rows)
    if isinstance(found, str):
        assert "holds" in found or "too large" in found
        assert found == again
        return
    assert found.shape == (12, len(transform.features))
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, again)


def try_transform(transform, rows):
    """The features, or why there are none: a text may be a number or a date in training alone."""
    try:
        return transform(rows)
    except Unusable as error:
        return error.rule


def test_a_frame_in_memory_is_the_file(tmp_path):
    frame = pd.DataFrame({"x": np.arange(60) ** 2 % 17, "city": list("abc") * 20, "y": ["no", "yes"] * 30})
    frame.to_csv(tmp_path / "t.csv", index=False)
    read = load_data({"path": tmp_path / "t.csv", "target": "y"})
    for table in (frame, frame.set_index("x", drop=False), pa.Table.from_pandas(frame)):
        data = load_data({"table": table, "target": "y"})
        np.testing.assert_array_equal(data.x_train, read.x_train)
        assert data.classes == read.classes
    with pytest.raises(DataError, match="neither a pandas or Polars frame nor an Arrow table"):
        load_data({"table": [1, 2], "target": "y"})
    with pytest.raises(DataError, match="cannot be set beside a table"):
        load_data({"table": frame, "path": "t.csv", "target": "y"})
    with pytest.raises(DataError, match="target: 'z' is not a column of the table"):
        load_data({"table": frame, "target": "z"})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.array([1, None] * 30, dtype="Int64"), "number"),
        (pd.array([True, None, False] * 20, dtype="boolean"), "category"),
        (pd.array(["u", None, "v"] * 20, dtype="string"), "category"),
        (pd.Categorical(["u", "v"] * 30, categories=["u", "v", "w"]), "category"),
        (pd.cut(np.arange(60), 4), "category"),
        (pd.arrays.SparseArray([0, 1] * 30), "number"),
        ([2**70, 3] * 30, "number"),
        ([1, "two", None, 3.5] * 15, "category"),
        (pd.date_range("2024-01-01", periods=60, tz="Europe/Berlin"), "date"),
        (pd.period_range("2020-01", periods=60, freq="M"), "date"),
        (pd.to_timedelta(np.arange(60) ** 2, unit="h"), "number"),
    ],
)
def test_whatever_pandas_has_in_a_column(values, kind):
    frame = pd.DataFrame({"c": values, "y": ["no", "yes"] * 30})
    data = load_data({"table": frame, "target": "y"})
    assert [encoder.kind for encoder in data.preprocessing.features.encoders] == [kind]


def test_a_polars_frame_and_names_that_stand_twice():
    frame = pd.DataFrame({"x": np.arange(60) ** 2 % 17, "y": ["no", "yes"] * 30})
    polars = pytest.importorskip("polars")
    assert load_data({"table": polars.DataFrame(frame.to_dict("list")), "target": "y"}).features == 1
    both = pd.concat([frame, frame[["x"]]], axis=1)
    assert load_data({"table": both, "target": "y"}).preprocessing.features.features == ("x", "x.1")
