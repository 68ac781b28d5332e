"""Advice on ranges: only where the model has evidence that the hyperparameter matters."""

import numpy as np
import pytest

from sweeps.schedulers import CoarseToFine, CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.surrogate_model import SurrogateModel
from sweeps.space import Space
from sweeps.trial import Report

IRRELEVANT = {
    **{f"log_{i}": {"log": [1e-3, 1]} for i in range(4)},
    **{f"uniform_{i}": {"uniform": [0, 1]} for i in range(4)},
}


def advised(x, seed, noise, extend=False):
    """The hyperparameters that advice was given on in some round of 64 trials, and the space at the end."""
    scheduler = CoarseToFine(
        Space({"x": x, **IRRELEVANT}),
        trials=64,
        epochs=27,
        seed=seed,
        extend=(lambda config: True) if extend else None,
    )
    while not scheduler.finished:
        for job in scheduler.ask(1):
            luck = np.random.default_rng([seed, job.trial]).standard_normal()
            loss = (np.log10(job.config["x"]) + 3) ** 2 + 1 / job.stop + noise * luck
            scheduler.tell(Report(job.trial, job.stop, loss))
    regions = [region for round_ in scheduler.rounds for region in round_.regions]
    return {region.hyperparameter for region in regions if "of the edge" in region.reason}, scheduler.space


@pytest.mark.parametrize("extend", [False, True])
@pytest.mark.parametrize(("seed", "noise"), [(0, 0.0), (1, 0.0), (0, 0.1), (3, 1.0)])
def test_what_does_not_matter_gets_no_advice_and_does_not_grow(seed, noise, extend):
    names, space = advised({"log": [1e-5, 1]}, seed, noise, extend)
    assert names == set()
    assert space.to_yaml() == Space({"x": {"log": [1e-5, 1]}, **IRRELEVANT}).to_yaml()


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("extend", [False, True])
def test_what_matters_and_is_too_narrow_gets_advice_and_grows(noise, extend):
    """In some round of many, luck may speak for one of the eight that do not matter."""
    names, space = advised({"log": [1e-5, 1e-4]}, 0, noise, extend)
    assert "x" in names
    assert len(names) <= 2
    assert space.distributions["x"].low == 1e-5
    assert space.distributions["x"].high >= 1e-3 or not extend


def gains(form, values, losses):
    """The gain at the lower and the upper end of the only hyperparameter, seen at these values."""
    space = Space({"x": form})
    return gain_at(space, [space.point({"x": value}) for value in values], losses)[:, 0]


def gain_at(space, points, losses):
    """The gain at the lower and the upper ends of all hyperparameters."""
    model = SurrogateModel(space, 1, CoarseToFineSettings(), points)
    for trial, loss in enumerate(losses):
        model.add_result(trial, 0, loss)
    model.update()
    return model.edge_gain(model.elites(6))


@pytest.mark.parametrize("form", [{"uniform": [0, 15]}, {"int": [0, 15]}, {"uniform": [0, 15], "step": 1}])
def test_a_slope_is_seen_and_its_side(form):
    values = range(16)
    low, high = gains(form, values, [float(value) for value in values])
    assert low > 2
    assert high <= 0


@pytest.mark.parametrize("form", [{"int": [1, 2]}, {"choice": [1, 2], "ordered": True}])
def test_of_two_values_each_is_held_against_the_other(form):
    low, high = gains(form, [1, 2] * 8, [1.0, 0.0] * 8)
    assert high > 2
    assert low <= 0


@pytest.mark.parametrize("form", [{"choice": [1, 2, 3]}, {"choice": ["only"]}])
def test_nothing_is_said_of_what_has_no_ends(form):
    space = Space({"x": form, "y": {"uniform": [0, 1]}})
    points = [np.full(len(space.searched), unit) for unit in np.linspace(0, 1, 8)]
    gain = gain_at(space, points, np.arange(8.0))
    assert gain.shape == (2, len(space.searched))
    assert (gain[:, :-1] == 0).all()
    assert gain[0, -1] > 0.5
