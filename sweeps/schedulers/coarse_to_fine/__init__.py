"""Coarse to fine, in space and in epochs; docs/coarse_to_fine.md says how it decides, on one page."""

from sweeps.schedulers.coarse_to_fine.range_growth import Extension, Legal
from sweeps.schedulers.coarse_to_fine.scheduler import CoarseToFine
from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings

__all__ = ["CoarseToFine", "CoarseToFineSettings", "Extension", "Legal"]
