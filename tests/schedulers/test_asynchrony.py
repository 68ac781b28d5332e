"""Nobody waits for a round or a rung to fill; and who is faster decides nothing where that is asked for."""

import heapq
import itertools

import numpy as np

from sweeps.schedulers import CoarseToFine, InWaves
from tests.schedulers.test_contract import SPACE, good

SPREAD = 10  # how many times as long the slowest trial's epochs take as the fastest's


def simulate(scheduler, workers, trials):
    """Each job with its begin and end, in the order asked; an epoch takes 1 to 10 seconds, by trial."""
    pace = SPREAD ** np.random.default_rng(0).random(trials)
    now, order, running, jobs = 0.0, itertools.count(), [], []
    while not scheduler.finished:
        for job in scheduler.ask(workers - len(running)):
            end = now + (job.stop - job.start) * pace[job.trial]
            heapq.heappush(running, (end, next(order), job))
            jobs.append((now, end, job))
        now, _, job = heapq.heappop(running)
        scheduler.tell(good(job))
    return jobs


def test_workers_are_busy_until_the_last_trials_begin():
    """There is no barrier: with 64 workers, the slowest of which are ten times as slow as the fastest."""
    trials, workers = 600, 64
    jobs = simulate(CoarseToFine(SPACE, trials=trials, epochs=27, seed=0), workers, trials)
    last = max(began for began, _, job in jobs if job.start == 0)
    busy = sum(max(min(end, last) - began, 0.0) for began, end, _ in jobs)
    assert busy >= 0.95 * workers * last


def test_in_waves_faster_workers_and_more_of_them_change_nothing():
    trials = 60

    def decided(workers):
        scheduler = InWaves(CoarseToFine(SPACE, trials=trials, epochs=27, seed=2))
        return [job for _, _, job in simulate(scheduler, workers, trials)], scheduler.rounds

    alone = decided(1)
    assert decided(2) == alone
    assert decided(8) == alone
