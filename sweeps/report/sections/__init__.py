"""The sections of a report, a question each, in the order in which a reader asks them."""

from sweeps.report.sections.advice import next_, stop
from sweeps.report.sections.best import best
from sweeps.report.sections.curves import curves
from sweeps.report.sections.failures import failures
from sweeps.report.sections.hyperparameters import hyperparameters
from sweeps.report.sections.importance import importance
from sweeps.report.sections.isolation import isolation
from sweeps.report.sections.overview import overview
from sweeps.report.sections.parallel import parallel
from sweeps.report.sections.progress import progress
from sweeps.report.sections.ranges import ranges
from sweeps.report.sections.timeline import timeline
from sweeps.report.sections.trust import rungs, surrogate

SECTIONS = (
    overview,
    best,
    progress,
    curves,
    hyperparameters,
    ranges,
    isolation,
    importance,
    parallel,
    rungs,
    surrogate,
    stop,
    timeline,
    failures,
    next_,
)
