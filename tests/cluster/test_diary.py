"""What a worker says in its own log: a line a second at most, whatever it trains."""

from cluster.workers.diary import Diary
from sweeps.execution.worker import Batch, Order, Standing
from sweeps.trial import Job, Outcome, Report


def order(number, stop=27):
    return Order(number, Job(100 + number, {}, stop=stop), None)


def report(number, epochs=27, outcome=Outcome.DONE, error=None):
    report = Report(100 + number, epochs, 0.5, outcome, seconds=3.25, error=error)
    return number, report


class Told:
    """A diary of a worker that stands as it is told to."""

    def __init__(self):
        self.standing, self.lines = Standing([]), []
        self.diary = Diary(lambda after: self.standing, self.lines.append)

    def note(self):
        self.lines.clear()
        self.diary.note()
        return self.lines


def test_the_job_in_training_is_told_as_it_goes_on_and_once_when_it_does_not():
    told = Told()
    assert told.note() == []
    told.diary.begin([order(1)])
    for epoch, lines in ((0, 1), (3, 1), (3, 0), (12, 1)):
        told.standing = Standing([], [report(1, epoch, Outcome.RUNNING)])
        assert told.note() == [f"trial 101: epoch {epoch} of 27"] * lines
    told.diary.end(Batch([report(1)], 3.25))
    assert told.note() == ["trial 101: done at epoch 27 of 27 after 3.25 s"]
    assert told.note() == []


def test_short_jobs_are_counted_each_once():
    """Those of a call that goes on, and again when it ends; jobs of a pack end in any order."""
    told = Told()
    told.diary.begin([order(number) for number in range(5)])
    ended = [report(2), report(0)]
    told.standing = Standing(ended, [report(1, 4, Outcome.RUNNING), report(3, 4, Outcome.RUNNING)])
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
