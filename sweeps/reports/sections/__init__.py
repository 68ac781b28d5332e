"""The sections of a report, a question each, in the order in which a reader asks them."""

from sweeps.reports.sections.advice import next_, stop
from sweeps.reports.sections.best import best
from sweeps.reports.sections.changes import changes
from sweeps.reports.sections.curves import curves
from sweeps.reports.sections.failures import failures
from sweeps.reports.sections.hyperparameters import hyperparameters
from sweeps.reports.sections.importance import importance
from sweeps.reports.sections.isolation import isolation
from sweeps.reports.sections.overview import overview
from sweeps.reports.sections.parallel import parallel
from sweeps.reports.sections.progress import progress
from sweeps.reports.sections.ranges import ranges
from sweeps.reports.sections.retune import retune
from sweeps.reports.sections.timeline import timeline
from sweeps.reports.sections.trust import rungs, surrogate
from sweeps.reports.sections.waste import waste

SECTIONS = (
    overview,
    retune,
    best,
    progress,
    changes,
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
    waste,
    failures,
    next_,
)
