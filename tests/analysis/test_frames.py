"""The pandas face: tidy frames of one sweep, several sweeps as one, and what a notebook shows."""

import pandas as pd
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.trial import Region, Round, Status
from tests.analysis.sweeps_on_disk import SPACE, write

KINDS = {"name": {"choice": ["<b>x</b>", "y"]}, "epochs": {"int": [1, 9]}, "l2": 0.01}


@pytest.fixture
def result(tmp_path):
    curves = [[0.9, 0.5], [0.8, 0.3], [0.7, 0.4], [0.6]]
    status = [Status.COMPLETED, Status.COMPLETED, Status.COMPLETED, Status.INFEASIBLE]
    regions = (Region("rate", 1e-3, 1e-1, 2, "two elites"), Region("units", 8, 64, 2, "two elites"))
    return write(
        tmp_path / "run",
        curves,
        status=status,
        finals=[(1, [0.31, 0.33])],
        rounds=[Round(1, regions)],
        name="one",
    )


def test_the_top_is_the_best_trials_of_the_search(result):
    top = result.top(2)
    assert top["trial"].tolist() == [1, 2]
    assert top["objective"].tolist() == [0.3, 0.4]
    assert list(top)[:5] == ["trial", "objective", "best_epoch", "epochs", "status"]
    assert set(SPACE) <= set(top)
    assert len(result.top(10)) == 3  # what diverged has no objective


def test_the_top_of_none_is_refused(result):
    with pytest.raises(BadInput, match="whole number from 1"):
        result.top(0)


def test_curves_are_long(result):
    curves = result.curves([1])
    assert list(curves) == ["trial", "epoch", "metric", "value"]
    assert curves["value"].tolist() == [0.8, 0.3]
    assert set(result.curves()["trial"]) == {0, 1, 2, 3}  # of the search, without repeats


def test_curves_of_a_trial_that_is_not_there_are_refused(result):
    with pytest.raises(BadInput, match="no trial of this sweep"):
        result.curves([99])


def test_regions_stand_beside_the_whole_range(result):
    rate = result.regions().query("hyperparameter == 'rate' and round == 1").iloc[0]
    assert rate[["low", "high", "range_low", "range_high"]].tolist() == [1e-3, 1e-1, 1e-4, 1]


def test_the_timeline_begins_at_zero(result):
    timeline = result.timeline()
    assert timeline["begun"].tolist() == [0, 10, 20, 30]
    assert (timeline["ended"] - timeline["begun"]).tolist() == [9] * 4
    assert timeline["outcome"].tolist() == ["done"] * 3 + ["infeasible"]


def test_several_sweeps_are_one_frame(result, tmp_path):
    other = write(tmp_path / "two", [[0.2]], space=KINDS, name="two")
    both = sweeps.concat([result, other])
    assert both.groupby("sweep")["objective"].min().to_dict() == {"one": 0.3, "two": 0.2}
    assert both.loc[both["sweep"] == "one", "name"].isna().all()
    assert {"rate", "units", "l2"} <= set(both)


def test_a_hyperparameter_with_the_name_of_a_column_keeps_its_prefix(tmp_path):
    result = write(tmp_path / "run", [[0.5]], space=KINDS)
    assert {"epochs", "config.epochs"} <= set(result.top())
    assert {"epochs", "config.epochs"} <= set(sweeps.concat([result]))


def test_sweeps_of_one_name_are_told_apart_by_their_folders(tmp_path):
    results = [write(tmp_path / name, [[0.5]]) for name in ("a", "b")]
    assert sweeps.concat(results)["sweep"].tolist() == ["a", "b"]
    assert sweeps.concat(results[:1] * 2)["sweep"].tolist() == ["a 1", "a 2"]


def test_no_sweep_is_refused():
    with pytest.raises(BadInput, match="holds no sweep"):
        sweeps.concat([])


def test_a_notebook_shows_what_users_wrote_escaped(tmp_path):
    result = write(tmp_path / "<run>", [[0.5]], [{"name": "<b>x</b>", "epochs": 3, "l2": 0.01}], space=KINDS)
    html = result._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "&lt;run&gt;" in html
    assert "<b>x" not in html
    assert "<run>" not in html


def test_an_answer_in_a_notebook_is_escaped(tmp_path):
    space = {"rate": {"log": [1e-4, 1]}, "kind": {"choice": ["<i>a</i>", "b"]}}
    curves = [[0.5 + i / 100] for i in range(12)]
    result = write(tmp_path / "run", curves, space=space, status=[Status.COMPLETED] * 12, name="n")
    assert "<i>" not in result.next_step()._repr_html_()
    assert result.importance()._repr_html_().startswith("<p>")


def test_of_a_sweep_without_any_trial(tmp_path):
    result = write(tmp_path / "run", [])
    for frame in (
        result.top(),
        result.curves(),
        result.regions(),
        result.timeline(),
        sweeps.concat([result]),
    ):
        assert isinstance(frame, pd.DataFrame)
        assert frame.empty
    assert "0 trials" in result._repr_html_()
