"""Plots: what is on the axes, on which axes, and what is said where there is nothing to draw."""

import sys

import matplotlib as mpl
import numpy as np
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.plot.canvas import robust_limits, ticks_of
from sweeps.space import Choice, LogUniform, ReverseLogUniform, Uniform
from sweeps.trial import Region, Round, Status
from tests import trainables
from tests.analysis.sweeps_on_disk import write

mpl.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

SPACE = {
    "optimizer": {"choice": ["momentum", "adam", None]},
    "momentum": {"reverse_log": [0.5, 0.99], "when": {"optimizer": "momentum"}},
    "rate": {"log": [1e-4, 1]},
    "units": {"int": [8, 64]},
}
ALL = sweeps.plot.__all__


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    rng = np.random.default_rng(0)
    curves = [[float(bottom + 1 / (epoch + 1)) for epoch in range(6)] for bottom in rng.random(30)]
    status = [Status.INFEASIBLE if trial % 6 == 5 else Status.COMPLETED for trial in range(30)]
    regions = (
        Region("optimizer", None, None, 5, "elites"),
        Region("momentum", 0.9, 0.99, 5, "elites"),
        Region("rate", 1e-3, 1e-2, 5, "elites"),
        Region("units", 8, 64, 5, "elites"),
    )
    path = tmp_path_factory.mktemp("sweep") / "run"
    return write(path, curves, space=SPACE, status=status, rounds=[Round(1, regions)], name="sweep")


def axes_of(drawn):
    return drawn if isinstance(drawn, list) else [drawn]


@pytest.mark.parametrize("name", ALL)
def test_each_returns_axes_and_can_be_saved(result, name, tmp_path):
    axes = axes_of(getattr(sweeps.plot, name)(result))
    assert all(isinstance(ax, mpl.axes.Axes) for ax in axes)
    axes[0].figure.savefig(tmp_path / "plot.png")


@pytest.mark.parametrize("name", [name for name in ALL if name not in ("effects", "hyperparameters")])
def test_each_draws_on_the_axes_it_is_given(result, name):
    _, ax = plt.subplots()
    assert getattr(sweeps.plot, name)(result, ax=ax) is ax
    assert len(plt.get_fignums()) == 1


def test_hyperparameters_are_drawn_on_the_axes_given(result):
    _, grid = plt.subplots(2, 2)
    drawn = sweeps.plot.hyperparameters(result, ax=grid)
    assert drawn == grid.ravel().tolist()
    assert [ax.get_xlabel() for ax in drawn] == list(SPACE)
    with pytest.raises(BadInput, match="too few axes"):
        sweeps.plot.hyperparameters(result, ax=grid[0])


def test_effects_are_drawn_in_order_of_importance_on_each_scale(result):
    drawn = sweeps.plot.effects(result)
    matter = result.importance().table["hyperparameter"].tolist()
    assert [ax.get_xlabel() for ax in drawn] == matter
    (ax,) = sweeps.plot.effects(result, ["rate"])
    found = sweeps.analysis.effects(result).table
    assert ax.lines[0].get_ydata().tolist() == found[found["hyperparameter"] == "rate"]["objective"].tolist()
    assert ax.lines[0].get_xdata()[[0, -1]] == pytest.approx([0, 1])


def test_what_diverged_is_marked_and_the_last_region_has_its_ends(result):
    (ax,) = sweeps.plot.hyperparameters(result, ["rate"])
    crosses = ax.collections[2].get_offsets()
    assert len(crosses) == 5
    ends = sorted(line.get_xdata()[0] for line in ax.lines)
    assert ends == pytest.approx([0.25, 0.5])  # 1e-3 and 1e-2 of four decades from 1e-4


def test_history_falls_to_the_best(result):
    line = sweeps.plot.history(result).lines[0].get_ydata()
    assert line[-1] == result.best_of_search.objective
    assert (np.diff(line) <= 0).all()


def test_curves_colour_the_best_and_those_asked_for(result):
    labels = [text.get_text() for text in sweeps.plot.curves(result).get_legend().get_texts()]
    assert labels == [f"trial {trial}" for trial in result.top(5)["trial"]]
    asked = sweeps.plot.curves(result, trials=[3]).get_legend().get_texts()
    assert [text.get_text() for text in asked] == ["trial 3"]


def test_the_timeline_has_every_job(result):
    bars = [path for each in sweeps.plot.timeline(result).collections for path in each.get_paths()]
    assert len(bars) == len(result.jobs)


def test_the_ecdf_of_what_lost_trials_ends_below_one(result):
    line = sweeps.plot.ecdf(result).lines[0].get_ydata()
    assert line[-1] == pytest.approx(25 / 30)


def test_sweeps_stand_beside_each_other(result, tmp_path):
    other = write(tmp_path / "other", [[1.0, 0.9]], name="other")
    ax = sweeps.plot.ecdf(result, other)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["sweep", "other"]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("curves", [[], [[]], [[0.5]], [[0.5], [0.4]]])
def test_a_sweep_of_few_trials_is_drawn_or_said_to_have_none(tmp_path, name, curves):
    status = [Status.COMPLETED if curve else Status.RUNNING for curve in curves]
    axes = axes_of(getattr(sweeps.plot, name)(write(tmp_path / "run", curves, status=status)))
    axes[0].figure.savefig(tmp_path / "plot.png")


@pytest.mark.parametrize("name", ALL)
def test_without_matplotlib_it_says_what_to_install(result, name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(BadInput, match=r"caviar-sweeps\[plot\]"):
        getattr(sweeps.plot, name)(result)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: sweeps.plot.history(r, along="time"), "is no axis of a history"),
        (lambda r: sweeps.plot.curves(r, metric="loss"), "was not reported"),
        (lambda r: sweeps.plot.hyperparameters(r, ["lr"]), "is not searched"),
        (lambda r: sweeps.plot.history(r, ax=3), "not one of matplotlib's axes"),
    ],
)
def test_what_cannot_be_drawn_is_said(result, call, message):
    with pytest.raises(BadInput, match=message):
        call(result)


def test_ticks_are_round_and_include_the_ends():
    assert ticks_of(LogUniform(1e-4, 1))[1] == ["0.0001", "0.001", "0.01", "0.1", "1"]
    assert ticks_of(ReverseLogUniform(0.9, 0.9999))[1] == ["0.9", "0.99", "0.999", "0.9999"]
    assert ticks_of(Uniform(0, 1))[1][0::4] == ["0", "1"]
    assert ticks_of(Choice(["a", None])) == ([0.25, 0.75], ["a", "None"])


def test_limits_leave_out_the_far_end_on_the_bad_side_alone():
    values = np.array([*np.linspace(0, 1, 99), 1e6])
    low, high = robust_limits(values, 1)
    assert low < 0 < 1 <= high < 10
    low, high = robust_limits(-values, -1)
    assert -10 < low <= -1 < 0 < high


def test_branches_begin_at_their_parents_and_have_a_dot_at_each_change(tmp_path):
    keys = {"trials": 8, "epochs": 9, "scheduler": "pbt:3", "finalists": False, "serial": True}
    space = {"rate": {"log": [1e-3, 0.5]}}
    result = sweeps.run(trainables.shrinking, space=space, out=tmp_path / "s", progress=False, **keys)
    axes = sweeps.plot.branches(result)
    begun = result.trials[result.trials["parent"].notna()]
    lines = [line.get_xydata() for line in axes.lines]
    assert len(lines) == len(result.trials) + 1
    for trial in begun.itertuples():
        start = lines[trial.trial][0]
        own = result.metrics[result.metrics["trial"] == trial.parent].set_index("epoch")["val_loss"]
        assert tuple(start) == (trial.parent_epoch, own[trial.parent_epoch])
    assert len(axes.collections[0].get_offsets()) == len(begun)
    assert axes.lines[-1].get_ydata()[-1] == result.metrics["val_loss"].min()
