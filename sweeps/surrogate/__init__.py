"""A cheap model of what a sweep has seen, to predict what else would give: a Gaussian process.

Pure functions of arrays: nothing here knows of jobs or of a scheduler's rules.
"""

from sweeps.surrogate.features import Features
from sweeps.surrogate.improvement import log_expected_improvement
from sweeps.surrogate.inputs import NEW, Inputs
from sweeps.surrogate.posterior import Posterior
from sweeps.surrogate.process import Process
from sweeps.surrogate.targets import Targets
from sweeps.surrogate.threads import one_thread

__all__ = [
    "NEW",
    "Features",
    "Inputs",
    "Posterior",
    "Process",
    "Targets",
    "log_expected_improvement",
    "one_thread",
]
