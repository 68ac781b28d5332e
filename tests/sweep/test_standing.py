"""Who is the best of trials that were trained for different numbers of epochs."""

import pytest

import sweeps
from sweeps.errors import Interrupted
from sweeps.face import execute
from sweeps.spec import as_spec
from sweeps.sweep import make_plan
from sweeps.sweep.progress import Silent

BY_LAST = ["last", {"mean_of_last": 2}]
SPACE = {"x": {"uniform": [0, 1]}}


def overfits(config, run):
    """Its loss is least at epoch 4 of 9 and great at the end."""
    for epoch in range(run.start + 1, run.epochs + 1):
        yield {"val_loss": config["x"] + (epoch - 4) ** 2}


def ends_by_itself(config, run):
    for epoch, row in enumerate(overfits(config, run), start=1):
        yield row
        if epoch == 5 and config["x"] < 0.5:
            return


class Watched(Silent):
    """Notes the best trial of the search that the screen would show last."""

    def finished(self, progress):
        self.best = progress.best


def watched(folder, train, scheduler="asha", **options):
    form = {"metric": "val_loss", "space": SPACE, "epochs": 9, "trials": 27, "scheduler": scheduler}
    observer = Watched()
    result = execute(
        make_plan(as_spec({**form, **options}), train, None), out=folder, serial=True, observer=observer
    )
    return result, observer.best


@pytest.mark.parametrize("objective", BY_LAST)
@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("scheduler", ["asha", "coarse_to_fine"])
def test_by_the_last_epochs_a_trial_stopped_early_is_behind_the_completed(
    tmp_path, objective, mode, scheduler
):
    def train(config, run):
        for row in overfits(config, run):
            yield {"val_loss": row["val_loss"] if mode == "min" else -row["val_loss"]}

    result, live = watched(tmp_path / "run", train, scheduler, objective=objective, mode=mode)
    search = result.trials[result.trials.repeats.isna()].set_index("trial")
    search = search.assign(loss=search.objective if mode == "min" else -search.objective)
    completed, stopped = (search[search.status == status] for status in ("completed", "stopped"))
    assert stopped.loss.min() < completed.loss.min(), "else this shows nothing"
    assert result.best_of_search.trial == completed.loss.idxmin() == live.trial
    expected = [*completed.loss.sort_values().index, *stopped.loss.sort_values().index][:3]
    assert sorted(result.finalists.trial) == sorted(expected)


@pytest.mark.parametrize("mode", ["min", "max"])
def test_by_the_best_epoch_all_trials_are_compared_alike(tmp_path, mode):
    result, live = watched(tmp_path / "run", overfits, mode=mode, finalists=False)
    objective = result.trials.objective
    first = objective.idxmin() if mode == "min" else objective.idxmax()
    assert result.best.trial == first == live.trial


@pytest.mark.parametrize("objective", BY_LAST)
def test_a_trial_that_ended_by_itself_has_trained_to_its_end(tmp_path, objective):
    result, live = watched(tmp_path / "run", ends_by_itself, "random", objective=objective)
    early = result.trials[result.trials.repeats.isna() & (result.trials.epochs == 5)]
    assert early.status.eq("completed").all()
    assert result.best_of_search.trial == early.set_index("trial").objective.idxmin() == live.trial
    assert result.finalists.trial.isin(early.trial).all()


def test_among_trials_that_were_all_stopped_early_the_objective_decides(tmp_path):
    begun = []

    def train(config, run):
        begun.append(config)
        if len(begun) == 8:
            raise KeyboardInterrupt
        yield from overfits(config, run)

    with pytest.raises((Interrupted, KeyboardInterrupt)):
        watched(tmp_path / "run", train, objective="last")
    result = sweeps.load(tmp_path / "run")
    assert not result.trials.status.eq("completed").any()
    assert result.best.trial == result.trials.objective.idxmin()
