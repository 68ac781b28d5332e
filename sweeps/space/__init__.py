"""Spaces: what may be searched, each hyperparameter in its own scale."""

from sweeps.space.categorical import Choice, Fixed
from sweeps.space.distribution import Distribution, Unsaid
from sweeps.space.grid import Grid
from sweeps.space.growth import End, beyond
from sweeps.space.numeric import (
    IntUniform,
    LogIntUniform,
    LogUniform,
    Numeric,
    ReverseLogUniform,
    Uniform,
)
from sweeps.space.parse import instead_of_list
from sweeps.space.space import Point, Space
from sweeps.space.value import (
    Config,
    Scalar,
    Value,
    as_plain,
    as_stored,
    config_text,
    differing,
    is_among,
    stored_config,
)

__all__ = [
    "Choice",
    "Config",
    "Distribution",
    "End",
    "Fixed",
    "Grid",
    "IntUniform",
    "LogIntUniform",
    "LogUniform",
    "Numeric",
    "Point",
    "ReverseLogUniform",
    "Scalar",
    "Space",
    "Uniform",
    "Unsaid",
    "Value",
    "as_plain",
    "as_stored",
    "beyond",
    "config_text",
    "differing",
    "instead_of_list",
    "is_among",
    "stored_config",
]
