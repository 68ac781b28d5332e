"""A likely value: where the search begins, how it leans, and how it gets over a belief that is wrong."""

import math

import numpy as np
import pytest

from sweeps.schedulers import CoarseToFine
from sweeps.schedulers.coarse_to_fine.likely import Likely
from sweeps.space import Space
from sweeps.trial import Report

RATE, KIND = {"log": [1e-5, 1]}, {"choice": ["a", "b", "c"]}
SAID = Space(
    {"rate": {**RATE, "likely": 1e-2}, "kind": {**KIND, "likely": "c"}, "other": {"uniform": [0, 1]}}
)


def searched(space, trials=40, seed=0):
    """Configs in order, of a search whose best rate is 10^-2 and best kind c."""
    scheduler, configs = CoarseToFine(space, trials=trials, epochs=9, seed=seed), []
    while not scheduler.finished:
        for job in scheduler.ask(1):
            if job.start == 0:
                configs.append(job.config)
            off = (math.log10(job.config["rate"]) + 2) ** 2 / 4 + (job.config["kind"] != "c")
            scheduler.tell(Report(job.trial, job.stop, off + 1 / job.stop))
    return configs


def test_the_first_trial_has_the_likely_values_and_the_rest_of_the_space_is_filled_all_the_same():
    configs = searched(SAID)
    assert configs[0]["rate"] == pytest.approx(1e-2, rel=1e-12)
    assert configs[0]["kind"] == "c"
    first = [math.log10(config["rate"]) for config in configs[:16]]
    assert min(first) < -4
    assert max(first) > -1


def test_without_one_nothing_changes():
    plain = Space({"rate": RATE, "kind": KIND})
    points = np.random.default_rng(0).random((5, 2))
    belief = Likely(plain, 40)
    assert not belief.said
    assert (belief.bonus(points, 3) == 0).all()
    assert all((belief.first(i, point) == point).all() for i, point in enumerate(points))


def test_a_belief_fades_and_is_never_sure():
    belief = Likely(SAID, 100)
    near = SAID.point({"rate": 1e-2, "kind": "c", "other": 0.5})[None]
    far = SAID.point({"rate": 1.0, "kind": "a", "other": 0.5})[None]
    gaps = [float((belief.bonus(near, n) - belief.bonus(far, n))[0]) for n in (1, 10, 100)]
    assert gaps[0] > gaps[1] > gaps[2] > 0
    assert gaps[2] <= 0.1 * 2 * math.log(5)  # both are off; a fifth of each belief is doubt


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_belief_is_got_over(seed):
    wrong = Space({"rate": {**RATE, "likely": 1e-5}, "kind": {**KIND, "likely": "a"}})
    late = searched(wrong, seed=seed)[20:]
    assert np.mean([config["kind"] == "c" for config in late]) > 0.5
    assert min(abs(math.log10(config["rate"]) + 2) for config in late) < 0.3
