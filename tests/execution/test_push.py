"""Push-style trainables: they report from a loop that a framework owns, and end as generators do."""

import contextlib
import functools
import threading
from pathlib import Path

import pytest

import sweeps
from sweeps.execution import Workload, has_epochs
from sweeps.sweep.planning.fingerprint import fingerprint_of_code
from sweeps.trial import Job, Outcome
from tests import trainables
from tests.cluster.pools import process_executor, ray_executor
from tests.execution.test_executors import train_all
from tests.execution.test_job_run import finish


def decay(config, run):
    """As `trainables.decay` is, with a loop that it does not own."""
    saved = run.restore()
    w = 10.0 if saved is None else saved["w"]
    for _ in range(run.start, run.epochs):
        w -= 2 * config["rate"] * w
        run.report({"val_loss": w * w, "weight": w}, checkpoint={"w": w})


def endless(config, run):
    while True:
        run.report({"val_loss": config["x"]})


class Framework:
    """Calls back after each epoch and can be told to stop, as Keras can."""

    def fit(self, epochs, callback):
        for epoch in range(epochs):
            if callback(epoch):
                return


def in_a_framework(config, run):
    Framework().fit(
        99, lambda epoch: not run.report({"val_loss": config["x"], "epoch_no": epoch}, raises=False)
    )
    run.save({"done": True})


def test_it_reports_what_a_generator_yields():
    config = {"rate": 0.1}
    pulled, pushed = (finish(train, config, stop=5) for train in (trainables.decay, decay))
    assert pushed.outcome is Outcome.DONE
    assert list(pushed.rows) == list(pulled.rows)
    assert pushed.checkpoint.epoch == 5


def test_going_on_from_a_checkpoint_equals_never_stopping():
    whole = finish(decay, {"rate": 0.1}, stop=9)
    first = finish(decay, {"rate": 0.1}, stop=4)
    second = finish(decay, {"rate": 0.1}, start=4, stop=9, checkpoint=first.checkpoint)
    assert [*first.rows, *second.rows] == list(whole.rows)


def test_a_framework_is_told_to_stop_and_what_follows_runs():
    report = finish(in_a_framework, stop=4)
    assert (report.outcome, report.epochs) == (Outcome.DONE, 4)
    assert report.checkpoint.epoch == 4


def test_one_that_diverges_is_unwound_at_once():
    seen = []

    def train(config, run):
        try:
            for loss in (1.0, float("nan"), 1.0):
                try:
                    run.report(loss)
                    seen.append(loss)
                except Exception:
                    seen.append("swallowed")
        finally:
            seen.append("finally")

    assert finish(train, stop=9).outcome is Outcome.INFEASIBLE
    assert seen == [1.0, "finally"]


def test_one_that_swallows_its_end_is_told_again_until_it_ends():
    def train(config, run):
        for _ in range(5):
            with contextlib.suppress(BaseException):
                run.report(1.0)

    report = finish(train, stop=2)
    assert (report.outcome, report.epochs) == (Outcome.DONE, 2)


def test_what_it_raises_fails_the_trial_with_its_own_frames():
    def train(config, run):
        run.report(1.0)
        raise RuntimeError("no such luck")

    report = finish(train)
    assert (report.outcome, report.epochs) == (Outcome.FAILED, 1)
    assert "in train" in report.error
    assert "/push.py" not in report.error


def test_one_that_ends_early_has_ended_and_one_that_never_reports_says_so():
    def once(config, run):
        run.report(1.0)

    def never(config, run):
        if config["x"] > 1:
            run.report(1.0)

    assert finish(once).outcome is Outcome.ENDED
    assert "never come to report" in finish(never).error


def test_it_may_still_return_its_metrics():
    def train(config, run):
        if config["x"] > 1:
            run.report(1.0)
        return {"val_loss": 0.5}

    assert finish(train).objective == 0.5


def test_its_thread_has_ended_when_the_job_has():
    before = threading.active_count()
    finish(endless, stop=3)
    assert threading.active_count() == before


def helper(run):
    run.report(1.0)


def calls_a_helper(config, run):
    helper(run)


class Callable:
    def __call__(self, config, run):
        run.report(1.0)


def marked(config, run):
    config["callback"](run)


marked.reports = True


@pytest.mark.parametrize(
    ("train", "reports"),
    [
        (decay, True),
        (in_a_framework, True),
        (calls_a_helper, True),
        (Callable(), True),
        (functools.partial(decay), True),
        (marked, True),
        (trainables.parabola, False),
        (trainables.raises, False),
    ],
)
def test_it_is_seen_beforehand_that_a_function_reports(train, reports):
    assert has_epochs(train) == reports
    assert fingerprint_of_code(train)


def test_a_report_that_nobody_saw_coming_says_what_to_do():
    reporting = "report"

    def hides_it(config, run):
        getattr(run, reporting)(1.0)

    def yields(config, run):
        run.report(1.0)
        yield 1.0

    assert "train.reports = True" in finish(hides_it, stop=1).error
    assert "a generator yields its metrics" in finish(yields, stop=1).error
    hides_it.reports = True
    assert finish(hides_it, stop=1).outcome is Outcome.DONE


def test_a_sweep_pauses_promotes_and_keeps_the_winners_checkpoint(run):
    result = run(decay, space={"rate": sweeps.Uniform(0, 1.2)}, trials=12, epochs=9, seed=1)
    jobs = result.jobs
    assert (jobs[jobs.start > 0].trial.value_counts() > 0).any()  # trials went on from where they had paused
    assert result.trials.status.eq("completed").any()
    best = result.trials.set_index("trial").loc[result.best.trial]
    assert result.checkpoint()["w"] ** 2 == best.objective
    pulled = finish(trainables.decay, result.best.config, stop=9)
    rows = result.metrics[result.metrics.trial == result.best.trial]
    assert list(rows.val_loss) == [row["val_loss"] for row in pulled.rows]


@pytest.mark.parametrize("start", [process_executor, ray_executor])
def test_workers_train_it_and_stop_it(request, start):
    if start is ray_executor:
        request.getfixturevalue("ray_cluster")
    executor = start(Workload(endless, "val_loss", "min"), 2)
    try:
        last, _ = train_all(executor, [Job(i, {"x": i / 9}, stop=3) for i in range(8)])
        assert {report.objective for report in last.values()} == {i / 9 for i in range(8)}
        assert {report.epochs for report in last.values()} == {3}
        executor.submit(Job(9, {"x": 1.0}, stop=10**9))
        reports = []
        while not any(report.epochs for report in reports):
            reports = executor.poll(0.2)
        executor.stop(9, "a test")
        while reports[-1:] == [] or reports[-1].outcome is Outcome.RUNNING:
            reports = executor.poll(0.2) or reports
        assert (reports[-1].outcome, reports[-1].error) == (Outcome.STOPPED, "a test")
    finally:
        executor.close()


def writes_a_folder(config, run):
    """Its only state is a file; run.data is where each job says which folder it had."""
    file = run.folder / "w"
    w = float(file.read_text()) if file.exists() else 10.0
    for _ in range(run.start, run.epochs):
        w -= 2 * config["rate"] * w
        file.write_text(repr(w))
        run.report({"val_loss": w * w})
    with run.data.open("a") as said:
        said.write(f"{run.folder}\n")


def test_a_folder_is_the_checkpoint_of_a_trial_that_is_promoted(run, tmp_path):
    said = tmp_path / "folders"
    result = run(
        writes_a_folder, space={"rate": sweeps.Uniform(0, 0.9)}, trials=8, epochs=9, data=said, seed=2
    )
    assert (result.jobs.start > 0).any()
    assert not any(Path(line).exists() for line in said.read_text().split())
    best = result.trials.set_index("trial").loc[result.best.trial]
    assert result.checkpoint(folder=tmp_path / "winner") is None
    assert float((tmp_path / "winner" / "w").read_text()) ** 2 == best.objective
