"""A space by name."""

import pytest

import sweeps
from sweeps.errors import BadInput
from sweeps.spec import as_spec, spec_text
from sweeps.spec.yaml_text import read_yaml


def test_a_name_stands_for_a_whole_space_whose_schedule_ends_with_the_sweep():
    spec = as_spec({"space": "mlp", "epochs": 12})
    assert spec.space["decay_horizon"] == {"log": [1.2, 12]}
    assert spec.space["patience"] == 3
    assert as_spec(read_yaml(spec_text(spec, {}), "spec.yaml")).space == spec.space
    assert "hidden_units" in spec_text(spec, {})


def test_a_name_that_no_space_has():
    with pytest.raises(BadInput) as raised:
        as_spec({"space": "mpl"})
    assert "did you mean mlp?" in raised.value.fix


def test_the_network_s_space_in_python(tmp_path):
    options = {"trials": 3, "epochs": 2, "finalists": False, "serial": True, "progress": False}
    result = sweeps.run("mlp", space="mlp", data="digits", out=tmp_path / "run", **options)
    assert 0.2 <= result.best.config["decay_horizon"] <= 2
