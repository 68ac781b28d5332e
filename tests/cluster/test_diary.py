"""What a worker says in its own log: a line a second at most, whatever it trains."""

from cluster.workers.diary import Diary
from sweeps.execution import Workload
from sweeps.execution.job_run import JobRun, Reached
from sweeps.execution.worker import Batch, Glance, Order, Worker
from sweeps.trial import Job, Outcome, Report


def order(number, stop=27):
    return Order(number, Job(100 + number, {}, stop=stop), None)


def report(number, epochs=27, outcome=Outcome.DONE, error=None):
    report = Report(100 + number, epochs, 0.5, outcome, seconds=3.25, error=error)
    return number, report


def reached(number, epochs):
    return number, Reached(100 + number, epochs, Outcome.RUNNING)


class Told:
    """A diary of a worker that stands as it is told to."""

    def __init__(self):
        self.standing, self.lines = Glance([]), []
        self.diary = Diary(lambda: self.standing, self.lines.append)

    def note(self):
        self.lines.clear()
        self.diary.note()
        return self.lines


def test_the_job_in_training_is_told_as_it_goes_on_and_once_when_it_does_not():
    told = Told()
    assert told.note() == []
    told.diary.begin([order(1)])
    for epoch, lines in ((0, 1), (3, 1), (3, 0), (12, 1)):
        told.standing = Glance([], [reached(1, epoch)])
        assert told.note() == [f"trial 101: epoch {epoch} of 27"] * lines
    told.diary.end(Batch([report(1)], 3.25))
    assert told.note() == ["trial 101: done at epoch 27 of 27 after 3.25 s"]
    assert told.note() == []


def test_short_jobs_are_counted_each_once():
    """Those of a call that goes on, and again when it ends; jobs of a pack end in any order."""
    told = Told()
    told.diary.begin([order(number) for number in range(5)])
    ended = [report(2), report(0)]
    told.standing = Glance(ended, [reached(1, 4), reached(3, 4)])
    over = "2 jobs ended, the last: trial 100: done at epoch 27 of 27 after 3.25 s"
    assert told.note() == [f"{over}; trial 101 and 1 trained with it: epoch 4 of 27"]
    ended += [report(1), report(3), report(4)]
    told.diary.end(Batch(ended, 1.0))
    for start in (5, 10):
        numbers = range(start, start + 5)
        told.diary.begin([order(number) for number in numbers])
        told.diary.end(Batch([report(number) for number in numbers], 1.0))
    assert told.note() == ["13 jobs ended, the last: trial 114: done at epoch 27 of 27 after 3.25 s"]


def test_what_went_wrong_is_said_in_one_line():
    told = Told()
    told.diary.begin([order(1)])
    error = "Traceback (most recent call last):\n  …\nValueError: no such\x1b[31m column\n"
    told.diary.end(Batch([report(1, 2, Outcome.FAILED, error)], 1.0))
    (line,) = told.note()
    assert line.startswith("trial 101: failed at epoch 2 of 27 after 3.25 s: ")
    assert "ValueError: no such" in line
    assert "\x1b" not in line


def test_a_line_copies_nothing_that_a_job_has_reported(monkeypatch):
    """A report is all of a job's rows: of 100,000 epochs, a pause of the job."""
    worker, lines, reports = Worker("w"), [], []
    diary = Diary(worker.glance, lines.append)
    whole = JobRun.report
    monkeypatch.setattr(JobRun, "report", lambda run: reports.append(run) or whole(run))

    def train(config, run):
        for _ in range(2):
            yield {"val_loss": 1.0}
        diary.note()
        assert not reports
        yield {"val_loss": 1.0}

    assert worker.load("here", lambda: (train, None), Workload(train, "val_loss"), threads=1).error == ""
    with worker._limits:
        orders = [Order(1, Job(101, {}, stop=3), None)]
        diary.begin(orders)
        ((_, report),) = worker.train(orders).ended
    assert report.error is None
    assert lines == ["trial 101: epoch 2 of 3"]
