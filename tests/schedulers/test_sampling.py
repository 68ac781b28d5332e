"""Draws by number: of the seed and the number alone, whatever was drawn before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from sweeps.schedulers import CoarseToFine, RandomSampler, SobolSampler
from sweeps.schedulers.sampling import Draws
from sweeps.space import Space
from sweeps.trial import Report
from tests.schedulers.test_contract import drive

SAMPLERS = pytest.mark.parametrize("kind", [RandomSampler, SobolSampler])
NUMBER = st.tuples(st.integers(0, 500), st.integers(0, 3))


@SAMPLERS
@given(numbers=st.lists(NUMBER, min_size=1, max_size=9), seed=st.integers(0, 2**64 - 1))
def test_a_point_depends_on_the_seed_and_its_number_alone(kind, numbers, seed):
    sampler = kind(3, seed)
    drawn = [sampler.draw(*number) for number in numbers]
    assert [point.tolist() for point in drawn] == [kind(3, seed).draw(*each).tolist() for each in numbers]
    distinct = {tuple(point.tolist()) for point in drawn}
    assert len(distinct) == len(set(numbers))


@SAMPLERS
def test_seeds_differ(kind):
    assert kind(3, 0).draw(7).tolist() != kind(3, 1).draw(7).tolist()


def test_sobol_points_are_scipys_in_their_order():
    sampler = SobolSampler(4, 5)
    theirs = qmc.Sobol(4, scramble=True, rng=np.random.default_rng(5)).random(256)
    assert np.array_equal([sampler.draw(number) for number in range(256)], theirs)


def test_random_points_are_uniform_from_number_to_number():
    """Means, variances and the correlation of neighbours, each within five of its standard deviations."""
    sampler, count = RandomSampler(2, 3), 4000
    points = np.array([sampler.draw(number) for number in range(count)])
    normal = (points - 0.5) * np.sqrt(12)
    deviation = 1 / np.sqrt(count)
    assert (abs(normal.mean(axis=0)) < 5 * deviation).all()
    assert (abs((normal**2).mean(axis=0) - 1) < 5 * np.sqrt(0.8) * deviation).all()
    assert abs((normal[1:] * normal[:-1]).mean(axis=0) < 5 * deviation).all()
    assert abs((normal[:, 0] * normal[:, 1]).mean()) < 5 * deviation


@given(st.integers(0, 2**63 - 1), st.integers(0, 9))
def test_a_generator_begins_anew_for_each_decision(number, attempt):
    """Also where the last one was left in the midst of a block, or of half a number."""
    draws = Draws(4, purpose=1)
    first = draws.of(number, attempt).random(7)
    draws.of(number + 1).integers(0, 9, size=3, dtype=np.int32)
    draws.of(number, attempt + 1).random(5)
    assert np.array_equal(draws.of(number, attempt).random(7), first)
    assert not np.array_equal(Draws(4, purpose=2).of(number, attempt).random(7), first)


def test_one_decision_that_differs_does_not_shift_what_is_drawn_from_anywhere():
    """Sweeps that are told other results still begin their first trials alike."""
    space = Space({name: {"uniform": [0, 1]} for name in "abc"})

    def begun(sign):
        jobs = drive(
            CoarseToFine(space, trials=60, epochs=9, seed=4),
            lambda job: Report(job.trial, job.stop, sign * sum(job.config.values()) + 1 / job.stop),
            capacity=1,
        )
        return [job.config for job in jobs if not job.start]

    assert begun(1)[:16] == begun(-1)[:16]
    assert begun(1)[16:] != begun(-1)[16:]
