"""How columns of other data differ: by the summaries that are kept of them."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sweeps.retuning import drift_between
from sweeps.screen.retune import told_drift
from sweeps.sweep.planning.fingerprint import fingerprint_of_data
from trainer import load_data


def table(n, seed, shift=0.0, regions=("EU", "NA", "AS")):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "price": rng.normal(10 + shift, 2, n),
            "rooms": rng.integers(1, 6, n),
            "region": rng.choice(regions, n),
            "when": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
            "sold": rng.choice(["no", "yes"], n),
        }
    )


def columns(frame):
    return load_data({"table": frame, "target": "sold"}).columns


def by_name(drift):
    return {each.column: each for each in drift}


def test_equal_data_have_not_drifted():
    for seed in range(1, 6):
        found = drift_between(columns(table(400, 0)), columns(table(400, seed)))
        assert [each.size for each in found] == ["none"] * 5, found
        assert {each.column for each in found if each.label} == {"sold"}


def test_few_rows_differ_by_chance():
    found = drift_between(columns(table(40, 0)), columns(table(40, 1)))
    assert max(each.index for each in found) > 0.1
    assert {each.size for each in found} == {"none"}


def test_the_worst_comes_first_and_is_told():
    old, new = table(2000, 0), table(2000, 1, shift=2.0, regions=("EU", "NA", "UK"))
    new.loc[new.index[:600], "rooms"] = np.nan
    found = drift_between(columns(old), columns(new))
    sizes = {each.column: each.size for each in found}
    assert sizes == {"price": "large", "region": "large", "rooms": "large", "when": "none", "sold": "none"}
    assert [each.index for each in found] == sorted((each.index for each in found), reverse=True)
    named = by_name(found)
    assert named["region"].words == "new: UK; lost: AS"
    assert named["rooms"].missing == (0.0, pytest.approx(0.3))
    assert named["price"].words.startswith("median 9.9")


def test_the_index_is_that_of_its_definition():
    old = [
        {"name": "a", "kind": "category", "n": 100, "missing": 0.0, "counts": {"x": 50, "y": 50}, "other": 0}
    ]
    new = [
        {"name": "a", "kind": "category", "n": 100, "missing": 0.0, "counts": {"x": 80, "y": 20}, "other": 0}
    ]
    (found,) = drift_between(old, new)
    assert found.index == pytest.approx(0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5))
    assert found.chance == pytest.approx(3.8415 * 0.02, rel=1e-3)


def test_columns_that_are_gone_new_or_of_another_type_are_told_first():
    old, new = table(300, 0), table(300, 1)
    new = new.drop(columns="rooms").assign(rating=new["rooms"], price=new["region"])
    found = drift_between(columns(old), columns(new))
    assert {each.column: each.size for each in found[:3]} == {
        "rooms": "gone",
        "rating": "new",
        "price": "type changed",
    }
    assert by_name(found)["price"].words == "number before, category now"


def test_arrays_have_features_and_images_their_means(tmp_path):
    rng = np.random.default_rng(0)
    for features, names in (
        (4, {"label", *(f"feature {i}" for i in range(4))}),
        (300, {"label", "mean of a row", "deviation in a row"}),
    ):
        path = tmp_path / f"{features}.npz"
        np.savez(path, x=rng.random((60, features)), y=rng.integers(0, 2, 60))
        found = load_data({"path": str(path)}).columns
        assert {each["name"] for each in found} == names


def test_summaries_are_plain_and_small():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(500, 200))).add_prefix("c").assign(sold=rng.integers(0, 2, 500))
    text = json.dumps(columns(wide), allow_nan=False)
    assert len(text) < 200_000
    words = table(300, 0).assign(note=[f"note {i}" for i in range(300)])
    kinds = {each["name"]: each["kind"] for each in columns(words)}
    assert kinds == {
        "sold": "category",
        "price": "number",
        "rooms": "number",
        "region": "category",
        "when": "number",
        "note": "text",
    }


def test_a_fingerprint_is_of_what_is_learned_from():
    data = load_data({"table": table(60, 0), "target": "sold"})
    assert fingerprint_of_data(data) == fingerprint_of_data(replace(data, columns=()))


def places(n, seed, count, missing=0.0):
    """Rows with a place of many, drawn evenly."""
    rng = np.random.default_rng(seed)
    place = np.array([f"place {i}" for i in rng.integers(0, count, n)], dtype=object)
    place[rng.random(n) < missing] = None
    return pd.DataFrame({"place": place, "size": rng.normal(size=n), "sold": rng.choice(["no", "yes"], n)})


@pytest.mark.parametrize(("rows", "more", "count"), [(10_000, 10_000, 500), (400, 1_200, 300)])
def test_a_category_of_many_values_has_not_drifted_by_which_of_them_are_counted(rows, more, count):
    found = by_name(drift_between(columns(places(rows, 0, count)), columns(places(more, 1, count))))
    assert found["place"].size == "none", found["place"]


def test_what_is_missing_counts_where_there_are_too_many_texts_to_count():
    before, now = places(400, 0, 10**9), places(400, 1, 10**9, missing=0.9)
    assert by_name(drift_between(columns(before), columns(now)))["place"].size == "large"


def test_long_texts_are_not_kept():
    rng = np.random.default_rng(0)
    said = rng.choice(["x" * 5000, "short"], 200)
    frame = pd.DataFrame({"said": said, "sold": rng.choice(["no", "yes"], 200)})
    (kept,) = (each for each in columns(frame) if each["name"] == "said")
    assert kept["counts"].keys() == {"short"}
    assert kept["other"] == int((said != "short").sum())


@pytest.mark.parametrize(
    "summary",
    [
        {},
        {"counts": ["EU"]},
        {"counts": {"EU": "many"}},
        {"quantiles": [1.0, 2.0]},
        {"counts": {"EU": 3}, "other": None},
        {"counts": {"EU": 3}, "missing": "none"},
        {"counts": {"EU": 3}, "kind": "place"},
    ],
)
def test_of_a_summary_that_is_not_whole_the_drift_is_not_known(summary):
    whole = {"name": "region", "kind": "category", "n": 3, "missing": 0.0, "counts": {"EU": 3}}
    short = {"name": "region", "kind": "category", "n": 3, "missing": 0.0, **summary}
    for old, new in ((short, whole), (whole, short), (short, short)):
        (found,) = drift_between([old], [new])
        assert found.size == "not known"
        assert (found.known, found.changed, found.much) == (False, False, False)
        assert told_drift((found,)).endswith("the summary is not whole.")


def test_one_column_is_told_as_one():
    found = drift_between(columns(table(900, 0)), columns(table(900, 1, shift=4.0)))
    assert told_drift(found) == "1 of the data's 5 columns has drifted, by much."
