"""Finals from end to end: winners that are good, and not the luckiest."""

import os
import signal
from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

import sweeps
from sweeps.errors import Interrupted
from sweeps.results import summarize
from sweeps.screen.summary import print_summary
from sweeps.sweep.progress import Progress
from sweeps.trial import Status
from tests import trainables

X = {"x": sweeps.Uniform(0, 1)}


@pytest.fixture
def run_sobol(run):
    """`sweeps.run` of 16 Sobol points, each trained for two epochs, with the default finals."""
    return partial(run, space=X, trials=16, epochs=2, scheduler="sobol", finalists=3)


def test_the_winner_is_good_and_not_lucky(run_sobol):
    result = run_sobol(trainables.lucky, finalists=6)
    search = result.trials[result.trials["repeats"].isna()]
    assert len(search) == 16
    assert result.best_of_search.config["x"] > 0.8, "what a search alone would take"
    honest = search[search["config.x"] <= 0.8]
    assert result.best.config["x"] == honest["config.x"].min()
    repeats = result.trials[result.trials["repeats"] == result.best.trial]
    assert result.best.objective == repeats["objective"].mean()
    assert result.best.metrics["val_loss"] == pytest.approx(result.best.objective)
    assert result.best.spreads["val_loss"] == pytest.approx(repeats["objective"].std())
    assert (result.best.seeds, result.best.epoch in (1, 2)) == (3, True)
    assert result.finalists["trial"][0] == result.best.trial
    assert result.finalists["objective"].tolist() != sorted(result.finalists["objective"])


def test_repeats_are_trials_of_their_own(run_sobol):
    result = run_sobol(trainables.lucky, scheduler="coarse_to_fine", epochs=16)
    repeats = result.trials[result.trials["repeats"].notna()]
    assert repeats["trial"].tolist() == list(range(16, 16 + 9))
    assert repeats["epochs"].eq(16).all()
    assert repeats["status"].eq("completed").all()
    assert repeats.groupby("repeats")["seed"].apply(list).map(tuple).nunique() == 1
    assert (result.trials["seed"] == 0).sum() == 16
    for repeat in repeats.itertuples():
        assert repeat[-1] == result.trials["config.x"][repeat.repeats], "the same config"
    assert result.metrics.groupby("trial").size().tolist() == result.trials["epochs"].tolist()


def test_a_finalist_whose_repeats_diverge_is_not_the_winner(run_sobol):
    result = run_sobol(trainables.diverges_on_other_seeds, finalists=16)
    assert result.best_of_search.config["x"] > 0.5
    assert result.best.config["x"] <= 0.5
    unstable = result.finalists[result.finalists["failed"] > 0]
    assert len(unstable) == (result.trials["config.x"][:16] > 0.5).sum()
    assert not unstable["tied"].any()


def test_where_no_finalist_comes_through_the_search_decides_and_the_summary_says_so(run_sobol, capsys):
    result = run_sobol(trainables.diverges_on_other_seeds, finalists=2)
    assert (result.best.trial, result.best.seeds) == (result.best_of_search.trial, 0)
    print_summary(summarize(result), every_round=False)
    out = capsys.readouterr().out
    assert "all have failed" in out
    assert "3 of 3 diverged or failed" in out
    assert "best of the search: trial" in out


def test_a_worker_that_dies_in_the_finals_is_replaced(ray_cluster, tmp_path):
    sweep = {"space": X, "trials": 8, "epochs": 2, "progress": False, "workers": 2}
    marker = tmp_path / "died"
    result = sweeps.run(
        trainables.kills_worker_on_another_seed, data=marker, out=tmp_path / "run", finalists=2, **sweep
    )
    assert marker.exists()
    assert result.trials["status"].isin(["completed", "stopped"]).all()
    assert result.best.seeds == 3


def test_an_interrupted_final_leaves_the_best_of_the_search(tmp_path, capsys):
    begun = []

    def train(config, run):
        begun.append(run.seed)
        if sum(map(bool, begun)) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        for _ in range(100):
            yield {"val_loss": config["x"]}

    with pytest.raises(Interrupted):
        sweeps.run(train, space=X, trials=5, epochs=3, serial=True, progress=False, out=tmp_path / "run")
    result = sweeps.load(tmp_path / "run")
    assert result.trials["repeats"].notna().sum() in (5, 6)
    assert not result.finalists["tied"].any()
    assert result.best.seeds == 0
    assert result.best == result.best_of_search
    print_summary(summarize(result), every_round=False)
    assert "(not over)" in capsys.readouterr().out


def test_a_function_of_one_epoch_without_randomness(run_sobol):
    result = run_sobol(trainables.parabola)
    assert result.finalists["spread"].tolist() == pytest.approx([0, 0, 0], abs=1e-12)
    assert result.finalists["tied"].tolist() == [True, False, False]
    assert result.best.trial == result.best_of_search.trial


def test_a_sweep_written_before_there_were_finals_is_read_as_it_was(run_sobol):
    result = run_sobol(trainables.parabola, finalists=False)
    part = result.path / "trials" / "part-00000.parquet"
    pd.read_parquet(part).drop(columns=["seed", "repeats"]).to_parquet(part)
    rounds = result.path / "rounds" / "part-00000.parquet"
    pd.read_parquet(rounds).drop(columns=["scale"]).to_parquet(rounds)
    spec = result.path / "spec.yaml"
    lines = spec.read_text().splitlines()
    spec.write_text("\n".join(line for line in lines if not line.startswith("finalists")))
    old = sweeps.load(result.path)
    assert old.best == result.best
    assert old.finalists.empty
    print_summary(summarize(old), every_round=True)


def test_the_time_left_counts_the_finals_too():
    search = {"trials": 10, "counts": {Status.COMPLETED: 4, Status.RUNNING: 1}, "round": 0, "best": None}
    finals = {"repeats": 3, "repeat_counts": {}, "repeat_epochs": 20}
    progress = Progress(**search, **finals, epochs=50, seconds=5.0)
    assert progress.seconds_left == 5.0 * 6 / 4 + 3 * 20 / 10
    begun = replace(progress, repeat_counts={Status.COMPLETED: 2, Status.RUNNING: 1})
    assert (begun.repeats_begun, begun.repeats_done) == (3, 2)
    assert begun.seconds_left == 5.0 * 6 / 4 + 20 / 10
    assert replace(progress, counts={}).seconds_left is None
