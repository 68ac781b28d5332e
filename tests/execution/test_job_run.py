"""One job in training: what is reported, and how it can end."""

import asyncio
import math
import random

import numpy as np
import pytest

from sweeps.execution import Habits, JobRun, Workload, has_epochs
from sweeps.spec.objective import ObjectiveRule
from sweeps.trial import Checkpoint, Job, Outcome
from tests import trainables


def finish(train, config=None, *, stop=3, start=0, checkpoint=None, habits=None, seed=0, **workload):
    run = JobRun(
        Workload(train, **{"metric": "val_loss", **workload}),
        Job(0, config or {"x": 0.2}, stop=stop, start=start, seed=seed),
        checkpoint,
        "w",
        habits,
    )
    while run.advance():
        assert run.report().outcome is Outcome.RUNNING
    return run.report()


def test_an_epoch_a_row():
    report = finish(trainables.decay, {"rate": 0.25})
    assert report.outcome is Outcome.DONE
    assert report.epochs == 3
    assert [row["val_loss"] for row in report.rows] == [25.0, 6.25, 1.5625]
    assert report.objective == 1.5625
    assert report.worker == "w"
    assert report.seconds > 0


def test_going_on_from_a_checkpoint_equals_never_stopping():
    config = {"rate": 0.1}
    whole = finish(trainables.decay, config, stop=9)
    first = finish(trainables.decay, config, stop=4)
    second = finish(trainables.decay, config, start=4, stop=9, checkpoint=first.checkpoint)
    assert [*first.rows, *second.rows] == list(whole.rows)
    assert second.epochs == 9


def test_without_a_checkpoint_a_job_begins_at_the_beginning():
    report = finish(trainables.forgetful, {"rate": 0.1}, start=4, stop=9)
    assert (report.epochs, len(report.rows)) == (9, 9)


def test_the_last_state_is_kept_and_that_of_the_best_epoch():
    def train(config, run):
        for epoch, loss in enumerate([0.5, 0.2, 0.4]):
            run.save({"epoch": np.array(epoch)})
            yield loss

    report = finish(train)
    assert (report.checkpoint.epoch, report.checkpoint.state["epoch"]) == (3, 2)
    assert (report.best.epoch, report.best.state["epoch"]) == (2, 1)
    last = finish(train, objective=ObjectiveRule("last"))
    assert (last.objective, last.checkpoint.epoch, last.best) == (0.4, 3, None)
    mean = finish(train, objective=ObjectiveRule("mean_of_last", 2))
    assert (mean.objective, mean.checkpoint.epoch, mean.best) == (pytest.approx(0.3), 3, None)


def test_what_is_saved_is_a_copy():
    def train(config, run):
        w = np.zeros(1)
        for _ in range(run.epochs):
            w += 1
            run.save({"w": w})
            yield float(w[0])

    report = finish(train)
    assert (report.best.state["w"], report.checkpoint.state["w"]) == ([1.0], [3.0])


def test_one_that_ends_early_leaves_its_last_and_its_best_model():
    def train(config, run):
        for epoch, loss in enumerate([0.5, 0.2, 0.4]):
            run.save({"epoch": np.array(epoch)})
            yield loss

    report = finish(train, stop=9)
    assert (report.outcome, report.checkpoint.epoch, report.best.epoch) == (Outcome.ENDED, 3, 2)


@pytest.mark.parametrize(("train", "rows"), [(trainables.parabola, 1), (trainables.as_mapping, 1)])
def test_a_plain_function_is_one_epoch(train, rows):
    assert not has_epochs(train)
    report = finish(train, stop=1)
    assert report.outcome is Outcome.DONE
    assert len(report.rows) == rows


def test_callables_with_a_generator_inside_have_epochs():
    class Model:
        def __call__(self, config, run):
            yield 1.0

    assert has_epochs(Model())
    assert has_epochs(trainables.decay)


def test_one_that_ends_early_has_ended():
    report = finish(trainables.short)
    assert (report.outcome, report.epochs) == (Outcome.ENDED, 1)


def test_one_that_had_ended_before_has_nothing_to_add():
    def train(config, run):
        yield from ()

    report = finish(train, start=2, checkpoint=Checkpoint(2, {"w": np.zeros(1)}))
    assert (report.outcome, report.epochs, report.objective) == (Outcome.ENDED, 2, None)
    assert finish(train).outcome is Outcome.FAILED


def test_one_that_never_ends_is_closed_and_its_finally_runs():
    closed = []

    def train(config, run):
        try:
            while True:
                yield 1.0
        finally:
            closed.append(True)

    assert finish(train).epochs == 3
    assert closed == [True]


def test_a_stopped_job_keeps_its_rows():
    run = JobRun(Workload(trainables.endless, "val_loss"), Job(0, {"x": 1.0}, stop=9), None, "w")
    run.advance()
    run.stop()
    assert run.report().outcome is Outcome.STOPPED
    assert len(run.report().rows) == 1


def test_a_loss_may_fall_as_far_as_it_likes():
    def train(config, run):
        yield 1.0
        yield -1e9

    assert finish(train, stop=2).objective == -1e9


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e31, 1e9])
def test_a_diverged_trial_is_infeasible_at_once(value):
    def train(config, run):
        yield 0.5
        yield value
        raise AssertionError("it must not be asked for another epoch")

    report = finish(train, stop=9)
    assert (report.outcome, report.epochs, report.error) == (Outcome.INFEASIBLE, 2, None)


def test_a_raise_fails_the_trial_with_the_users_traceback():
    report = finish(trainables.raises_above_half, {"x": 0.75})
    assert report.outcome is Outcome.FAILED
    assert len(report.rows) == 1
    assert "ValueError: x is 0.75" in report.error
    assert "trainables.py" in report.error
    assert "job_run.py" not in report.error


@pytest.mark.parametrize(
    ("reported", "says"),
    [
        ({"val_loss": "low"}, "must be a number"),
        ({"val_loss": "0.3"}, "must be a number, not str"),
        ({"val_loss": b"0.3"}, "must be a number, not bytes"),
        ({"val_loss": np.str_("0.3")}, "must be a number, not str_"),
        ({"val_loss": np.array("0.3")}, "must be a number, not ndarray"),
        ("0.3", "must be a number, not str"),
        ({"val_loss": [1, 2]}, "must be a number"),
        ({"epoch": 1.0, "val_loss": 1.0}, "cannot name a metric"),
        ({3: 1.0}, "cannot name a metric"),
        ({"val_loss": np.zeros(2)}, "must be a number"),
        ({"loss": 1.0}, "'val_loss' is not among those reported: ['loss']"),
        ("nonsense", "must be a number"),
    ],
)
def test_what_is_no_metric_fails_the_trial_and_says_why(reported, says):
    report = finish(lambda config, run: reported, stop=1)
    assert report.outcome is Outcome.FAILED
    assert says in report.error


def test_sys_exit_and_objects_in_checkpoints_fail_the_trial_only():
    def leaves(config, run):
        raise SystemExit(3)

    def saves_object(config, run):
        run.save({"f": len})
        yield 1.0

    def saves_under_a_set(config, run):
        run.save({frozenset(): 1.0})
        yield 1.0

    def says_what_is_no_text(config, run):
        raise ValueError("bad file \udcff")

    assert "SystemExit" in finish(leaves).error
    assert "not text" in finish(saves_under_a_set, stop=1).error
    assert finish(says_what_is_no_text).error.encode("utf-8")
    assert "'f' is a builtin" in finish(saves_object, stop=1).error


def test_numbers_of_any_kind_are_metrics():
    report = finish(lambda config, run: {"val_loss": np.float32(0.5), "n": np.array([3]), "ok": True}, stop=1)
    assert report.rows == [{"val_loss": 0.5, "n": 3.0, "ok": 1.0}]


def test_max_mode_takes_the_largest():
    values = iter([0.1, 0.9, 0.5])

    def train(config, run):
        yield from ({"val_accuracy": v} for v in values)

    assert finish(train, metric="val_accuracy", mode="max").objective == 0.9


def test_the_metric_may_come_every_few_epochs():
    def train(config, run):
        for epoch in range(run.epochs):
            yield {"train_loss": 1.0, **({"val_loss": 0.5} if epoch == 2 else {})}

    assert finish(train, stop=4).objective == 0.5
    late = finish(train, stop=2, epochs=9)
    assert (late.outcome, late.epochs, late.objective) == (Outcome.DONE, 3, 0.5)
    assert "not among those reported" in finish(train, stop=2).error
    assert "not among those reported: ['train_loss']" in finish(train, stop=1, epochs=2).error


def test_a_generator_hidden_in_a_function_is_named():
    report = finish(lambda config, run: trainables.endless(config, run), {"x": 1.0}, stop=1)
    assert "returns a generator" in report.error


def test_a_late_metric_goes_on_from_what_was_saved():
    trained = []

    def train(config, run):
        saved = run.restore()
        w = 0.0 if saved is None else float(saved["w"])
        for epoch in range(run.start, run.epochs):
            trained.append(epoch)
            w += 1
            run.save({"w": np.array(w)})
            yield {"train_loss": w, **({"val_loss": w} if epoch >= 4 else {})}

    report = finish(train, stop=2, epochs=9)
    assert (report.outcome, report.epochs, report.objective, report.checkpoint.epoch) == (
        Outcome.DONE,
        5,
        5.0,
        5,
    )
    assert [row["train_loss"] for row in report.rows] == [1, 2, 3, 4, 5]
    assert trained == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("nothing", [None, {}])
def test_an_epoch_without_metrics_is_an_epoch(nothing):
    def train(config, run):
        for epoch in range(run.start, run.epochs):
            yield {"val_loss": 1 / (epoch + 1)} if epoch % 2 == 0 else nothing

    report = finish(train, stop=9)
    assert (report.outcome, report.epochs, report.objective) == (Outcome.DONE, 9, 1 / 9)


def test_a_function_that_forgot_its_return_is_told():
    report = finish(lambda config, run: None, stop=1)
    assert report.outcome is Outcome.FAILED
    assert "forgotten its `return`" in report.error
    assert "Traceback" not in report.error


def test_what_stands_after_the_last_yield_runs():
    ran = []

    def train(config, run):
        for epoch in range(run.start, run.epochs):
            yield 1.0 / (epoch + 1)
        ran.append(run.epochs)
        run.save({"after": np.array(run.epochs)})

    report = finish(train)
    assert (report.outcome, ran) == (Outcome.DONE, [3])
    assert (report.checkpoint.epoch, report.checkpoint.state["after"], report.best) == (3, 3, None)


def test_what_is_raised_after_the_last_yield_is_told_and_costs_nothing():
    def train(config, run):
        yield 0.5
        raise OSError("no room for the plot")

    report = finish(train, stop=1)
    assert (report.outcome, report.objective) == (Outcome.DONE, 0.5)
    assert "no room for the plot" in report.error


def test_one_that_trains_past_its_epochs_is_asked_for_a_further_one_only_once():
    drawn, habits = [], Habits()

    def train(config, run):
        while True:
            drawn.append(1)
            yield 1.0

    assert [finish(train, stop=2, habits=habits).epochs for _ in range(3)] == [2, 2, 2]
    assert len(drawn) == 3 + 2 + 2


def test_one_that_saves_but_never_restores_trains_from_the_beginning_and_is_told_of():
    """It would count its first epochs as those after the checkpoint's."""

    def train(config, run):
        w = 0.0
        for _ in range(run.start, run.epochs):
            w += 1
            run.save({"w": np.array(w)})
            yield {"val_loss": -w}

    first, habits = finish(train, stop=2), Habits()
    second = finish(train, start=2, stop=5, checkpoint=first.checkpoint, habits=habits)
    assert [row["val_loss"] for row in second.rows] == [-1, -2, -3, -4, -5]
    assert (second.epochs, second.objective) == (5, -5)
    assert "never run.restore()" in second.note
    again = finish(train, start=2, stop=5, checkpoint=first.checkpoint, habits=habits)
    assert (again.rows, again.note) == (second.rows, None)


def test_one_that_never_restores_and_never_reports_the_metric_fails():
    def train(config, run):
        for _ in range(run.start, run.epochs):
            run.save({"w": np.array(0)})
            yield {"other": 1.0}

    workload = Workload(train, "val_loss", epochs=5)
    job = JobRun(workload, Job(0, {}, stop=2), None, "here")
    advances = sum(iter(job.advance, False))
    assert advances < 20
    assert job.report().outcome is Outcome.FAILED


def test_a_checkpoint_before_the_jobs_start_is_gone_on_from():
    first = finish(trainables.decay, {"rate": 0.1}, stop=3)
    report = finish(trainables.decay, {"rate": 0.1}, start=5, stop=6, checkpoint=first.checkpoint)
    assert report.rows == finish(trainables.decay, {"rate": 0.1}, stop=6).rows[3:]
    assert report.epochs == 6


@pytest.mark.parametrize("error", [BaseException("a panic"), GeneratorExit(), asyncio.CancelledError()])
def test_whatever_is_raised_fails_the_trial_alone(error):
    def train(config, run):
        yield 1.0
        raise error

    report = finish(train)
    assert (report.outcome, len(report.rows)) == (Outcome.FAILED, 1)
    assert type(error).__name__ in report.error


def test_an_interrupt_is_no_failure():
    def train(config, run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(train)


def test_global_draws_depend_on_the_seed_and_the_epoch_alone():
    def draws(**job):
        def train(config, run):
            run.restore()
            for _ in range(run.start, run.epochs):
                yield {"val_loss": 0, "python": random.random(), "numpy": np.random.random()}  # noqa: NPY002

        return finish(train, **job).rows

    assert draws() == draws()
    assert draws(seed=1) != draws()
    assert draws(start=1, checkpoint=Checkpoint(1, {})) != draws()[:2]
