"""Callbacks: the user's own code hears of every event, and cannot harm the sweep."""

from sweeps import Uniform
from sweeps.events import JobReported, JobsAsked, ProcessBegun, SweepEnded
from sweeps.store.log import LogReader


def test_every_event_is_heard_in_order(run):
    heard = []
    result = run(
        lambda config, run: config["x"], space={"x": Uniform(0, 1)}, trials=5, callbacks=[heard.append]
    )
    assert heard == list(LogReader(result.path / "log"))
    assert isinstance(heard[0], ProcessBegun)
    assert heard[-1].how == "complete"
    assert sum(isinstance(event, JobReported) for event in heard) == 5
    assert [job.trial for event in heard if isinstance(event, JobsAsked) for job in event.jobs] == [*range(5)]


def test_one_that_raises_is_reported_once_and_the_others_hear_on(serial, capsys):
    heard = []

    def clumsy(event):
        raise RuntimeError("oh")

    result = serial(
        lambda config, run: config["x"],
        space={"x": Uniform(0, 1)},
        trials=5,
        callbacks=[clumsy, heard.append],
    )
    assert len(result.trials) == 5
    assert isinstance(heard[-1], SweepEnded)
    assert capsys.readouterr().err.count("clumsy") == 1
