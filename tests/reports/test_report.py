"""The report as a file: what is in it, and for which sweeps it can be made."""

import re
import sys

import numpy as np
import pandas as pd
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.reports.blocks import label, plain, short
from sweeps.reports.page import as_json
from tests import reports
from tests.reports import KEYS, Page

X = {"x": {"uniform": [0, 1]}}


def read(folder, out):
    return Page(sweeps.report(folder, out).read_text())


@pytest.fixture(scope="module")
def page(swept, tmp_path_factory):
    return read(swept, tmp_path_factory.mktemp("page") / "report.html")


def test_every_question_stands_there_once_and_in_order(page):
    assert page.sections == KEYS
    links = [attributes["href"] for tag, attributes, _ in page.elements if tag == "a"]
    assert links == [f"#{key}" for key in KEYS]


def test_each_picture_has_its_marks(page):
    for key in (
        "best",
        "progress",
        "curves",
        "hyperparameters",
        "ranges",
        "isolation",
        "importance",
        "timeline",
        "waste",
    ):
        pictures = page.pictures(key)
        assert pictures, key
        assert all(any(len(trace.get("x", trace.get("z"))) for trace in p["traces"]) for p in pictures), key


def test_a_hyperparameter_is_drawn_on_its_own_scale(page, swept):
    trials = sweeps.load(swept).trials
    rate, _, momentum, *_ = page.pictures("hyperparameters")
    low, high = rate["own"]["xaxis"]["range"]
    assert -4.5 < low < -4
    assert 0 < high < 0.5
    assert "10<sup>-4</sup>" in rate["own"]["xaxis"]["ticktext"]
    drawn = sum(len(trace["x"]) for trace in rate["traces"] if trace["mode"] == "markers")
    assert drawn == len(trials[trials["repeats"].isna()])
    assert momentum["own"]["xaxis"]["ticktext"][-1] == "0.99"


def test_the_rounds_lie_beneath_from_coarse_to_fine(page, swept):
    rounds = sweeps.load(swept).rounds
    assert rounds["round"].max() > 0
    bars = [trace for trace in page.pictures("hyperparameters")[0]["traces"] if trace.get("yaxis") == "y2"]
    assert len(bars) == min(rounds["round"].nunique(), 14)
    assert bars[-1]["line"]["color"] == "@good"


def test_the_best_so_far_never_gets_worse(page):
    for picture in page.pictures("progress"):
        record = picture["traces"][-1]["y"]
        assert reports.in_order(record[::-1])


def test_what_matters_is_drawn_on_average_and_as_a_way_from_the_first_config(page, swept):
    _, *averages, both = page.pictures("importance")
    assert len(averages) == 5
    rate = next(each for each in averages if "10<sup>-4</sup>" in each["own"]["xaxis"]["ticktext"])
    band, average = rate["traces"]
    assert len(band["x"]) == 2 * len(average["x"])
    assert all(low <= y <= high for y, low, high in _of_band(average["y"], band["y"]))
    heat, best = both["traces"]
    assert np.shape(heat["z"]) == (len(heat["y"]), len(heat["x"]))
    assert 0 <= np.min(heat["z"]) <= np.max(heat["z"]) <= 1
    assert len(best["x"]) > 10
    assert "On average over all others" in page.texts["importance"]
    found = sweeps.load(swept)
    assert "From the first config (trial 0)" in page.texts["importance"]
    assert f"{found.best_of_search.trial}" in page.texts["importance"]


def _of_band(average, band):
    """Each value of a line with the ends of the band around it, which goes there and back."""
    high, low = band[: len(average)], band[len(average) :][::-1]
    return zip(average, low, high, strict=True)


def test_failures_are_grouped_by_what_was_said_last(page, swept):
    trials = sweeps.load(swept).trials
    failed = trials[trials["status"] == "failed"]
    assert len(failed) > 1
    text = page.texts["failures"]
    assert text.count("no room for <b>") >= 1
    assert f"{len(failed)} failed" in text
    folded = [tag for tag, _, section in page.elements if tag == "details" and section == "failures"]
    assert len(folded) == 1  # they differ in numbers alone


def test_the_winner_is_held_against_the_first_config(page, swept):
    best = sweeps.load(swept).best
    assert f"Trial {best.trial} is the winner" in page.texts["best"]
    assert "the first config that was tried" in page.texts["best"]


def test_a_click_finds_the_config(page, swept):
    row = sweeps.load(swept).trials.iloc[0]
    assert f"rate: {row['config.rate']:.6g}" in page.data["trials"]["0"]


def test_the_refined_spec_can_be_copied_and_run(page):
    from sweeps.spec import as_spec, read_yaml

    code = page.texts["next"].split("copy", 1)[1]
    start = code.index("name:")
    text = code[start : code.index("How to read it")]
    assert as_spec(read_yaml(text, "spec"))


def test_it_asks_nobody_for_anything(page, swept, tmp_path):
    text = sweeps.report(swept, tmp_path / "r.html").read_text()
    for tag, attributes, _ in page.elements:
        assert tag not in ("link", "iframe", "img", "object", "embed", "base")
        assert "src" not in attributes
        assert re.match("#", attributes.get("href", "#"))
        assert not [name for name in attributes if name.startswith("on")]
    policy = next(a["content"] for t, a, _ in page.elements if a.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert text.count("<script") - text.count("<script>") == 1  # one with data, and none from elsewhere


def test_two_sweeps_are_compared(swept, tmp_path):
    other = reports.sweep(tmp_path / "other", reports.train, metric="val_loss", seed=1)
    found = read([swept, other], tmp_path / "r.html")
    assert len(found.pictures("compare")) == 2
    assert [len(picture["traces"]) for picture in found.pictures("compare")] == [2, 2]
    assert found.sections == [*KEYS[:-1], "compare", KEYS[-1]]


ODD = {
    "one epoch": lambda folder: reports.sweep(folder, reports.one_epoch, X, epochs=1, metric="val_loss"),
    "more is better": lambda folder: reports.sweep(
        folder, reports.one_epoch, X, epochs=1, metric="val_loss", mode="max", finalists=2
    ),
    "one trial": lambda folder: reports.sweep(folder, reports.train, trials=1, metric="val_loss"),
    "two trials": lambda folder: reports.sweep(folder, reports.train, trials=2, metric="val_loss"),
    "the last epoch counts": lambda folder: reports.sweep(
        folder, reports.train, metric="val_loss", objective="last"
    ),
    "all failed": lambda folder: reports.sweep(folder, reports.fails, X, metric="val_loss"),
    "all diverged": lambda folder: reports.sweep(folder, reports.nan, X, epochs=1, metric="val_loss"),
    "none begun": reports.empty,
}


@pytest.mark.parametrize("kind", ODD)
def test_every_sweep_has_a_report_and_no_empty_picture(kind, tmp_path):
    found = read(ODD[kind](tmp_path / "run"), None)
    assert found.sections == KEYS
    for key in KEYS:
        assert len(found.texts[key].split()) > 8, key  # what has no picture says why
        for picture in found.pictures(key):
            shown = picture.get("lines") or [trace.get("x", trace.get("z")) for trace in picture["traces"]]
            assert any(len(each) for each in shown), key


def test_more_is_better_puts_the_largest_first(tmp_path):
    folder = ODD["more is better"](tmp_path / "run")
    found = read(folder, None)
    record = found.pictures("progress")[0]["traces"][-1]["y"]
    assert reports.in_order(record)
    assert record[-1] == pytest.approx(sweeps.load(folder).best_of_search.objective, rel=1e-5)


def test_markup_is_text(hostile, tmp_path):
    text = sweeps.report(hostile, tmp_path / "r.html").read_text()
    found = Page(text)
    assert found.sections == KEYS
    assert "alert('1')" in found.texts["overview"]
    assert [tag for tag, *_ in found.elements].count("script") == 3
    assert "<script>alert" not in text
    for picture in found.data["pictures"]:
        for key in ("xaxis", "yaxis"):
            for each in picture.get("own", {}).get(key, {}).get("ticktext", []):
                assert "<script" not in each
                assert "$" not in each
    assert max(map(len, found.data["trials"].values())) < 2_000
    assert "w" * 500 not in "".join(found.texts[key] for key in KEYS if key not in ("failures", "next"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>&</b>", "&lt;b&gt;&amp;&lt;/b&gt;"),
        ("$x$", "&#36;x&#36;"),
        ("a\nb\x1b[31m", "a b[31m"),
        ("\u202eabc", "abc"),
    ],
)
def test_a_label_is_one_harmless_line(text, shown):
    assert label(text) == shown


def test_long_text_is_cut_in_its_middle_and_halves_of_characters_are_replaced():
    assert len(short("x" * 5000, 60)) <= 60
    assert plain("\ud800") == "?"


def test_json_cannot_end_its_element_and_has_no_nan():
    text = as_json({"a": "</script><!--", "b": [float("nan"), 1.23456789]})
    assert "<" not in text
    assert ">" not in text
    assert text.endswith('"b":[null,1.23457]}')


def test_a_running_sweep_is_read_as_it_is(tmp_path):
    seen = []

    def look(event):
        if isinstance(event, sweeps.events.RoundBegun) and event.round.index == 1:
            seen.append(Page(sweeps.report(tmp_path / "run", tmp_path / "r.html").read_text()))

    reports.sweep(tmp_path / "run", reports.train, metric="val_loss", callbacks=[look])
    assert len(seen) == 1
    assert seen[0].sections == KEYS


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda folder: (folder / "trials" / "part-00000.parquet").write_bytes(b"PAR1"), "part-00000"),
        (lambda folder: (folder / "spec.yaml").write_text("[]"), "spec.yaml"),
        (lambda folder: (folder / "spec.yaml").unlink(), "holds no sweep"),
    ],
)
def test_a_damaged_folder_is_named_and_nothing_is_written(harm, says, tmp_path):
    folder = reports.sweep(tmp_path / "run", reports.one_epoch, X, epochs=1, metric="val_loss", trials=4)
    harm(folder)
    with pytest.raises(BadInput, match=says):
        sweeps.report(folder)
    assert not (folder / "report.html").exists()


def test_where_it_cannot_be_written_is_said_first(swept, tmp_path):
    with pytest.raises(BadInput, match="is a folder"):
        sweeps.report(swept, tmp_path)
    with pytest.raises(BadInput, match="not there"):
        sweeps.report(swept, tmp_path / "a" / "b.html")


def test_without_plotly_it_is_said_how_to_get_it(swept, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(BadInput, match=r"caviar-sweeps\[report\]"):
        sweeps.report(swept, tmp_path / "r.html")


def test_many_trials_are_sampled_and_that_is_said(swept, tmp_path, monkeypatch):
    monkeypatch.setattr("sweeps.reports.view.MOST_POINTS", 20)
    found = read(swept, tmp_path / "r.html")
    assert "drawn at random" in found.texts["hyperparameters"]
    able = pd.DataFrame(found.pictures("hyperparameters")[0]["traces"])
    assert able[able["name"].isin(["trials", "best 10", "worse than shown"])]["x"].map(len).sum() == 20


def test_of_many_hyperparameters_those_that_matter_are_shown(tmp_path):
    space = {f"x{k}": {"uniform": [0, 1]} for k in range(30)}

    def last_matters(config, run):
        return {"val_loss": config["x29"]}

    folder = reports.sweep(tmp_path / "run", last_matters, space, epochs=1, metric="val_loss", trials=40)
    found = read(folder, None)
    assert len(found.pictures("hyperparameters")) == 24
    assert "24 of 30 hyperparameters are shown" in found.texts["hyperparameters"]
    last = found.pictures("hyperparameters")[-1]  # in the space's order
    shown = next(trace for trace in last["traces"] if trace["name"] == "trials")
    assert np.corrcoef(shown["x"], shown["y"])[0, 1] == pytest.approx(1)
    assert len(found.pictures("parallel")[0]["axes"]) == 15
