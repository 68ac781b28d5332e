"""The report of a population."""

import shlex

import pytest

import sweeps
from tests import reports
from tests.reports import Page

SPACE = {"rate": {"log": [1e-3, 1]}, "kind": {"choice": ["a", "b", "c"], "ordered": True}, "still": 1}


def train(config, run):
    value = run.restore() or 1.0
    for _ in range(run.start, run.epochs):
        value *= float("nan") if config["rate"] > 0.7 else 1 - config["rate"] / 2
        run.save(value)
        yield {"val_loss": value}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("a b") / "population"
    return reports.sweep(out, train, SPACE, trials=12, epochs=12, scheduler="pbt:3", seed=2)


@pytest.fixture(scope="module")
def page(folder, tmp_path_factory):
    return Page(sweeps.report(folder, tmp_path_factory.mktemp("page") / "r.html").read_text())


def test_it_says_who_went_on_from_whom(folder, page):
    result = sweeps.load(folder)
    assert page.sections.index("population") == page.sections.index("curves") - 1
    exploits = int(result.trials["parent"].notna().sum())
    told = page.texts["population"]
    assert f"12 members have been trained, and {exploits} times" in told
    schedule = sweeps.schedule_of(result)
    assert len(schedule) > 1
    assert f"began as trial {schedule[0].trial} and is trial {result.best.trial}" in told
    assert f"caviar replay {shlex.quote(str(folder))} --schedule" in told
    assert "the last of its schedule" in page.texts["best"]


def test_the_line_of_the_best_is_that_of_its_weights(folder, page):
    result = sweeps.load(folder)
    members, *schedules = page.pictures("population")
    best = members["traces"][-1]
    assert best["x"] == list(range(1, max(best["x"]) + 1))
    rates, losses = {}, {}
    for start, config, _ in sweeps.schedule_of(result):
        rates |= dict.fromkeys(range(start + 1, 13), config["rate"])
    value = 1.0
    for epoch in best["x"]:
        value *= 1 - rates[epoch] / 2
        losses[epoch] = value
    assert best["y"] == pytest.approx([losses[epoch] for epoch in best["x"]], rel=1e-4)
    assert len(schedules) == 2
    assert [trace["line"].get("shape") for trace in schedules[0]["traces"]] == [None, "hv"]


def test_a_population_in_which_nobody_has_gone_on(tmp_path):
    out = reports.sweep(tmp_path / "s", train, {"rate": 0.1}, trials=1, epochs=4, scheduler="pbt")
    told = Page(sweeps.report(out, tmp_path / "r.html").read_text()).texts["population"]
    assert "1 member has been trained" in told
    assert "its config stayed as it was" in told


def test_one_that_has_not_begun(tmp_path):
    out = reports.sweep(tmp_path / "s", reports.nan, {"x": {"uniform": [0, 1]}}, trials=4, scheduler="pbt")
    told = Page(sweeps.report(out, tmp_path / "r.html").read_text()).texts["population"]
    assert "No member has reported the metric yet" in told
