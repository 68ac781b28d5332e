"""Progress, whether to go on, the surrogate, and sweeps compared."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sweeps
from sweeps.analysis import compare, progress, stop_or_go, surrogate_trust
from sweeps.analysis.stop_or_go import expected_best, improvement
from sweeps.errors import BadInput
from sweeps.trial import Status
from tests.analysis.sweeps_on_disk import of_function, write


def train(config, run):
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": (np.log10(config["rate"]) + 2) ** 2 + 1 / (epoch + 1)}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A sweep with promotions: trials have several jobs."""
    folder = tmp_path_factory.mktemp("sweep") / "run"
    return sweeps.run(
        train,
        space={"rate": {"log": [1e-4, 1]}},
        trials=40,
        epochs=9,
        serial=True,
        out=folder,
        progress=False,
    )


def test_progress_ends_with_the_best_and_all_epochs(trained):
    steps = progress(trained).steps
    search = trained.trials[trained.trials["repeats"].isna()]
    assert steps["best"].iloc[-1] == trained.best_of_search.objective
    assert steps["epochs"].iloc[-1] == search["epochs"].sum()
    assert len(steps) == trained.jobs["trial"].isin(search["trial"]).sum()


def test_progress_never_gets_worse_and_time_never_runs_back(trained):
    steps = progress(trained).steps
    assert (steps["best"].dropna().diff().dropna() <= 0).all()
    assert (steps["seconds"].diff().dropna() >= 0).all()
    assert steps["improved"].sum() == steps["best"].dropna().nunique()


def test_a_job_before_the_last_has_the_objective_of_then(trained):
    steps, metrics = progress(trained).steps, trained.metrics
    jobs = trained.jobs[trained.jobs["trial"].isin(steps["trial"])].reset_index(drop=True)
    promoted = jobs["trial"].value_counts().idxmax()
    for place in jobs.index[jobs["trial"] == promoted]:
        rows = metrics[(metrics["trial"] == promoted) & (metrics["epoch"] <= jobs["stop"][place])]
        assert steps["objective"][place] == rows["val_loss"].min()


@settings(max_examples=20)
@given(values=st.lists(st.floats(-5, 5), min_size=1, max_size=12), mode=st.sampled_from(["min", "max"]))
def test_progress_is_the_running_best(tmp_path_factory, values, mode):
    result = write(tmp_path_factory.mktemp("run") / "run", [[value] for value in values], mode=mode)
    best = np.minimum.accumulate(values) if mode == "min" else np.maximum.accumulate(values)
    assert progress(result).steps["best"].tolist() == best.tolist()


def test_time_without_any_job_does_not_count(tmp_path):
    """Trials take ten seconds each, one after the other; a night between two of them is left out."""
    result = write(tmp_path / "run", [[0.5], [0.4], [0.3]])
    later = result.jobs["trial"] == 2
    night = pd.Timedelta(hours=8)
    for name in ("asked", "started", "ended"):
        result.jobs.loc[later, name] += night
    assert progress(result).steps["seconds"].tolist() == pytest.approx([10, 20, 30])


@pytest.mark.parametrize("curves", [[], [[]], [[0.5]]])
def test_of_few_trials(tmp_path, curves):
    status = [Status.COMPLETED if curve else Status.RUNNING for curve in curves]
    result = write(tmp_path / "run", curves, status=status)
    assert progress(result).words
    assert stop_or_go(result).expected is None
    assert surrogate_trust(result).correlation is None


def test_the_expected_best_of_a_few_is_the_mean_over_all_samples():
    from itertools import combinations

    values = np.sort(np.random.default_rng(0).random(7))
    by_hand = np.mean([min(sample) for sample in combinations(values, 3)])
    assert expected_best(values, 3) == pytest.approx(by_hand)


@pytest.mark.parametrize(("draw", "truth"), [(lambda u: u, 1 / 101 - 1 / 201), (np.sqrt, None)])
def test_the_expected_improvement_is_that_of_random_search(draw, truth):
    """On average over 400 samples; the truth by a Monte Carlo where there is no formula."""
    rng = np.random.default_rng(0)
    found = np.mean([improvement(draw(rng.random(100)), 100) for _ in range(400)])
    if truth is None:
        truth = np.mean([draw(rng.random(100)).min() - draw(rng.random(200)).min() for _ in range(20_000)])
    assert found == pytest.approx(truth, rel=0.3)


def test_one_goes_on_while_much_is_to_be_had_and_stops_at_a_limit(tmp_path):
    rng = np.random.default_rng(0)
    many = write(tmp_path / "go", [[float(x)] for x in rng.normal(size=40)])
    limit = write(tmp_path / "stop", [[1.0 + float(max(x, 0))] for x in rng.normal(size=40)])
    assert stop_or_go(many).advice == "go on"
    assert stop_or_go(limit).advice == "stop"
    assert stop_or_go(many).words.startswith("Go on: in the next")


def test_a_positive_loss_is_not_expected_to_fall_below_zero(tmp_path):
    losses = 10 ** np.random.default_rng(0).uniform(-7, 1, size=60)
    found = stop_or_go(write(tmp_path / "run", [[float(loss)] for loss in losses]))
    assert 0 < found.expected < losses.min()
    assert found.high < losses.min()


def test_where_seeds_change_nothing_a_hair_is_not_worth_going_on(tmp_path):
    curves = [[(i / 60) ** 6] for i in range(60)]
    found = stop_or_go(write(tmp_path / "run", curves, finals=[(0, [0.0, 0.0, 0.0])]))
    assert not found.seeds
    assert found.worth == pytest.approx(0.01 * float(np.median(curves)))
    assert (found.expected < found.worth, found.advice) == (True, "stop")


def test_what_seeds_alone_change_is_not_worth_going_on(tmp_path):
    curves = [[float(x)] for x in np.random.default_rng(0).normal(size=40)]
    found = stop_or_go(write(tmp_path / "run", curves, finals=[(0, [0.0, 10.0, 20.0])]))
    assert (found.worth, found.advice) == (pytest.approx(10), "stop")
    assert "what seeds alone change" in found.words


def test_the_surrogate_of_a_smooth_function_is_trusted(tmp_path):
    found = surrogate_trust(of_function(tmp_path / "run", lambda x: (x[0] - 0.3) ** 2 + x[1], n=60))
    assert found.trusted
    assert found.correlation > 0.9
    assert 0.7 <= found.inside_90 <= 1


def test_the_surrogate_of_noise_is_not(tmp_path):
    rng = np.random.default_rng(0)
    found = surrogate_trust(of_function(tmp_path / "run", lambda x: rng.random(), n=60))
    assert not found.trusted
    assert found.words.startswith("Do not trust the model that guides the search")


def test_sweeps_are_compared_at_equal_epochs(tmp_path):
    """The longer sweep is better in the end, and worse by the epochs that both have spent."""
    short = write(tmp_path / "short", [[0.5], [0.4]], name="short")
    long = write(tmp_path / "long", [[0.9], [0.8], [0.1]], name="long")
    found = compare([long, short])
    assert found.equal == 2
    assert found.table["sweep"].tolist() == ["short", "long"]
    assert found.table["at_equal"].tolist() == [0.4, 0.8]
    assert found.real is None
    assert "short is ahead" in found.words


@pytest.mark.parametrize(("other", "real"), [([1.0, 1.1, 0.9], True), ([0.5, 0.1, 0.9], False)])
def test_fresh_seeds_tell_whether_it_is_real(tmp_path, other, real):
    first = write(tmp_path / "a", [[0.1]] * 3, finals=[(0, [0.2, 0.21, 0.19])], name="a")
    second = write(tmp_path / "b", [[0.3]] * 3, finals=[(0, other)], name="b")
    assert compare([first, second]).real is real


def test_sweeps_of_other_data_are_compared_with_care(tmp_path):
    one = write(tmp_path / "a", [[0.1]], data={"name": "digits"})
    assert one.compare(write(tmp_path / "b", [[0.2]], data={"name": "digits"})).caution == ""
    assert one.compare(write(tmp_path / "c", [[0.2]])).words.startswith("Take care")


def test_pairs_that_are_won(tmp_path):
    better, worse = ([[x] for x in values] for values in ([0.1, 0.2], [0.2, 0.3]))
    found = compare([write(tmp_path / "a", better), write(tmp_path / "b", worse)])
    assert found.beats == pytest.approx(3.5 / 4)  # one pair is a tie


def test_sweeps_of_other_metrics_are_not_compared(tmp_path):
    one, other = write(tmp_path / "a", [[0.1]]), write(tmp_path / "b", [[0.1]], metric="error")
    with pytest.raises(BadInput, match="objective"):
        one.compare(write(tmp_path / "c", [[0.1]], objective="last"))
    with pytest.raises(BadInput, match="compare like with like"):
        one.compare(other)
    with pytest.raises(BadInput, match="two sweeps at least"):
        one.compare()
