"""A problem small enough to reckon by hand, and schedulers that ask for set jobs."""

import numpy as np

from benchmarks.search.problems.problem import Problem
from sweeps.space import Space
from sweeps.trial import Job


class Toy(Problem):
    """Losses fall from x + 1 towards x over ten epochs; above x = 0.9 the third epoch is NaN."""

    name = "toy-valley"
    space = Space({"x": {"uniform": [0.0, 1.0]}})
    epochs = 10
    best = 0.1
    nothing = 2.0
    legal = staticmethod(lambda config: 0 <= config["x"] <= 1)

    def curve(self, config, seed, epochs):
        losses = config["x"] + 1 / np.arange(1, self.epochs + 1)
        if config["x"] > 0.9:
            losses[2:] = np.nan
        return losses[:epochs]


class Script:
    """Asks for the given jobs in their order, as many as it may, and keeps what it is told."""

    rounds = ()
    finished = False

    def __init__(self, *jobs):
        self.jobs = list(jobs)
        self.told = []

    def ask(self, capacity):
        now, self.jobs = self.jobs[:capacity], self.jobs[capacity:]
        return now

    def tell(self, report):
        self.told.append(report)


def job(trial, stop, start=0, x=0.5):
    return Job(trial, {"x": x}, stop, start)
