"""A space by name."""

import numpy as np
import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.spec import as_spec, spec_text
from sweeps.spec.yaml_text import read_yaml


@pytest.mark.parametrize(("name", "horizon", "patience"), [("mlp", {"log": [1.2, 12]}, 3), ("cnn", 12, None)])
def test_a_name_stands_for_a_whole_space_whose_schedule_ends_with_the_sweep(name, horizon, patience):
    spec = as_spec({"space": name, "epochs": 12})
    assert spec.space["decay_horizon"] == horizon
    assert spec.space.get("patience") == patience
    assert as_spec(read_yaml(spec_text(spec, {}), "spec.yaml")).space == spec.space
    assert "keep_probability" in spec_text(spec, {})


def test_a_name_that_no_space_has():
    with pytest.raises(BadInput) as raised:
        as_spec({"space": "mpl"})
    assert "did you mean mlp?" in raised.value.fix


def test_the_convolutional_network_s_space_is_one_that_it_takes():
    from trainer import cnn, load_data

    space = sweeps.Space(as_spec({"space": "cnn", "epochs": 12}).space)
    data = load_data("digits")
    for unit in np.linspace(0, 1, 9):
        cnn.check(space.config(np.full(len(space.searched), unit)), data)
    assert set(space.distributions) <= cnn.hyperparameters


def test_the_network_s_space_in_python(tmp_path):
    options = {"trials": 3, "epochs": 2, "finalists": False, "serial": True, "progress": False}
    result = sweeps.run("mlp", space="mlp", data="digits", out=tmp_path / "run", **options)
    assert 0.2 <= result.best.config["decay_horizon"] <= 2
