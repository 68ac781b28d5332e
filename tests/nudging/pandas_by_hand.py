"""Pandas whose person is a list: what is asked after which of its jobs."""

import sweeps

SPACE = {"learning_rate": 0.01, "l2": 0.0, "hidden_units": 16, "batch_size": 64}


class Person:
    """Asks by `sweeps.nudge` when so many jobs have ended. asks: count → keywords."""

    def __init__(self, out, asks, end=None):
        self.out, self.asks, self.end, self.jobs = out, asks, end, 0

    def __call__(self, event):
        if event.kind != "reported" or event.outcome == "running":
            return
        self.jobs += 1
        if self.jobs in self.asks:
            sweeps.nudge(self.out, **{"author": "ann", **self.asks[self.jobs]})
        if self.end is not None and self.jobs == self.end[0]:
            self.end[1]()


def babysat(out, asks, epochs=12, space=None, train="mlp", data="digits", end=None, **keys):
    """A panda to its end."""
    return sweeps.panda(
        train,
        data=data,
        space=space or SPACE,
        epochs=epochs,
        out=out,
        progress=False,
        callbacks=[Person(out, asks, end)],
        **keys,
    )
