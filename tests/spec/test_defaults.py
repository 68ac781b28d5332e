"""Defaults have one home."""

from pathlib import Path

import numpy as np
import pytest

from sweeps.command.template import template
from sweeps.space import Space
from sweeps.spec import DEFAULTS, as_spec, read_yaml, spec_text
from tests.trainer.examples import blobs
from trainer import mlp

SPACE = {"x": {"uniform": [0, 1]}}
KEYS = vars(DEFAULTS).keys()


def test_a_spec_that_says_nothing_has_them():
    spec = as_spec({"space": SPACE})
    assert {key: getattr(spec, key) for key in KEYS} == vars(DEFAULTS)


def test_the_template_writes_what_a_spec_without_it_would_have():
    written = as_spec(read_yaml(template(Path("my sweep.yaml")), "template"))
    assert written.name == "my-sweep"
    assert {key: getattr(written, key) for key in KEYS} == {**vars(DEFAULTS), "name": "my-sweep"}


def test_the_kept_spec_says_them_all():
    kept = read_yaml(spec_text(as_spec({"space": SPACE})), "spec")
    assert kept.keys() >= KEYS
    assert as_spec(kept) == as_spec({"space": SPACE}).model_copy(update={"versions": kept["versions"]})


def test_of_a_table_numbers_are_binned():
    written = template(Path("sweep.yaml"), {"path": "table.csv", "target": "sold"})
    assert "number_bins" in Space(as_spec(read_yaml(written, "template")).space).distributions
    plain = Space(as_spec(read_yaml(template(Path("sweep.yaml")), "template")).space)
    assert "number_bins" not in plain.distributions


def test_what_the_template_leaves_for_later_can_be_taken_in():
    whole = template(Path("sweep.yaml")).replace("  # batch_norm", "  batch_norm")
    space = Space(as_spec(read_yaml(whole, "template")).space)
    for u in (0.0, 0.4, 0.6, 1.0):
        config = space.config(np.full(len(space.searched), u))
        mlp.check(config, blobs())
        assert config.get("batch_norm_beta") == pytest.approx({0.6: 1 - 0.2 * 0.005**0.6, 1.0: 0.999}.get(u))
