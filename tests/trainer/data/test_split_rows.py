"""Splits by a column: whole groups, order of time, named rows, a file of its own."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer import DataError, load_data
from trainer.data.split import group_split, stratified_split, time_split

M = 200
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame({"row": RNG.permutation(M) * 1.5, "y": RNG.integers(0, 2, M)})


def load(folder, frame, **form):
    frame.to_csv(folder / "t.csv", index=False)
    return load_data({"path": "t.csv", "target": "y", "standardise": False, **form}, base=folder)


def rows(data):
    """The rows of the frame in each split, by the values of `row`."""
    return [np.isin(FRAME.row, x[:, 0]) for x, _ in data.splits]


def test_no_group_is_in_two_splits(tmp_path):
    patient = np.sort(RNG.integers(0, 40, M))
    frame = FRAME.assign(patient=[f"p{i}" for i in patient])
    data = load(tmp_path, frame, group="patient")
    assert data.features == 1
    groups = [set(patient[split]) for split in rows(data)]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]
    assert [split.sum() / M for split in rows(data)] == pytest.approx([0.6, 0.2, 0.2], abs=0.05)
    other = load_data({"path": "t.csv", "target": "y", "group": "patient"}, seed=1, base=tmp_path)
    assert not np.array_equal(other.y_test, data.y_test)


def test_the_future_is_the_test_split(tmp_path):
    when = pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.permutation(M), unit="D")
    for times in (when, when.strftime("%d.%m.%Y"), RNG.permutation(M)):
        data = load(tmp_path, FRAME.assign(when=times), time="when")
        order = np.argsort(pd.to_datetime(times, dayfirst=True) if times.dtype != int else times)
        rank = np.empty(M, int)
        rank[order] = np.arange(M)
        train, validation, test = (rank[split] for split in rows(data))
        assert train.max() < validation.min()
        assert validation.max() < test.min()
        assert len(test) == M // 5
        assert data.features == 1


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [([5, 90, 5], [5, 90, 5]), ([50, 30, 10, 10], [50, 30, 20]), ([97, 1, 1, 1], [97, 1, 2])],
)
def test_a_moment_of_many_rows_stays_together(sizes, parts):
    times = np.repeat(np.arange(len(sizes)), sizes)
    assert [len(part) for part in time_split(times, [0.2, 0.2])] == parts


def test_too_few_moments(tmp_path):
    with pytest.raises(DataError, match="has 2 moments in year, too few for the splits"):
        load(tmp_path, FRAME.assign(year=np.arange(M) % 2), time="year")


def test_a_column_of_times_can_be_a_feature_as_well(tmp_path):
    frame = FRAME.assign(year=RNG.integers(1990, 2020, M))
    data = load(tmp_path, frame, time="year", columns={"year": "number"})
    assert data.features == 2


def test_rows_that_name_their_split(tmp_path):
    names = np.array(["train", "Validation", "test"])[RNG.choice(3, M)]
    data = load(tmp_path, FRAME.assign(part=names), split="part")
    for split, name in zip(rows(data), ("train", "Validation", "test"), strict=True):
        np.testing.assert_array_equal(split, names == name)
    with pytest.raises(DataError, match="has no rows for test in part"):
        load(tmp_path, FRAME.assign(part=np.where(names == "test", "train", names)), split="part")


def test_a_test_split_in_another_file(tmp_path):
    other = FRAME.assign(row=-FRAME.row - 1, city="new")
    other[["city", "y", "row"]].to_csv(tmp_path / "other.csv", index=False)
    data = load(tmp_path, FRAME.assign(city=["a", "b"] * (M // 2)), test="other.csv")
    assert len(data.y_test) == M
    assert (data.x_test[:, 0] < 0).all()
    assert len(data.y_train) == pytest.approx(0.8 * M, abs=1)
    np.testing.assert_array_equal(data.y_test, other.y)
    other.assign(y=pd.array([None, *other.y[1:]], dtype="Int64")).to_csv(tmp_path / "other.csv", index=False)
    data = load(tmp_path, FRAME.assign(city=["a", "b"] * (M // 2)), test="other.csv")
    assert data.hints[-1] == "other.csv: 1 of 200 rows have no label, and are left out"
    other[["y", "row"]].to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(DataError, match=r"test: 'other.csv' has no column city"):
        load(tmp_path, FRAME.assign(city="a"), test="other.csv")


def test_classes_of_few_rows_are_trained_on_alone(tmp_path):
    frame = FRAME.assign(y=["rare", "rare", *np.where(FRAME.y, "yes", "no")[2:]])
    data = load(tmp_path, frame)
    at = data.classes.index("rare")
    assert [(y == at).sum() for _, y in data.splits] == [2, 0, 0]
    assert "trained on alone, and not tested: rare (2)" in data.hints[0]


@pytest.mark.parametrize(("values", "task"), [(21, "regression"), (20, "classification")])
def test_numbers_of_many_values_some_of_them_rare_are_quantities(tmp_path, values, task):
    numbers = np.arange(M) % (values - 1)
    numbers[0] = values - 1
    assert load(tmp_path, FRAME.assign(y=numbers)).task == task
    assert load(tmp_path, FRAME.assign(y=np.arange(M) % 40)).task == "classification"
    assert load(tmp_path, FRAME.assign(y=FRAME.row / 7)).task == "regression"
    assert load(tmp_path, FRAME.assign(y=FRAME.row / 7), task="regression").task == "regression"


def test_quantities_with_commas_or_without_a_value(tmp_path):
    frame = FRAME.assign(y=np.where(FRAME.row < 15, np.nan, FRAME.row + 0.25))
    frame.to_csv(tmp_path / "t.csv", index=False, sep=";", decimal=",", na_rep="NA")
    data = load_data({"path": "t.csv", "target": "y"}, base=tmp_path)
    assert data.task == "regression"
    assert sum(len(y) for _, y in data.splits) == (FRAME.row >= 15).sum()


FRACTIONS = st.lists(st.floats(0.05, 0.45), min_size=1, max_size=2)


@given(st.lists(st.integers(0, 12), min_size=3, max_size=80), FRACTIONS, st.integers(0, 5))
def test_all_rows_are_in_one_part(values, fractions, seed):
    values = np.array(values)
    parts = []
    if np.bincount(values).max() > len(fractions):
        parts.append(stratified_split(values, fractions, seed))
    if len(np.unique(values)) > len(fractions):
        parts.append(group_split(values, fractions, seed))
    if len(np.unique(values)) > len(fractions):
        parts.append(time_split(values, fractions))
    for split in parts:
        np.testing.assert_array_equal(np.sort(np.concatenate(split)), np.arange(len(values)))
        assert all(len(part) for part in split[1:])
