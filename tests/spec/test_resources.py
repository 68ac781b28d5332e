"""What a spec may say of what each worker gets."""

import pytest

from sweeps.errors import BadInput
from sweeps.spec import DEFAULTS, Resources, as_resources, as_spec, overridden, spec_text


@pytest.mark.parametrize(
    ("form", "resources"),
    [
        ({}, Resources(cpus=1)),
        ({"cpus": 2, "gpus": 0.25}, Resources(cpus=2, gpus=0.25)),
        ({"cpus": 0.5}, Resources(cpus=0.5)),
        ({"memory": "4GiB"}, Resources(memory=4 * 2**30)),
        ({"memory": "1.5 GB"}, Resources(memory=1_500_000_000)),
        ({"memory": "512MiB"}, Resources(memory=512 * 2**20)),
        ({"memory": "100KB"}, Resources(memory=100_000)),
        ({"memory": "3 KiB"}, Resources(memory=3 * 1024)),
        ({"memory": 12345}, Resources(memory=12345)),
        ({"custom": {"licence": 1}}, Resources(custom={"licence": 1})),
    ],
)
def test_forms_and_their_way_back(form, resources):
    assert as_resources(form) == resources
    assert as_resources(resources.to_yaml()) == resources


@pytest.mark.parametrize(
    ("form", "place"),
    [
        (2, "resources"),
        ({"cpu": 2}, "resources.cpu"),
        ({"cpus": 0}, "resources.cpus"),
        ({"cpus": True}, "resources.cpus"),
        ({"cpus": "2"}, "resources.cpus"),
        ({"cpus": float("inf")}, "resources.cpus"),
        ({"gpus": -1}, "resources.gpus"),
        ({"gpus": 1.5}, "resources.gpus"),
        ({"memory": "4 gigs"}, "resources.memory"),
        ({"memory": "4Gi"}, "resources.memory"),
        ({"memory": 0.5}, "resources.memory"),
        ({"custom": ["licence"]}, "resources.custom"),
        ({"custom": {"licence": 0}}, "resources.custom.licence"),
        ({"custom": {"GPU": 1}}, "resources.custom.GPU"),
    ],
)
def test_what_is_refused_is_named(form, place):
    with pytest.raises(BadInput) as caught:
        as_spec({"space": {"x": 1}, "resources": form})
    assert caught.value.place == place
    assert caught.value.fix


def test_a_misspelt_key_finds_its_name():
    with pytest.raises(BadInput, match="did you mean cpus"):
        as_resources({"cpu": 2})


def test_the_command_line_sets_one_of_them():
    kept = spec_text(as_spec({"space": {"x": 1}, "resources": {"memory": "4GiB"}}))
    spec = overridden(kept, "spec", ["resources.cpus=2"])
    assert spec.resources == Resources(cpus=2, memory=4 * 2**30)
    assert overridden("space: {x: 1}", "spec").resources == DEFAULTS.resources
