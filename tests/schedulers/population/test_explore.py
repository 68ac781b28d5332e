"""Explore: near the config that is gone on from, and always one of the space's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.schedulers import PopulationSettings
from sweeps.schedulers.population.explore import Explorer
from sweeps.space import Space
from tests.schedulers.replay import SPACES

NEAR = PopulationSettings(resample=0.0)


def points(space):
    return st.lists(st.floats(0, 1), min_size=len(space.searched), max_size=len(space.searched))


@pytest.mark.parametrize("form", SPACES.values(), ids=SPACES)
@settings(max_examples=60, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_what_is_explored_is_a_config_of_the_space(form, data, seed):
    space = Space(form)
    config = space.config(np.array(data.draw(points(space))))
    found = Explorer(space, PopulationSettings()).explored(config, np.random.default_rng(seed))
    assert space.own(found) == found


@settings(deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_each_hyperparameter_moves_by_a_step_of_its_own_scale(data, seed):
    space = Space(SPACES["wide"])
    config = space.config(np.array(data.draw(points(space))))
    found = Explorer(space, NEAR).explored(config, np.random.default_rng(seed))
    ends = {"rate": (1e-5, 1), "momentum": (0.5, 0.999), "keep": (0.5, 1), "batch": (16, 128)}
    assert found["rate"] / config["rate"] == pytest.approx(0.8) or (
        found["rate"] / config["rate"] == pytest.approx(1.2) or found["rate"] in ends["rate"]
    )
    ratio = (1 - found["momentum"]) / (1 - config["momentum"])
    assert ratio == pytest.approx(0.8) or ratio == pytest.approx(1.2) or found["momentum"] in ends["momentum"]
    assert abs(found["keep"] - config["keep"]) == pytest.approx(0.05) or found["keep"] in ends["keep"]
    assert found["batch"] in (config["batch"] // 2, config["batch"] * 2) or found["batch"] in ends["batch"]
    assert found["kind"] == config["kind"]
    assert found["layers"] != config["layers"] or found["layers"] in (1, 4)
    assert abs(found["units"] - config["units"]) <= 0.25 * config["units"] + 1


def test_what_may_not_change_stays():
    space = Space(SPACES["wide"])
    config = space.config(np.full(7, 0.4))

    def allowed(before, now):
        return all(before[name] == now[name] for name in ("units", "layers"))

    explorer = Explorer(space, PopulationSettings(resample=0.5), allowed)
    found = [explorer.explored(config, np.random.default_rng(seed)) for seed in range(20)]
    assert all(allowed(config, each) for each in found)
    assert len({each["rate"] for each in found}) > 3


def test_a_choice_brings_what_its_values_need():
    space = Space(SPACES["conditional"])
    explorer = Explorer(space, PopulationSettings(resample=1.0))
    config = {"rate": 0.1, "kind": "b", "fixed": 3}
    found = [explorer.explored(config, np.random.default_rng(seed)) for seed in range(30)]
    assert {each["kind"] for each in found} == {"a", "b", "c"}
    assert all(("size" in each) == (each["kind"] == "a") and each["fixed"] == 3 for each in found)
