"""Callbacks: the user's own code hears of every event, and cannot harm the sweep."""

from sweeps import Uniform
from sweeps.events import JobReported, JobsAsked, ProcessBegun, SweepEnded
from sweeps.store.log import LogReader
from sweeps.sweep.progress import GivesUp


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


class Following:
    """Told the folder, and every event after it."""

    def __init__(self):
        self.heard = []

    def sweep_opened(self, directory):
        self.heard.append(directory)

    def __call__(self, event):
        self.heard.append(event)


def test_one_that_follows_is_told_the_folder_first(serial):
    follower = Following()
    result = serial(
        lambda config, run: config["x"], space={"x": Uniform(0, 1)}, trials=5, callbacks=[follower]
    )
    assert follower.heard[0] == result.path
    assert isinstance(follower.heard[1], ProcessBegun)


def test_something_of_its_own_that_has_the_name_is_let_be(serial, capsys):
    def hear(event):
        pass

    hear.sweep_opened = True  # no method
    serial(lambda config, run: config["x"], space={"x": Uniform(0, 1)}, trials=5, callbacks=[hear])
    assert "hear" not in capsys.readouterr().err


def test_a_method_that_is_none_of_ours_is_not_called(serial):
    called = []

    class Valve:
        def opened(self, *given):
            called.append(self)

        def __call__(self, event):
            pass

    serial(lambda config, run: config["x"], space={"x": Uniform(0, 1)}, trials=5, callbacks=[Valve()])
    assert not called


def test_one_that_gives_up_is_called_no_more(serial, capsys):
    heard = []

    def hear(event):
        heard.append(event)
        raise GivesUp("nobody listens")

    serial(lambda config, run: config["x"], space={"x": Uniform(0, 1)}, trials=5, callbacks=[hear])
    assert len(heard) == 1
    assert capsys.readouterr().err.count("hear is left alone from here on: nobody listens") == 1
