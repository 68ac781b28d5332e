"""Rows of metrics that travel as columns."""

import pickle

import pytest

from sweeps.columns import ColumnRows, as_columns

ROWS = [{"loss": 0.5}, {}, {"loss": 0.25, "accuracy": 1.0}, {"accuracy": 0.5, "loss": 0.125}]


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], ROWS[1:2], ROWS[3:], []])
def test_columns_stand_for_their_rows(rows):
    kept = ColumnRows.of(rows)
    assert kept == rows
    assert [*kept] == rows
    assert len(kept) == len(rows)
    assert as_columns(kept) == as_columns(rows)
    assert pickle.loads(pickle.dumps(kept)) == rows  # noqa: S301


def test_cut_and_counted_like_a_list():
    kept = ColumnRows.of(ROWS)
    assert [kept[1:], kept[-1:], kept[9:], kept[::2]] == [ROWS[1:], ROWS[-1:], [], ROWS[::2]]
    assert kept[-1] == ROWS[-1]
    assert kept != ROWS[:-1]
    with pytest.raises(IndexError):
        kept[4]
