"""Configs in the trials table: columns to analyse, and the config exactly."""

import enum
import json

import numpy as np
import pandas as pd
import pytest

from sweeps.results import load
from sweeps.space import Choice, Fixed, LogUniform, Space, as_plain
from sweeps.store import RunDirectory, TrialRow
from tests.store import counted

SPEC = "name: test\nmode: min\nmetric: val_loss\ntrials: 9\n"


class Kind(enum.StrEnum):
    A = "a"
    B = "b"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


def table_of(folder, distribution):
    """The table and the best configs of a sweep with one trial for each value of a choice."""
    space = Space({"x": distribution})
    values = getattr(distribution, "values", [getattr(distribution, "value", None)])
    directory = RunDirectory(folder, SPEC, space)
    for trial, value in enumerate(values):
        directory.trials.put(TrialRow(trial, 0, {"x": value}, objective=-trial, best_epoch=1, epochs=1))
        directory.metrics.append(trial, 1, *counted([{"val_loss": -trial}]))
    directory.commit([])
    return pd.read_parquet(folder / "trials"), load(folder).best.config


@pytest.mark.parametrize(
    ("values", "dtype", "column"),
    [
        ([1, 0.5], "float64", [1.0, 0.5]),
        ([0.5, 2**60 + 1], "float64", [0.5, 2.0**60]),
        ([None, 1.0], "float64", [None, 1.0]),
        ([1, None], "Int64", [1, None]),
        ([True, None], "boolean", [True, None]),
        (["a", None], "str", ["a", None]),
        ([True, 1, 1.0, "1", None], "str", ["true", "1", "1.0", "1", None]),
        ([[1], [2.5]], "object", [[1.0], [2.5]]),
        ([[64, 32], [], None], "object", [[64, 32], [], None]),
        ([[1], 2], "str", ["[1]", "2"]),
        ([[1, "a"], [None]], "str", ['[1, "a"]', "[null]"]),
        ([[[1], [2]], []], "str", ["[[1], [2]]", "[]"]),
        ([Kind.A, Kind.B], "str", ["a", "b"]),
        ([Level.LOW, Level.HIGH], "int64", [1, 2]),
        ([Level.LOW, "ä"], "str", ["1", "ä"]),
        ([np.float32(0.5), np.int8(3)], "float64", [0.5, 3.0]),
    ],
)
def test_choices_are_columns_of_one_type_and_configs_are_exact(tmp_path, values, dtype, column):
    choice = Choice(values)
    trials, best = table_of(tmp_path / "run", choice)
    assert str(trials["config.x"].dtype) == dtype
    shown = [plain(cell) for cell in trials["config.x"]]
    assert repr(shown) == repr(column)
    last = choice.values[-1]
    assert repr(best) == repr({"x": last.value if isinstance(last, enum.Enum) else last})
    exact = [json.loads(text)["x"] for text in trials["config"]]
    assert [type(each) for each in exact[:2]] == [type(each) for each in map(stored, choice.values[:2])]


def plain(cell):
    value = as_plain(cell)
    return None if not isinstance(value, list) and pd.isna(value) else value


def stored(value):
    return value.value if isinstance(value, enum.Enum) else value


@pytest.mark.parametrize("value", [None, [], [64, 32], True, 3, 1e300, "", "null", 1e-5])
def test_fixed_values_come_back(tmp_path, value):
    _, best = table_of(tmp_path / "run", Fixed(value))
    assert repr(best) == repr({"x": value})


def test_null_that_is_a_value_is_told_from_what_is_inactive(tmp_path):
    space = Space({"o": Choice(["a", "b"]), "clip": Choice([None, 1.0], when={"o": "a"})})
    directory = RunDirectory(tmp_path / "run", SPEC, space)
    directory.trials.put(TrialRow(0, 0, {"o": "a", "clip": None}, objective=1.0, best_epoch=1, epochs=1))
    directory.trials.put(TrialRow(1, 0, {"o": "b"}, objective=2.0, best_epoch=1, epochs=1))
    directory.commit([])
    trials = load(tmp_path / "run").trials
    assert trials["config.clip"].isna().all()
    assert [json.loads(text) for text in trials["config"]] == [{"o": "a", "clip": None}, {"o": "b"}]
    assert load(tmp_path / "run").best_of_search.config == {"o": "a", "clip": None}


def test_tables_without_the_exact_config_are_still_read(tmp_path):
    directory = RunDirectory(tmp_path / "run", SPEC, Space({"x": LogUniform(1e-3, 1), "h": [64, 32]}))
    directory.trials.put(TrialRow(0, 0, {"x": 0.5, "h": [64, 32]}, objective=1.0, best_epoch=1, epochs=1))
    directory.commit([])
    part = next((tmp_path / "run" / "trials").iterdir())
    pd.read_parquet(part).drop(columns="config").to_parquet(part)
    assert load(tmp_path / "run").best.config == {"x": 0.5, "h": [64, 32]}
