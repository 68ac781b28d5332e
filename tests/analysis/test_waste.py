"""What epochs and workers' time were spent on, of sweeps whose jobs are known."""

import pytest

import sweeps
from sweeps.analysis import waste
from sweeps.analysis.waste import LOST, REPEATS, WAITING
from sweeps.reports.sections.timeline import timeline
from sweeps.reports.view import View
from sweeps.trial import Status
from tests.analysis.sweeps_on_disk import write


def test_each_use_has_its_trials_epochs_and_seconds(tmp_path):
    """A worker's jobs, of 9 s each, a second after they were asked for."""
    status = [Status.COMPLETED, Status.STOPPED, Status.INFEASIBLE, Status.COMPLETED]
    result = write(
        tmp_path / "run", [[1.0] * 3, [2.0], [3.0] * 2, [0.5] * 3], status=status, finals=[(3, [0.6])]
    )
    found = waste(result)
    rows = {row.what: (row.trials, row.epochs, round(row.seconds)) for row in found.table.itertuples()}
    assert rows == {
        "trained to the end": (2, 6, 18),
        "stopped early": (1, 1, 9),
        "diverged": (1, 2, 9),
        REPEATS: (1, 3, 0),
        WAITING: (0, 0, 4),
    }
    assert found.busy == pytest.approx(0.9)
    assert found.words.startswith("Of 40 s of 1 worker, 22 % in trials that diverged brought nothing")


def test_the_timeline_says_the_same_of_waiting(tmp_path):
    result = write(tmp_path / "run", [[1.0], [2.0]])
    assert "and trained 90 % of that time" in timeline(View(result)).answer
    assert waste(result).share(WAITING) == pytest.approx(0.1)


def test_attempts_that_were_lost_are_told(tmp_path):
    tried = []

    def train(config, run):
        tried.append(config)
        if len(tried) == 1:
            raise ValueError("once")
        return {"val_loss": config["x"]}

    result = sweeps.run(
        train,
        space={"x": {"uniform": [0, 1]}},
        trials=3,
        retries=1,
        finalists=False,
        serial=True,
        progress=False,
        out=tmp_path / "run",
    )
    found = waste(result)
    assert [each.attempt for each in found.retried] == [1]
    assert found.share("trained to the end", LOST, WAITING) == pytest.approx(1)
    assert found.table.set_index("what").loc[LOST, "trials"] == 1
