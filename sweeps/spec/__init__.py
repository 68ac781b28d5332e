"""Specs: a sweep as its user writes it."""

from sweeps.spec.defaults import DEFAULTS, Defaults
from sweeps.spec.finalists import Finalists
from sweeps.spec.limits import Limits, as_limits, duration_text
from sweeps.spec.model import SweepSpec, as_name, as_spec
from sweeps.spec.objective import ObjectiveRule, as_objective
from sweeps.spec.read import overridden, read_spec
from sweeps.spec.resources import Resources, amount_text, as_resources
from sweeps.spec.retuning import Retuning, as_retuning
from sweeps.spec.write import spec_text, versions
from sweeps.spec.yaml_text import read_yaml

__all__ = [
    "DEFAULTS",
    "Defaults",
    "Finalists",
    "Limits",
    "ObjectiveRule",
    "Resources",
    "Retuning",
    "SweepSpec",
    "amount_text",
    "as_limits",
    "as_name",
    "as_objective",
    "as_resources",
    "as_retuning",
    "as_spec",
    "duration_text",
    "overridden",
    "read_spec",
    "read_yaml",
    "spec_text",
    "versions",
]
